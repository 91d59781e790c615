using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Pledges;

/// <summary>The pledgee gives up its lien, on all units or on some. Nobody else can (P1).</summary>
/// <param name="Lines">Null for all units that are left under the pledge; a quantity takes the lowest of them.</param>
public sealed record ReleasePledge(PledgeId Pledge, IReadOnlyList<Line>? Lines, ReleaseReason Reason) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Pledge.Value);
        if (needs.Register.Knows(Pledge.Value) && needs.Register.Find<PledgeState>(Pledge.Value) is { } pledge)
        {
            foreach (var units in pledge.Units)
            {
                needs.State(units.Voucher.Value);
                needs.Serial(units.Voucher, units.Serials);
            }
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<PledgeState>(Pledge.Value) is not { } pledge)
        {
            return new Refusal.PledgeNotFound(Pledge);
        }

        if (context.Actor.Organization != pledge.Pledgee)
        {
            return new Refusal.NotThePledgee(context.Actor, Pledge);
        }

        if (pledge.Status == PledgeStatus.Released)
        {
            return new Refusal.PledgeNotInForce(Pledge, pledge.Status);
        }

        var (released, refusal) = Lines is null ? (pledge.Units, null) : Choose(pledge, Lines);
        if (refusal is not null)
        {
            return refusal;
        }

        // From here the release must succeed.
        return Decision.Accept(
            Pledge.Value,
            [
                new PledgeEvent.PledgeReleased(Pledge, released, Reason),
                .. released.Select(u => new VoucherEvent.UnitsReleased(u.Voucher, Pledge, pledge.Pledgor, u.Serials)),
            ]);
    }

    private static (IReadOnlyList<PledgedUnits> Released, Refusal? Refusal) Choose(PledgeState pledge, IReadOnlyList<Line> lines)
    {
        var released = new List<PledgedUnits>(lines.Count);
        foreach (var line in lines)
        {
            if (released.Any(r => r.Voucher == line.Voucher))
            {
                return ([], new Refusal.DuplicateVoucherLine(line.Voucher));
            }

            var pledged = pledge.Units.FirstOrDefault(u => u.Voucher == line.Voucher)?.Serials ?? SerialRanges.Empty;
            var serials = line.Ranges is { } ranges
                ? pledged.Contains(ranges) ? ranges : null
                : pledged.TakeLowest(line.Kilograms);
            if (serials is null)
            {
                return ([], new Refusal.ReleaseExceedsPledge(pledge.Pledge, line.Voucher, line.Kilograms, pledged.Kilograms));
            }

            released.Add(new PledgedUnits(line.Voucher, serials));
        }

        return (released, null);
    }
}
