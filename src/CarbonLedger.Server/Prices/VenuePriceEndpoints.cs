using CarbonLedger.Server.Http;
using NodaTime.Text;

namespace CarbonLedger.Server.Prices;

public static class VenuePriceEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .Get("/v1/venues/{id:guid}/prices", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.VenuePricesWire, q =>
            q.Get<PriceReader>().HistoryAsync(new OrganizationId(id), Day(http, "from"), Day(http, "to"), q)))
        .WithTags("Reference prices")
        .Answers<VenuePricesWire>("Prices of a venue", "Settled trades day by day, with volume, average and last price, beside the reference prices it published; now or as it was known at a past instant.", list: true)
        .WithMetadata(new PeriodMarker());

    /// <summary>Empty only on a page for people, whose form was sent without a date.</summary>
    public static LocalDate? Day(HttpContext http, string name) => http.Request.Query[name].ToString() is { Length: > 0 } text
        ? Input.Date(text, name)
        : null;
}

/// <summary>What a venue's trades and publications were.</summary>
public sealed record VenuePricesWire
{
    /// <summary>The venue.</summary>
    public required OrganizationId VenueId { get; init; }

    /// <summary>The log position that the answer reflects.</summary>
    public required long LogIndex { get; init; }

    /// <summary>All days of the period together.</summary>
    public required VenueTotalWire Total { get; init; }

    /// <summary>The days with a trade or a reference price, ascending.</summary>
    public required IReadOnlyList<VenueDayWire> Days { get; init; }

    /// <summary>Give this as <c>cursor</c> for the next page; absent on the last one.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>Settled trades of some days.</summary>
public record VenueTradesWire
{
    /// <summary>How many trades.</summary>
    public required long Trades { get; init; }

    /// <summary>Their volume in kilograms.</summary>
    public required long Kilograms { get; init; }

    /// <summary>Their amount in CNY.</summary>
    public required Money Amount { get; init; }

    /// <summary>The average price weighted by volume, CNY per tonne to four decimals; absent without a trade.</summary>
    public PricePerTonne? Average { get; init; }

    /// <summary>The price of the last trade by its trade time; absent without a trade.</summary>
    public PricePerTonne? Last { get; init; }
}

/// <summary>Settled trades of a period.</summary>
public sealed record VenueTotalWire : VenueTradesWire
{
    /// <summary>The date of the last trade; absent without a trade.</summary>
    public LocalDate? LastDate { get; init; }
}

/// <summary>One day of a venue.</summary>
public sealed record VenueDayWire : VenueTradesWire
{
    /// <summary>The date of the trade times, in Asia/Shanghai.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>The lowest price of the day; absent without a trade.</summary>
    public PricePerTonne? Lowest { get; init; }

    /// <summary>The highest price of the day; absent without a trade.</summary>
    public PricePerTonne? Highest { get; init; }

    /// <summary>The reference price published for the day, the newest one; absent without one.</summary>
    public PricePerTonne? ReferencePrice { get; init; }
}
