namespace CarbonLedger.Core.Pledges;

/// <summary>A court's order ends a pledge.</summary>
public sealed record VoidPledge(PledgeId Pledge, string Authority, string DocumentNumber, string? Reason) : Command
{
    public override void Collect(Needs needs) => Pledges.Pledge.Collect(needs, Pledge);

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Voiding a pledge", "the registrar, on a court's order");
        }

        if (register.Find<PledgeState>(Pledge.Value) is not { } pledge)
        {
            return new Refusal.PledgeNotFound(Pledge);
        }

        if (!pledge.IsInForce)
        {
            return new Refusal.PledgeNotInForce(Pledge, pledge.Status);
        }

        // From here the voiding must succeed.
        return Decision.Accept(
            Pledge.Value,
            [new PledgeEvent.PledgeVoided(Pledge, Authority, DocumentNumber, Reason), .. Pledges.Pledge.Unlocked(pledge, pledge.Units)]);
    }
}
