using CarbonLedger.Core.Log;
using CarbonLedger.Core.Trades;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Trades;

public static class TradeEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/trades").WithTags("Trades");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.TradePost, Register))
            .Describes<TradePost>("Register a trade", "An exchange registers a sale; the units move at once. amount is Σ price × tonnes, each line rounded half away from zero to the fen. 409 trade-number-taken when the venue used the number before.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.TradeWire, async q =>
                await q.Get<LogReader>().StreamAsync(id, 0, q.UpTo, 1, CancellationToken.None) is [{ Fact: TradeEvent.TradeSettled e } recorded]
                    ? Of(e, recorded)
                    : throw new BadInputException(EdgeProblem.TradeNotFound, $"There is no trade {id}.")))
            .Answers<TradeWire>("Get a trade", "Parties, lines and amounts.");
    }

    private static Posted Register(TradePost wire)
    {
        if (wire.Settlement != Settlement.Immediate || wire.HoldUntil is not null)
        {
            throw new BadInputException(EdgeProblem.NotSupported, "Deferred settlement is not built yet. Register the trade with settlement immediate once it is paid.");
        }

        var command = new RegisterTrade(
            new TradeId(Guid.CreateVersion7()),
            wire.VenueId,
            Input.Text(wire.VenueTradeNumber, "venueTradeNumber", 64),
            wire.SellerAccountId,
            wire.BuyerAccountId,
            Input.Lines(wire.Lines),
            [.. wire.Lines.Select(l => l.PricePerTonne)],
            RegistryCalendar.ToMicroseconds(wire.TradedAt));
        return new Posted(command, Render, "/v1/trades/");
    }

    private static byte[] Render(Guid id, IReadOnlyList<RecordedEvent> events) => AcceptedWire.Bytes(new AcceptedWire
    {
        Id = id,
        LogIndex = events[^1].LogIndex,
        Status = "settled",
        Lines = AcceptedWire.LinesOf(events),
        Amount = ((TradeEvent.TradeSettled)events[0].Fact).Amount,
    });

    private static TradeWire Of(TradeEvent.TradeSettled e, RecordedEvent recorded) => new()
    {
        Id = e.Trade.Value,
        VenueId = e.Venue,
        VenueTradeNumber = e.VenueTradeNumber,
        SellerAccountId = e.Seller,
        BuyerAccountId = e.Buyer,
        Lines = [.. e.Lines.Select(l => new TradeLineWire
        {
            VoucherId = l.Voucher,
            Kilograms = l.Serials.Kilograms.Value,
            Ranges = UnitsWire.RangesOf(l.Serials),
            PricePerTonne = l.PricePerTonne,
            Amount = l.Amount,
        })],
        Amount = e.Amount,
        TradedAt = e.TradedAt,
        Status = "settled",
        LogIndex = recorded.LogIndex,
    };
}

/// <summary>When the units move.</summary>
public enum Settlement
{
    Immediate,
    Deferred,
}

/// <summary>Units of one voucher and their price.</summary>
public sealed record TradeLinePost : LineWire
{
    /// <summary>CNY per tonne, above 0, at most four decimals.</summary>
    /// <example>41.94</example>
    public required PricePerTonne PricePerTonne { get; init; }
}

/// <summary>A trade to register.</summary>
public sealed record TradePost
{
    /// <summary>An organization with the role exchange.</summary>
    public required OrganizationId VenueId { get; init; }

    /// <summary>The venue's own number of the trade, unique per venue, at most 64 characters.</summary>
    /// <example>LZ-2021-0001</example>
    public required string VenueTradeNumber { get; init; }

    /// <summary>The seller's account.</summary>
    public required AccountId SellerAccountId { get; init; }

    /// <summary>The buyer's account.</summary>
    public required AccountId BuyerAccountId { get; init; }

    /// <summary>1 to 100 lines, each of another voucher.</summary>
    public required IReadOnlyList<TradeLinePost> Lines { get; init; }

    /// <summary>When the trade was made, in UTC; not in the future.</summary>
    /// <example>2021-08-20T02:00:00Z</example>
    public required Instant TradedAt { get; init; }

    /// <summary><c>immediate</c>; <c>deferred</c> is refused in this version.</summary>
    /// <example>immediate</example>
    public required Settlement Settlement { get; init; }

    /// <summary>For deferred settlement only.</summary>
    public Instant? HoldUntil { get; init; }
}

/// <summary>A line of a registered trade.</summary>
public sealed record TradeLineWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>Kilograms sold.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The serial ranges sold.</summary>
    public required IReadOnlyList<RangeWire> Ranges { get; init; }

    /// <summary>CNY per tonne.</summary>
    public required PricePerTonne PricePerTonne { get; init; }

    /// <summary>price × tonnes in CNY, rounded half away from zero to the fen.</summary>
    public required Money Amount { get; init; }
}

/// <summary>A registered trade.</summary>
public sealed record TradeWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The exchange.</summary>
    public required OrganizationId VenueId { get; init; }

    /// <summary>The venue's number.</summary>
    public required string VenueTradeNumber { get; init; }

    /// <summary>The seller's account.</summary>
    public required AccountId SellerAccountId { get; init; }

    /// <summary>The buyer's account.</summary>
    public required AccountId BuyerAccountId { get; init; }

    /// <summary>Its lines.</summary>
    public required IReadOnlyList<TradeLineWire> Lines { get; init; }

    /// <summary>The sum of the lines in CNY.</summary>
    /// <example>503280.00</example>
    public required Money Amount { get; init; }

    /// <summary>When it was made.</summary>
    public required Instant TradedAt { get; init; }

    /// <summary><c>settled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The log position of its registration.</summary>
    public required long LogIndex { get; init; }
}
