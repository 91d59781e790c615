using CarbonLedger.Core.Retirements;

namespace CarbonLedger.Core.Claims;

/// <summary>Sets more retired kilograms against a claim's inventory, no more than it lacks. A claim that is covered again is published again.</summary>
public sealed record TopUpClaim(ClaimId Claim, IReadOnlyList<RetirementId> Retirements) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Claim.Value);
        ClaimableUnits.Collect(needs, Retirements);
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<ClaimState>(Claim.Value) is not { } claim)
        {
            return new Refusal.ClaimNotFound(Claim);
        }

        if (!context.Actor.MayActFor(claim.Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Topping up a claim", "its organization");
        }

        if (claim.Status == ClaimStatus.Withdrawn || claim.IsCovered)
        {
            return new Refusal.ClaimNotInState(Claim, claim.Status, claim.IsCovered ? "topping up what is covered" : "topping up");
        }

        var (parts, refusal) = ClaimableUnits.Take(register, context, claim.Organization, claim.Period, Retirements, claim.Emissions - claim.Covering);
        if (refusal is not null)
        {
            return refusal;
        }

        var flagged = parts.SelectMany(p => p.Units).FirstOrDefault(u => claim.Flags.Any(f => f.Voucher == u.Voucher));
        if (flagged is not null)
        {
            return new Refusal.VoucherNotInClaim(Claim, flagged.Voucher);
        }

        var covering = claim.Covering + Kilograms.FromKilograms(parts.Sum(p => p.Kilograms.Value));
        if (covering < claim.Emissions)
        {
            return new Refusal.ClaimShortOfEmissions(covering, claim.Emissions);
        }

        // From here the top-up must succeed.
        return Decision.Accept(
            Claim.Value,
            [
                new ClaimEvent.ClaimToppedUp(Claim, parts),
                .. claim.Status == ClaimStatus.UnderCovered ? [new ClaimEvent.ClaimPublished(Claim, claim.Emissions)] : Array.Empty<LedgerEvent>(),
                .. parts.Select(p => new RetirementEvent.RetirementClaimed(p.Retirement, Claim, claim.Organization, p.First, p.Last)),
            ]);
    }
}
