using CarbonLedger.Core.Log;
using CarbonLedger.Core.Trades;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Trades;

public static class TradeEndpoints
{
    private const string Path = "/v1/trades/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/trades").WithTags("Trades");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.TradePost, wire => Register(wire, http.RequestServices.GetRequiredService<LogClock>())))
            .Describes<TradePost>("Register a trade", "An exchange registers a sale. With settlement immediate the units move at once; with deferred they are held in the seller's account until the venue settles or voids, and come free by themselves at holdUntil, after 90 days when it is absent. amount is Σ price × tonnes, each line rounded half away from zero to the fen. 409 trade-number-taken when the venue used the number before.")
            .Shows("""{"venueId":"0198f2c0-0000-7000-8000-000000000004","venueTradeNumber":"T-20210820-0001","sellerAccountId":"0198f2c0-0000-7000-8000-000000000002","buyerAccountId":"0198f2c0-0000-7000-8000-000000000003","lines":[{"voucherId":"0198f2c0-0000-7000-8000-000000000001","kilograms":1000,"pricePerTonne":"41.94"}],"tradedAt":"2021-08-20T02:00:00Z","settlement":"immediate"}""");
        group.Post("/{id:guid}/settle", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.SettlementPost, _ => new Posted(
                new SettleTrade(new TradeId(id)), RenderSettled, Path)))
            .Describes<SettlementPost>("Settle a trade", "The money is there: the held units go to the buyer. Only the venue settles: send its id as Acting-Organization; everyone else, the registrar included, gets 403 not-the-venue. 409 hold-expired once holdUntil is over, units-frozen or account-frozen under a freeze, voucher-revoked after a revocation.");
        group.Post("/{id:guid}/void", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.ReasonWire, wire => new Posted(
                new VoidTrade(new TradeId(id), Input.Reason(wire.Reason)), (made, events) => Render(made, events, TradeStatus.Voided), Path)))
            .Describes<ReasonWire>("Void a trade", "The hold ends and the units stay the seller's. Only the venue voids. A freeze does not stop it and stays on the units.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireTradeWire, async q =>
                PageOf(q, await TradeFinder.ListAsync(http.Request.Query, q))))
            .Answers<PageWire<TradeWire>>("List trades", "In the order of registration, settled, voided and expired ones included; with venueId those of one venue, with date besides those of a day, with venueTradeNumber the one that has it there. The latter two exclude each other: 400 value-out-of-range.", list: true)
            .Asks("venueId", Forms.Id, "Only those that this venue registered.")
            .Asks("date", Forms.Date, "Only those whose trade time lies on this day in Asia/Shanghai; goes with venueId.")
            .Asks("venueTradeNumber", Forms.Name(64), "Only the trade with this number; goes with venueId.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.TradeWire, q => ReadAsync(new TradeId(id), q)))
            .Answers<TradeWire>("Get a trade", "Parties, lines, amounts and where it stands, now or at a past instant.");
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<TradeState>(http, id, new Refusal.TradeNotFound(new TradeId(id))))
            .Answers<EventsWire>("Events of a trade", "Its history in order: registered, settled, voided, expired; after counts versions of the stream.", feed: Feed.Stream);
    }

    public static PageWire<TradeWire> PageOf(ReadQuestion q, IReadOnlyList<Placed<TradeState>> trades) => PageWire.Of(q, trades, s => Of(s, null, q.Now));

    public static async Task<TradeWire> ReadAsync(TradeId id, ReadQuestion q)
    {
        var state = await q.Get<ThingReader>().FindAsync<TradeState>(id.Value, q, new Refusal.TradeNotFound(id));
        return Of(state, (await q.Get<LogReader>().StreamAsync(id.Value, 0, q.UpTo, 1, CancellationToken.None))[0].LogIndex, q.Now);
    }

    private static Posted Register(TradePost wire, LogClock clock)
    {
        if (wire is { Settlement: Settlement.Immediate, HoldUntil: not null })
        {
            throw Input.OutOfRange("holdUntil", "is given with settlement deferred, and only then");
        }

        var until = wire.HoldUntil ?? (wire.Settlement == Settlement.Deferred ? clock.Now + RegisterTrade.HoldMax : (Instant?)null);

        var command = new RegisterTrade(
            new TradeId(Guid.CreateVersion7()),
            wire.VenueId,
            Input.Code(wire.VenueTradeNumber, "venueTradeNumber"),
            wire.SellerAccountId,
            wire.BuyerAccountId,
            Input.Lines(wire.Lines),
            [.. wire.Lines.Select(l => l.PricePerTonne)],
            RegistryCalendar.ToMicroseconds(wire.TradedAt),
            until is { } end ? RegistryCalendar.ToMicroseconds(end) : null);
        return new Posted(command, command.HoldUntil is null ? RenderSettled : RenderHeld, Path);
    }

    private static byte[] RenderHeld(Guid id, IReadOnlyList<RecordedEvent> events) =>
        Render(id, events, TradeStatus.Registered, events.Select(e => e.Fact).OfType<TradeEvent.TradeRegistered>().Single().Amount);

    private static byte[] RenderSettled(Guid id, IReadOnlyList<RecordedEvent> events) =>
        Render(id, events, TradeStatus.Settled, events.Select(e => e.Fact).OfType<TradeEvent.TradeSettled>().Single().Amount);

    private static byte[] Render(Guid id, IReadOnlyList<RecordedEvent> events, TradeStatus status, Money? amount = null) => AcceptedWire.Bytes(new AcceptedWire
    {
        Id = id,
        LogIndex = events[^1].LogIndex,
        Status = Names.Of(status),
        Lines = AcceptedWire.LinesOf(events),
        Amount = amount,
    });

    private static TradeWire Of(TradeState s, long? logIndex, Instant now) => new()
    {
        Id = s.Id,
        VenueId = s.Venue,
        VenueTradeNumber = s.VenueTradeNumber,
        SellerAccountId = s.Seller,
        BuyerAccountId = s.Buyer,
        Lines = [.. s.Lines.Select(l => new TradeLineWire
        {
            VoucherId = l.Voucher,
            Kilograms = l.Serials.Kilograms.Value,
            Ranges = UnitsWire.RangesOf(l.Serials),
            PricePerTonne = l.PricePerTonne,
            Amount = l.Amount,
        })],
        Amount = s.Amount,
        TradedAt = s.TradedAt,
        Status = Names.Of(s.Status),
        HoldUntil = s.HoldUntil,
        Lapsed = s.Status == TradeStatus.Registered && s.HasLapsed(now) ? true : null,
        VoidReason = s.VoidReason,
        LogIndex = logIndex,
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

    /// <summary><c>immediate</c>, or <c>deferred</c>: the units are held until the venue settles or voids.</summary>
    /// <example>immediate</example>
    public required Settlement Settlement { get; init; }

    /// <summary>For deferred settlement, and only then: when the hold ends by itself, in UTC; after now and at most 90 days ahead, which it is when absent.</summary>
    /// <example>2099-08-27T02:00:00Z</example>
    public Instant? HoldUntil { get; init; }
}

/// <summary>The settlement of a registered trade; all that it needs stands in the trade.</summary>
public sealed record SettlementPost;

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

    /// <summary><c>registered</c> (its units are held), <c>settled</c>, <c>voided</c> or <c>expired</c>.</summary>
    public required string Status { get; init; }

    /// <summary>When the hold of a deferred settlement ends, or ended at the latest.</summary>
    public Instant? HoldUntil { get; init; }

    /// <summary>True when a registered trade's hold is over and its end, <c>expired</c>, is about to be recorded: it can be settled no more. Absent otherwise.</summary>
    public bool? Lapsed { get; init; }

    /// <summary>What the venue said when it voided the trade.</summary>
    public string? VoidReason { get; init; }

    /// <summary>The log position of its registration; absent in a list.</summary>
    public long? LogIndex { get; init; }
}
