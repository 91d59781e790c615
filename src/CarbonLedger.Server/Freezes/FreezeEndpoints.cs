using CarbonLedger.Core.Freezes;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Freezes;

public static class FreezeEndpoints
{
    private const string Path = "/v1/freezes/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/freezes").WithTags("Freezes");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.FreezePost, Order))
            .Describes<FreezePost>("Record a freeze", "A court's or regulator's stop on exact serials, whoever holds them and whatever else lies on them, or on a whole account. It stops transfer, retirement, new pledges and enforcement, and outlives a release. Several may lie on one range. For the registrar, on the authority's document.")
            .Shows("""{"lines":[{"voucherId":"0198f2c0-0000-7000-8000-000000000001","ranges":[{"first":1,"last":1000}]}],"authority":"Intermediate court","documentNumber":"2021-Z-1","kind":"judicial"}""");
        group.Post("/{id:guid}/lift", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.LiftPost, wire => Lift(new FreezeId(id), wire)))
            .Describes<LiftPost>("Lift a freeze", "On a document of the authority that ordered it; 409 authority-differs for any other. Pledges and other freezes on the same units stay.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireFreezeWire, async q =>
                PageWire.Of(q, await q.Get<ThingReader>().ListAsync<FreezeState>("freeze", q), Of)))
            .Answers<PageWire<FreezeWire>>("List freezes", "In the order in which they were recorded, lifted ones included.", list: true);
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.FreezeWire, async q =>
                Of(await q.Get<ThingReader>().FindAsync<FreezeState>(id, q, new Refusal.FreezeNotFound(new FreezeId(id))))))
            .Answers<FreezeWire>("Get a freeze", "What it lies on and on whose document, now or at a past instant.");
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<FreezeState>(http, id, new Refusal.FreezeNotFound(new FreezeId(id))))
            .Answers<EventsWire>("Events of a freeze", "Its history in order: ordered, lifted; after counts versions of the stream.", feed: Feed.Stream);
    }

    private static Posted Order(FreezePost wire)
    {
        if ((wire.Lines is null) == (wire.AccountId is null))
        {
            throw Input.OutOfRange("lines", "or accountId must be given, and only one of them");
        }

        var command = new OrderFreeze(
            new FreezeId(Guid.CreateVersion7()),
            wire.AccountId,
            wire.Lines is null ? null : Input.Lines(wire.Lines),
            wire.Kind,
            Input.Text(wire.Authority, "authority"),
            Input.Text(wire.DocumentNumber, "documentNumber", 64),
            Input.Reason(wire.Reason));
        return new Posted(command, (id, events) => Render(id, events, "active"), Path);
    }

    private static Posted Lift(FreezeId id, LiftPost wire) => new(
        new LiftFreeze(id, Input.Text(wire.Authority, "authority"), Input.Text(wire.DocumentNumber, "documentNumber", 64), Input.Reason(wire.Reason)),
        (made, events) => Render(made, events, "lifted"),
        Path);

    private static byte[] Render(Guid id, IReadOnlyList<RecordedEvent> events, string status) => AcceptedWire.Bytes(new AcceptedWire
    {
        Id = id,
        LogIndex = events[^1].LogIndex,
        Status = status,
        Lines = LinesOf(events) is { Length: > 0 } lines ? lines : null,
    });

    /// <summary>One line for each voucher, whoever holds its units: the log has an event for each holder.</summary>
    private static UnitsWire[] LinesOf(IReadOnlyList<RecordedEvent> events) =>
    [
        .. events.Select(e => e.Fact).OfType<VoucherEvent>().GroupBy(e => e.Voucher)
            .Select(e => UnitsWire.Of(e.Key, SerialRanges.Of(e.SelectMany(AcceptedWire.SerialsOf)))),
    ];

    private static FreezeWire Of(FreezeState s) => new()
    {
        Id = s.Id,
        Status = s.LiftedBy is null ? "active" : "lifted",
        AccountId = s.Account,
        Lines = s.Units is null ? null : [.. s.Units.Select(u => UnitsWire.Of(u.Voucher, u.Serials))],
        Kind = s.Kind,
        Authority = s.Authority,
        DocumentNumber = s.DocumentNumber,
        Reason = s.Reason,
        LiftedByDocument = s.LiftedBy,
    };
}

/// <summary>A freeze to record: on lines, or on an account.</summary>
public sealed record FreezePost
{
    /// <summary>Serials to freeze, whoever holds them; a quantity takes the lowest live serials of the voucher that are not frozen.</summary>
    public IReadOnlyList<LineWire>? Lines { get; init; }

    /// <summary>The account to freeze as a whole, with what stands in it now and what comes to it.</summary>
    public AccountId? AccountId { get; init; }

    /// <summary>The court or regulator, as its document names it, at most 200 characters.</summary>
    /// <example>Lanzhou New Area People's Court</example>
    public required string Authority { get; init; }

    /// <summary>The number of its document, at most 64 characters.</summary>
    /// <example>(2021)甘0191执1号</example>
    public required string DocumentNumber { get; init; }

    /// <summary><c>judicial</c> or <c>administrative</c>.</summary>
    /// <example>judicial</example>
    public required FreezeKind Kind { get; init; }

    /// <summary>The reason or legal basis, at most 1,000 characters.</summary>
    /// <example>Preservation of property</example>
    public string? Reason { get; init; }
}

/// <summary>What lifts a freeze.</summary>
public sealed record LiftPost
{
    /// <summary>The authority whose document it is: the one that ordered the freeze.</summary>
    /// <example>Lanzhou New Area People's Court</example>
    public required string Authority { get; init; }

    /// <summary>The number of the document that lifts it, at most 64 characters.</summary>
    /// <example>(2021)甘0191执1号之一</example>
    public required string DocumentNumber { get; init; }

    /// <summary>The reason, at most 1,000 characters.</summary>
    /// <example>The debt is paid</example>
    public string? Reason { get; init; }
}

/// <summary>A recorded freeze.</summary>
public sealed record FreezeWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary><c>active</c> or <c>lifted</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The account that is frozen as a whole.</summary>
    public AccountId? AccountId { get; init; }

    /// <summary>The serials that are frozen.</summary>
    public IReadOnlyList<UnitsWire>? Lines { get; init; }

    /// <summary>Whose stop it is.</summary>
    public required FreezeKind Kind { get; init; }

    /// <summary>The authority.</summary>
    public required string Authority { get; init; }

    /// <summary>The number of its document.</summary>
    public required string DocumentNumber { get; init; }

    /// <summary>The reason given.</summary>
    public string? Reason { get; init; }

    /// <summary>The number of the document that lifted it.</summary>
    public string? LiftedByDocument { get; init; }
}
