using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Prices;

public static class ReferencePriceEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/reference-prices").WithTags("Reference prices");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.ReferencePricePost, wire => new Posted(
                new PublishReferencePrice(new ReferencePriceId(Guid.CreateVersion7()), wire.VenueId, wire.Date, wire.PricePerTonne),
                AcceptedWire.Render,
                "/v1/reference-prices/")))
            .Describes<ReferencePricePost>("Publish a reference price", "What a tonne is worth at a venue on a date, not in the future; a later one for the same date supersedes it. Collateral is valued at the newest one.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.ReferencePriceWire, async q =>
                await q.Get<LogReader>().StreamAsync(id, 0, q.UpTo, 1, CancellationToken.None) is [{ Fact: ReferencePriceEvent.ReferencePricePublished e } recorded]
                    ? new ReferencePriceWire { Id = id, VenueId = e.Venue, Date = e.Date, PricePerTonne = e.PricePerTonne, LogIndex = recorded.LogIndex }
                    : throw new BadInputException(EdgeProblem.ReferencePriceNotFound, $"There is no reference price {id}.")))
            .Answers<ReferencePriceWire>("Get a reference price", "Venue, date and price.");
    }
}

/// <summary>A reference price to publish.</summary>
public record ReferencePricePost
{
    /// <summary>An organization with the role exchange.</summary>
    public required OrganizationId VenueId { get; init; }

    /// <summary>The date it is for.</summary>
    /// <example>2021-08-20</example>
    public required LocalDate Date { get; init; }

    /// <summary>CNY per tonne, above 0, at most four decimals.</summary>
    /// <example>41.94</example>
    public required PricePerTonne PricePerTonne { get; init; }
}

/// <summary>A published reference price.</summary>
public sealed record ReferencePriceWire : ReferencePricePost
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its log position.</summary>
    public required long LogIndex { get; init; }
}
