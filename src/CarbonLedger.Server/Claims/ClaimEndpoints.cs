using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Log;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Claims;

public static class ClaimEndpoints
{
    private const string Path = "/v1/claims/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/claims").WithTags("Claims");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.ClaimPost, wire => new Posted(
                new MakeClaim(new ClaimId(Guid.CreateVersion7()), wire.InventoryId, Retirements(wire.RetirementIds)), Render("draft"), Path)))
            .Describes<ClaimPost>("Make a zero-carbon claim (零碳声明)", "Sets retired kilograms against an inventory, as a draft; publish it next. 409 claim-short-of-emissions when the retirements have one kilogram less than the inventory. No more is taken than is needed: the surplus of a retirement stays usable by the same beneficiary.");
        group.Post("/{id:guid}/publish", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.PublicationPost, _ => new Posted(
                new PublishClaim(new ClaimId(id)), Render("published"), Path)))
            .Describes<PublicationPost>("Publish a claim", "Lets a draft stand in public (C1: retired first, published after).");
        group.Post("/{id:guid}/top-ups", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.TopUpPost, wire => new Posted(
                new TopUpClaim(new ClaimId(id), Retirements(wire.RetirementIds)), Render(null), Path)))
            .Describes<TopUpPost>("Top up a claim", "Sets more retired kilograms against the inventory, as many as it lacks. A claim that was underCovered is published again.");
        group.Post("/{id:guid}/withdraw", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.ClaimReasonPost, wire => new Posted(
                new WithdrawClaim(new ClaimId(id), Input.Text(wire.Reason, "reason", Input.ReasonCharactersMax)), Render("withdrawn"), Path)))
            .Describes<ClaimReasonPost>("Withdraw a claim", "Final. The units stay retired; their kilograms may back another claim of the same beneficiary.");
        group.Post("/{id:guid}/flags", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.FlagPost, wire => new Posted(
                new FlagClaim(new ClaimId(id), wire.VoucherId, Input.Text(wire.Reason, "reason", Input.ReasonCharactersMax)), Render(null), Path)))
            .Describes<FlagPost>("Flag a claim", "The registrar marks a claim because a voucher behind it was cancelled or revoked (C6). Its kilograms of that voucher cover nothing from then on; a published claim that falls short becomes underCovered.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireClaimWire, q => q.Get<ClaimReader>().ListAsync(q, http.Request.Query)))
            .Answers<PageWire<ClaimWire>>("List claims", "In the order in which they were made; with organizationId those of one organization, with voucherId those that a voucher backs, in the order in which it came to back them. The two exclude each other: 400 value-out-of-range. What backed which claim in the past is not kept: voucherId excludes asOf (400 not-supported).", list: true)
            .Asks("organizationId", Forms.Id, "Only those of this organization; not together with voucherId.")
            .Asks("voucherId", Forms.Id, "Only those that units of this voucher back; not together with organizationId.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.ClaimWire, q => q.Get<ClaimReader>().ReadAsync(new ClaimId(id), q)))
            .Answers<ClaimWire>("Get a claim", "Its state, what it covers and with what, its flags, and its statement in Chinese and English.");
        group.Get("/{id:guid}/certificate", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.ClaimCertificateWire, q => q.Get<ClaimCertificateReader>().ReadAsync(new ClaimId(id), q)))
            .Answers<ClaimCertificateWire>("Get the certificate of a claim", "Whether it stands, what was emitted per scope, every retired serial that covers it with project, methodology and monitoring period, the log position of its newest record, and a verification code. For people: /certificates/claims/{id}.");
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<ClaimState>(http, id, new Refusal.ClaimNotFound(new ClaimId(id))))
            .Answers<EventsWire>("Events of a claim", "Its history in order: drafted, published, flagged, uncovered, topped up, withdrawn; after counts versions of the stream.", feed: Feed.Stream);
    }

    private static RetirementId[] Retirements(IReadOnlyList<RetirementId> ids) => ids.Count is > 0 and <= Claim.RetirementsMax
        ? [.. ids]
        : throw Input.OutOfRange("retirementIds", $"must have 1 to {Claim.RetirementsMax} entries");

    private static Commands.RenderAnswer Render(string? status) => (id, events) => AcceptedWire.Bytes(new AcceptedWire
    {
        Id = id,
        LogIndex = events[^1].LogIndex,
        Status = status ?? (events.Any(e => e.Fact is ClaimEvent.ClaimPublished) ? "published" : events.Any(e => e.Fact is ClaimEvent.ClaimUncovered) ? "underCovered" : null),
    });
}

