using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Retirements;

namespace CarbonLedger.Core.Claims;

/// <summary>Gives a claim up. Its kilograms stay retired and are usable again by the same beneficiary.</summary>
public sealed record WithdrawClaim(ClaimId Claim, string Reason) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Claim.Value);
        if (needs.Register.Knows(Claim.Value) && needs.Register.Find<ClaimState>(Claim.Value) is { } claim)
        {
            needs.State(claim.Inventory.Value);
            foreach (var part in claim.Parts)
            {
                needs.State(part.Retirement.Value);
            }
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<ClaimState>(Claim.Value) is not { } claim)
        {
            return new Refusal.ClaimNotFound(Claim);
        }

        if (!context.Actor.MayActFor(claim.Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Withdrawing a claim", "its organization");
        }

        if (claim.Status == ClaimStatus.Withdrawn)
        {
            return new Refusal.ClaimNotInState(Claim, claim.Status, "withdrawing");
        }

        // From here the withdrawal must succeed.
        return Decision.Accept(
            Claim.Value,
            [
                new ClaimEvent.ClaimWithdrawn(Claim, Reason),
                new InventoryEvent.InventoryUnclaimed(claim.Inventory, Claim),
                .. claim.Parts.Select(p => p.Retirement).Distinct().Select(r => new RetirementEvent.RetirementUnclaimed(r, Claim)),
            ]);
    }
}
