using CarbonLedger.Core.Organizations;

namespace CarbonLedger.Core.Prices;

public abstract record ReferencePriceEvent : LedgerEvent
{
    private ReferencePriceEvent() { }

    /// <summary>A venue published what a tonne is worth on a date. A later one for the same date supersedes it.</summary>
    public sealed record ReferencePricePublished(ReferencePriceId ReferencePrice, OrganizationId Venue, LocalDate Date, PricePerTonne PricePerTonne)
        : ReferencePriceEvent
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public override Guid Stream => ReferencePrice.Value;
    }
}

/// <summary>Publishes a venue's reference price of a date.</summary>
public sealed record PublishReferencePrice(ReferencePriceId ReferencePrice, OrganizationId Venue, LocalDate Date, PricePerTonne PricePerTonne) : Command
{
    public override void Collect(Needs needs) => needs.State(Venue.Value);

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.MayActFor(Venue))
        {
            return new Refusal.NotAuthorized(context.Actor, "Publishing a reference price", "its venue");
        }

        if (Organization.Lacks(register, Venue, Role.Exchange) is { } venue)
        {
            return venue;
        }

        if (Date > context.Today)
        {
            return new Refusal.DateInFuture("The price's date", Date, context.Today);
        }

        // From here the publication must succeed.
        return Decision.Accept(
            ReferencePrice.Value,
            new ReferencePriceEvent.ReferencePricePublished(ReferencePrice, Venue, Date, PricePerTonne));
    }
}
