using CarbonLedger.Core.Cancellations;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Cancellations;

public static class CancellationEndpoints
{
    private const string Path = "/v1/cancellations/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/cancellations").WithTags("Cancellations");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.CancellationPost, Cancel))
            .Describes<CancellationPost>("Cancel units", "Removes free units for ever without a claim (注销, 撤销); a retirement is another thing. For the registrar; exported also for the holder. 409 units-under-lien, units-frozen or units-locked while a lock lies on them. With compensateFromBuffer a reversal is made good from the scheme's buffer and no holder loses anything.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireCancellationWire, async q =>
                PageWire.Of(q, await q.Get<CancellationReader>().ListAsync(q), c => c.LogIndex, c => c)))
            .Answers<PageWire<CancellationWire>>("List cancellations", "In the order in which they were recorded. What a voucher's revocation cancelled stands with the voucher.", list: true);
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.CancellationWire, q => q.Get<CancellationReader>().ReadAsync(new CancellationId(id), q)))
            .Answers<CancellationWire>("Get a cancellation", "What was cancelled, why, and on what paper.");
    }

    private static Posted Cancel(CancellationPost wire)
    {
        var id = new CancellationId(Guid.CreateVersion7());
        var lines = Input.Lines(wire.Lines);
        var grounds = new CancellationGrounds(
            Input.Optional(wire.Explanation, "explanation", Input.ReasonCharactersMax),
            wire.Document is { } document ? Of(document) : null,
            wire.EventDate,
            wire.Destination is { } to ? new Destination(Input.Text(to.Register, "destination.register"), Input.Text(to.Reference, "destination.reference")) : null);
        if (wire.CompensateFromBuffer is not true)
        {
            var account = wire.AccountId ?? throw Input.OutOfRange("accountId", "must be given, unless a reversal is compensated from the buffer");
            return new Posted(new CancelUnits(id, account, lines, wire.Reason, grounds), AcceptedWire.RenderUnits, Path);
        }

        if (wire.Reason != CancellationReason.Reversal)
        {
            throw Input.OutOfRange("compensateFromBuffer", "goes with the reason reversal only");
        }

        return wire.AccountId is null
            ? new Posted(new CompensateReversal(id, lines, grounds), AcceptedWire.RenderUnits, Path)
            : throw Input.OutOfRange("accountId", "must be left out with compensateFromBuffer: the units come from the scheme's buffer account");
    }

    public static Paper Of(DocumentWire wire) =>
        new(Input.Text(wire.Number, "document.number", 64), wire.Sha256 is { } sha256 ? Input.Sha256(sha256, "document.sha256") : null);
}

/// <summary>A paper that an act rests on.</summary>
public sealed record DocumentWire
{
    /// <summary>Its number or name, at most 64 characters.</summary>
    /// <example>甘林火〔2023〕7号</example>
    public required string Number { get; init; }

    /// <summary>SHA-256 of its file, 64 hexadecimal digits.</summary>
    /// <example>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</example>
    public string? Sha256 { get; init; }

    public static DocumentWire? Of(Paper? document) => document is null ? null : new() { Number = document.Number, Sha256 = document.Sha256 };
}

/// <summary>Where exported units go on.</summary>
public sealed record DestinationWire
{
    /// <summary>The other register, at most 200 characters.</summary>
    /// <example>National voluntary emission reduction register</example>
    public required string Register { get; init; }

    /// <summary>What it calls them, at most 200 characters.</summary>
    /// <example>VER-2024-000117</example>
    public required string Reference { get; init; }
}

/// <summary>A cancellation to record.</summary>
public sealed record CancellationPost
{
    /// <summary>The account whose units are cancelled; left out with compensateFromBuffer.</summary>
    public AccountId? AccountId { get; init; }

    /// <summary>The units; with compensateFromBuffer what the reversal struck, whoever holds it.</summary>
    public required IReadOnlyList<LineWire> Lines { get; init; }

    /// <summary><c>errorCorrection</c> and <c>overIssuance</c> need an explanation, <c>reversal</c> an eventDate and a document, <c>exported</c> a destination, <c>courtOrder</c> and <c>expiry</c> a document.</summary>
    /// <example>errorCorrection</example>
    public required CancellationReason Reason { get; init; }

    /// <summary>Why, at most 1,000 characters.</summary>
    /// <example>Plot 7 was measured twice</example>
    public string? Explanation { get; init; }

    /// <summary>The paper it rests on.</summary>
    public DocumentWire? Document { get; init; }

    /// <summary>For a reversal: the day of the fire or other event, not after today.</summary>
    public LocalDate? EventDate { get; init; }

    /// <summary>For an export: where the units go on.</summary>
    public DestinationWire? Destination { get; init; }

    /// <summary>For a reversal: true cancels equal kilograms from the scheme's buffer instead, so that holders keep theirs.</summary>
    /// <example>false</example>
    public bool? CompensateFromBuffer { get; init; }
}

/// <summary>Kilograms of a voucher that a reversal struck.</summary>
public sealed record StruckWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>Kilograms of CO₂ equivalent.</summary>
    /// <example>1000</example>
    public required long Kilograms { get; init; }

    /// <summary>Which serials, where that is known.</summary>
    public IReadOnlyList<RangeWire>? Ranges { get; init; }
}

/// <summary>A recorded cancellation.</summary>
public sealed record CancellationWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account that held the units; the buffer account where a reversal was compensated.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>Kilograms cancelled.</summary>
    /// <example>1000</example>
    public required long Kilograms { get; init; }

    /// <summary>The units.</summary>
    public required IReadOnlyList<UnitsWire> Lines { get; init; }

    /// <summary>Why.</summary>
    public required CancellationReason Reason { get; init; }

    /// <summary>The explanation given.</summary>
    public string? Explanation { get; init; }

    /// <summary>The paper it rests on.</summary>
    public DocumentWire? Document { get; init; }

    /// <summary>For a reversal: the day of the event.</summary>
    public LocalDate? EventDate { get; init; }

    /// <summary>For an export: where the units go on.</summary>
    public DestinationWire? Destination { get; init; }

    /// <summary>What the reversal struck, where the buffer made it good.</summary>
    public IReadOnlyList<StruckWire>? CompensatedFor { get; init; }

    /// <summary>When, in UTC.</summary>
    public required Instant CancelledAt { get; init; }

    /// <summary>Who acted: an organization's id, or <c>registrar</c>.</summary>
    /// <example>registrar</example>
    public required string Actor { get; init; }

    /// <summary>The log position of the record.</summary>
    public required long LogIndex { get; init; }
}
