using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Factors;

namespace CarbonLedger.Core.Inventories;

/// <summary>Replaces what an inventory says; the version before stays readable. A claim about it follows (C5).</summary>
public sealed record RestateInventory(InventoryId Inventory, InventoryDraft Draft, string Reason) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Inventory.Value);
        Draft.Collect(needs);
        if (needs.Register.Knows(Inventory.Value) && needs.Register.Find<InventoryState>(Inventory.Value)?.Claim is { } claim)
        {
            needs.State(claim.Value);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<InventoryState>(Inventory.Value) is not { } inventory)
        {
            return new Refusal.InventoryNotFound(Inventory);
        }

        if (!context.Actor.MayActFor(inventory.Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Restating an inventory", "its organization");
        }

        var (content, refusal) = Draft.Resolve(register.Find<FactorSeriesState>, register.IsTaken, inventory.Period, inventory.GreenCertificates);
        if (content is null)
        {
            return refusal!;
        }

        // From here the restatement must succeed.
        var restated = new InventoryEvent.InventoryRestated(Inventory, content, Reason);
        var claim = inventory.Claim is { } id ? register.Find<ClaimState>(id.Value) : null;
        return Decision.Accept(Inventory.Value, [restated, .. Claim.Follow(claim, Inventories.Inventory.Emissions(content))]);
    }
}
