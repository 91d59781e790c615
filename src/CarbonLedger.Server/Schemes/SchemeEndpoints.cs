using System.Text.Json;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Schemes;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Schemes;

public static class SchemeEndpoints
{
    private const string Path = "/v1/schemes/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/schemes").WithTags("Schemes");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.SchemePost, Register))
            .Describes<SchemePost>("Register a scheme", "Enters a scheme's rules: the share of each issuance that goes to its buffer account, and how long units live. For the registrar. A project may name a scheme that is not registered; then there is no buffer and nothing expires.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireSchemeWire, async q =>
                PageWire.Of(q, await q.Get<ThingReader>().ListAsync<SchemeState>("scheme", q), Of)))
            .Answers<PageWire<SchemeWire>>("List schemes", "Registered ones, in the order of registration.", list: true);
        group.Get("/{code}", (HttpContext http, string code) => ReadEndpoint.RunAsync(http, WireJson.Wire.SchemeWire, async q =>
            {
                var id = IdOf(code);
                return Of(await q.Get<ThingReader>().FindAsync<SchemeState>(id.Value, q, new Refusal.SchemeNotFound(id)));
            }))
            .Answers<SchemeWire>("Get a scheme", "By its short name or its id.");
        group.Post("/{code}/expiry-runs", (HttpContext http, string code) => CommandEndpoint.RunAsync(http, WireJson.Wire.ExpiryRunPost, _ =>
                new Posted(new ExpireUnits(IdOf(code), RegistryCalendar.DateOf(http.RequestServices.GetRequiredService<IClock>().GetCurrentInstant())), RenderRun, Path)))
            .Describes<ExpiryRunPost>("Run an expiry step", "Free units whose lifetime ended before today become expired: at most 1,000 pieces, the oldest vouchers first. Ask again until 409 nothing-expires. Locked units wait until their locks end. For the registrar; the server does the same every day.")
            .Produces<ExpiryRunWire>(StatusCodes.Status201Created);
    }

    private static Posted Register(SchemePost wire)
    {
        var code = wire.Code.ToUpperInvariant();
        if ((wire.BufferShare is null) != (wire.BufferAccountId is null))
        {
            throw Input.OutOfRange("bufferShare", "and bufferAccountId go together");
        }

        var command = new RegisterScheme(
            SerialText.IsScheme(code) ? code : throw Input.OutOfRange("code", "must be 2 to 12 letters A–Z and digits, as it stands in the serials"),
            Input.Text(wire.Name, "name"),
            wire.BufferShare is { } share ? new SchemeBuffer(Share(share), wire.BufferAccountId!.Value) : null,
            wire.LifetimeYears is null or >= 1 and <= Scheme.LifetimeYearsMax ? wire.LifetimeYears : throw Input.OutOfRange("lifetimeYears", $"must be 1 to {Scheme.LifetimeYearsMax}"));
        return new Posted(command, AcceptedWire.Render, Path);
    }

    // Divided, 0.10 and 0.1 are the same bytes in the log.
    private static decimal Share(decimal share) => share is > 0 and < 1 && decimal.Round(share, 4) == share
        ? share / 1.000000000000000000000000000000m
        : throw Input.OutOfRange("bufferShare", "must be above 0 and below 1 with at most four decimals");

    /// <summary>The scheme of a short name or an id; one that cannot be registered is simply not found.</summary>
    private static SchemeId IdOf(string text) =>
        Guid.TryParseExact(text, "D", out var id) ? new SchemeId(id)
        : SerialText.IsScheme(text.ToUpperInvariant()) ? SchemeId.Of(text.ToUpperInvariant())
        : default;

    private static byte[] RenderRun(Guid id, IReadOnlyList<RecordedEvent> events)
    {
        var expired = events.Select(e => (VoucherEvent.UnitsExpired)e.Fact).ToArray();
        return JsonSerializer.SerializeToUtf8Bytes(
            new ExpiryRunWire
            {
                Id = id,
                LogIndex = events[^1].LogIndex,
                Kilograms = expired.Sum(e => e.Serials.Kilograms.Value),
                Vouchers = expired.Select(e => e.Voucher).Distinct().Count(),
            },
            WireJson.Wire.ExpiryRunWire);
    }

    private static SchemeWire Of(SchemeState s) => new()
    {
        Id = s.Id,
        Code = s.Code,
        Name = s.Name,
        BufferShare = s.Buffer?.Share,
        BufferAccountId = s.Buffer?.Account,
        LifetimeYears = s.LifetimeYears,
    };
}

/// <summary>A scheme to register.</summary>
public sealed record SchemePost
{
    /// <summary>Its short name, 2 to 12 letters and digits; it stands in the serials.</summary>
    /// <example>SLCT</example>
    public required string Code { get; init; }

    /// <summary>Its name, at most 200 characters.</summary>
    /// <example>Silk Road carbon voucher</example>
    public required string Name { get; init; }

    /// <summary>The share of each issuance that goes to the buffer, above 0 and below 1, at most four decimals; rounded up to the kilogram. With bufferAccountId or not at all.</summary>
    /// <example>0.1</example>
    public decimal? BufferShare { get; init; }

    /// <summary>The account that keeps the buffer. From now on its units are only ever cancelled.</summary>
    public AccountId? BufferAccountId { get; init; }

    /// <summary>Units are valid until so many years after the last day of their monitoring period, 1 to 100; for ever when left out.</summary>
    /// <example>10</example>
    public int? LifetimeYears { get; init; }
}

/// <summary>A registered scheme.</summary>
public sealed record SchemeWire
{
    /// <summary>Its id, which is its short name in the form of a UUID.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its short name.</summary>
    /// <example>SLCT</example>
    public required string Code { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The share of each issuance that goes to the buffer.</summary>
    /// <example>0.1</example>
    public decimal? BufferShare { get; init; }

    /// <summary>The account that keeps the buffer.</summary>
    public AccountId? BufferAccountId { get; init; }

    /// <summary>Years after the monitoring period for which units are valid.</summary>
    /// <example>10</example>
    public int? LifetimeYears { get; init; }
}

/// <summary>Nothing needs to be said: the day is today in Asia/Shanghai.</summary>
public sealed record ExpiryRunPost;

/// <summary>A step of an expiry run was made.</summary>
public sealed record ExpiryRunWire
{
    /// <summary>The scheme's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The log position of the step's last event.</summary>
    public required long LogIndex { get; init; }

    /// <summary>Kilograms that expired.</summary>
    /// <example>1000</example>
    public required long Kilograms { get; init; }

    /// <summary>Vouchers that they are of.</summary>
    /// <example>1</example>
    public required int Vouchers { get; init; }
}
