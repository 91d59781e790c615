using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Retirements;

namespace CarbonLedger.Core.Claims;

/// <summary>Sets retired kilograms against an inventory, as a draft. Refused when they do not cover it (C2).</summary>
public sealed record MakeClaim(ClaimId Claim, InventoryId Inventory, IReadOnlyList<RetirementId> Retirements) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Inventory.Value);
        ClaimableUnits.Collect(needs, Retirements);
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<InventoryState>(Inventory.Value) is not { } inventory)
        {
            return new Refusal.InventoryNotFound(Inventory);
        }

        if (!context.Actor.MayActFor(inventory.Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Making a claim", "the inventory's organization");
        }

        if (inventory.Claim is { } claim)
        {
            return new Refusal.InventoryAlreadyClaimed(Inventory, claim);
        }

        var (parts, refusal) = ClaimableUnits.Take(register, context, inventory.Organization, inventory.Period, Retirements, inventory.Emissions);
        if (refusal is not null)
        {
            return refusal;
        }

        var retired = Kilograms.FromKilograms(parts.Sum(p => p.Kilograms.Value));
        if (retired < inventory.Emissions)
        {
            return new Refusal.ClaimShortOfEmissions(retired, inventory.Emissions);
        }

        // From here the claim must succeed.
        return Decision.Accept(
            Claim.Value,
            [
                new ClaimEvent.ClaimDrafted(Claim, Inventory, inventory.Organization, inventory.Period, inventory.Emissions, parts),
                new InventoryEvent.InventoryClaimed(Inventory, Claim),
                .. parts.Select(p => new RetirementEvent.RetirementClaimed(p.Retirement, Claim, inventory.Organization, p.First, p.Last)),
            ]);
    }
}