/// <summary>A claim to make.</summary>
public sealed record ClaimPost
{
    /// <summary>What it is about.</summary>
    public required InventoryId InventoryId { get; init; }

    /// <summary>1 to 100 retirements in favour of the inventory's organization; their free kilograms are taken in this order.</summary>
    public required IReadOnlyList<RetirementId> RetirementIds { get; init; }
}

/// <summary>More retirements for a claim.</summary>
public sealed record TopUpPost
{
    /// <summary>1 to 100 retirements in favour of the claim's organization.</summary>
    public required IReadOnlyList<RetirementId> RetirementIds { get; init; }
}

/// <summary>Why.</summary>
public sealed record ClaimReasonPost
{
    /// <summary>At most 1,000 characters.</summary>
    /// <example>The boundary was drawn wrongly.</example>
    public required string Reason { get; init; }
}

/// <summary>A voucher that fell away.</summary>
public sealed record FlagPost
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>At most 1,000 characters.</summary>
    /// <example>Revoked: the verification report was withdrawn.</example>
    public required string Reason { get; init; }
}

/// <summary>Kilograms of a retirement behind a claim.</summary>
public sealed record ClaimPartWire
{
    /// <summary>The retirement.</summary>
    public required RetirementId RetirementId { get; init; }

    /// <summary>The first kilogram, counted from 1 in the order of the retirement's units.</summary>
    public required long First { get; init; }

    /// <summary>The last, inclusive.</summary>
    public required long Last { get; init; }

    /// <summary>Kilograms by voucher.</summary>
    public required IReadOnlyList<VoucherKilogramsWire> Vouchers { get; init; }
}

/// <summary>Kilograms of a voucher.</summary>
public sealed record VoucherKilogramsWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>Whole kilograms.</summary>
    public required long Kilograms { get; init; }
}

/// <summary>A publication takes nothing: the draft says everything.</summary>
public sealed record PublicationPost;

/// <summary>A voucher behind a claim that fell away.</summary>
public sealed record ClaimFlagWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}

/// <summary>What a claim says, in two languages.</summary>
public sealed record ClaimStatementWire
{
    /// <summary>In Chinese.</summary>
    public required string Zh { get; init; }

    /// <summary>In English.</summary>
    public required string En { get; init; }
}

/// <summary>A zero-carbon claim.</summary>
public sealed record ClaimWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>draft, published, underCovered or withdrawn.</summary>
    public required ClaimStatus Status { get; init; }

    /// <summary>Who claims.</summary>
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>What it is about.</summary>
    public required InventoryId InventoryId { get; init; }

    /// <summary>First and last day.</summary>
    public required PeriodWire Period { get; init; }

    /// <summary>What the inventory says now, in whole kilograms.</summary>
    /// <example>1088744</example>
    public required long Emissions { get; init; }

    /// <summary>Retired kilograms set against it.</summary>
    public required long Retired { get; init; }

    /// <summary>Of these, what covers it: all but those of flagged vouchers.</summary>
    public required long Covering { get; init; }

    /// <summary>Which kilograms.</summary>
    public required IReadOnlyList<ClaimPartWire> Parts { get; init; }

    /// <summary>Vouchers behind it that fell away.</summary>
    public required IReadOnlyList<ClaimFlagWire> Flags { get; init; }

    /// <summary>What it says, and what it does not.</summary>
    public required ClaimStatementWire Statement { get; init; }
}
