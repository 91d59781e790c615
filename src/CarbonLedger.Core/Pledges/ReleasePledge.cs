namespace CarbonLedger.Core.Pledges;

/// <summary>The pledgee gives up its lien, on all units or on some. Nobody else can (P1).</summary>
/// <param name="Lines">Null for all units that are left under the pledge; a quantity takes the lowest of them.</param>
public sealed record ReleasePledge(PledgeId Pledge, IReadOnlyList<Line>? Lines, ReleaseReason Reason) : Command
{
    public override void Collect(Needs needs) => Pledges.Pledge.Collect(needs, Pledge);

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

        if (!pledge.IsInForce)
        {
            return new Refusal.PledgeNotInForce(Pledge, pledge.Status);
        }

        var (released, refusal) = Pledges.Pledge.Choose(pledge, Lines);
        if (refusal is not null)
        {
            return refusal;
        }

        // From here the release must succeed.
        return Decision.Accept(
            Pledge.Value,
            [
                new PledgeEvent.PledgeReleased(Pledge, released, Reason),
                .. Pledges.Pledge.Unlocked(pledge, released),
            ]);
    }
}
