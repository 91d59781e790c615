using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Pledges;

/// <summary>Puts new units under a pledge and releases others, in one command: the lender is never uncovered in between.</summary>
/// <remarks>On the new units its rank is by arrival, as everybody's (P2): behind whoever stands there, and never equal with one that did not come with it.</remarks>
/// <param name="In">Units of the pledgor: free ones for an exclusive pledge, for a ranked one also such as stand under ranked pledges.</param>
/// <param name="Out">Units under the pledge.</param>
public sealed record SubstituteUnits(PledgeId Pledge, IReadOnlyList<Line> In, IReadOnlyList<Line> Out, string? Reason) : Command
{
    public override void Collect(Needs needs)
    {
        if (Pledges.Pledge.Collect(needs, Pledge) is not { } pledge)
        {
            return;
        }

        needs.State(pledge.Pledgor.Value);
        foreach (var line in In)
        {
            needs.Line(pledge.Pledgor, line);
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

        if (pledge.Status is not (PledgeStatus.Registered or PledgeStatus.PartiallyReleased or PledgeStatus.DefaultNotified))
        {
            return new Refusal.PledgeNotInState(Pledge, pledge.Status, "substituting its units");
        }

        if (Account.CannotGive(register.Find<AccountState>(pledge.Pledgor.Value)!) is { } account)
        {
            return account;
        }

        var (gone, refusal) = Pledges.Pledge.Choose(pledge, Out);
        if (refusal is not null)
        {
            return refusal;
        }

        (var taken, refusal) = FreeUnits.Take(register, pledge.Pledgor, In, new Taker(BehindRanked: pledge.Mode == PledgeMode.Ranked, Pledge));
        if (refusal is not null)
        {
            return refusal;
        }

        // From here the substitution must succeed: the new units come first.
        var units = taken.Select(t => new VoucherSerials(t.Voucher, t.Serials)).ToArray();
        return Decision.Accept(
            Pledge.Value,
            [
                new PledgeEvent.PledgeSubstituted(Pledge, units, gone, Reason),
                .. units.Select(u => new VoucherEvent.UnitsPledged(u.Voucher, Pledge, pledge.Pledgor, u.Serials, pledge.Mode)), // alone, so with a rank of its own
                .. Pledges.Pledge.Unlocked(pledge, gone),
            ]);
    }
}
