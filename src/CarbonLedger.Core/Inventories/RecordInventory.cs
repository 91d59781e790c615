using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Organizations;

namespace CarbonLedger.Core.Inventories;

/// <summary>Puts on record what an organization emitted within a boundary and a period.</summary>
public sealed record RecordInventory(InventoryId Inventory, OrganizationId Organization, Boundary Boundary, DatePeriod Period, InventoryDraft Draft) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Organization.Value);
        Draft.Collect(needs);
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<OrganizationState>(Organization.Value) is null)
        {
            return new Refusal.OrganizationNotFound(Organization);
        }

        if (!context.Actor.MayActFor(Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Recording an inventory", "its organization");
        }

        var (content, refusal) = Draft.Resolve(register.Find<FactorSeriesState>, register.IsTaken, Period, []);
        if (content is null)
        {
            return refusal!;
        }

        // From here the record must succeed.
        return Decision.Accept(Inventory.Value, new InventoryEvent.InventoryRecorded(Inventory, Organization, Boundary, Period, content));
    }
}
