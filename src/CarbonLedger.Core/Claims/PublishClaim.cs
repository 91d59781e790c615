namespace CarbonLedger.Core.Claims;

/// <summary>Lets a draft stand in public (C1: retired first, published after).</summary>
public sealed record PublishClaim(ClaimId Claim) : Command
{
    public override void Collect(Needs needs) => needs.State(Claim.Value);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<ClaimState>(Claim.Value) is not { } claim)
        {
            return new Refusal.ClaimNotFound(Claim);
        }

        if (!context.Actor.MayActFor(claim.Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Publishing a claim", "its organization");
        }

        if (claim.Status != ClaimStatus.Draft)
        {
            return new Refusal.ClaimNotInState(Claim, claim.Status, "publishing");
        }

        if (!claim.IsCovered)
        {
            return new Refusal.ClaimShortOfEmissions(claim.Covering, claim.Emissions);
        }

        // From here the publication must succeed.
        return Decision.Accept(Claim.Value, new ClaimEvent.ClaimPublished(Claim, claim.Emissions));
    }
}
