using System.ComponentModel.DataAnnotations;
using CarbonLedger.Core.Applications;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Applications;

public static class ApplicationEndpoints
{
    private const string Path = "/v1/applications/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/applications").WithTags("Applications");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.ApplicationPost, Draft))
            .Describes<ApplicationPost>("Draft an application", "Applies for a voucher over parcels of a project in one monitoring period. 409 parcel-already-covered when a voucher covers one of them for an overlapping period.");
        group.Post("/{id:guid}/correct", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.ApplicationCorrection, wire => Correct(id, wire)))
            .Describes<ApplicationCorrection>("Correct an application", "Changes what is applied for, while it is a draft or a correction is requested.");
        MapStep(group, "submit", ApplicationStep.Submit, "Submit an application", "From draft or correctionRequested.");
        MapStep(group, "request-correction", ApplicationStep.RequestCorrection, "Request a correction", "From submitted, by the registrar.");
        MapStep(group, "review", ApplicationStep.Review, "Review an application", "From submitted, by the registrar.");
        MapStep(group, "approve", ApplicationStep.Approve, "Approve an application (审定)", "From reviewed, by the registrar.");
        MapStep(group, "file", ApplicationStep.File, "File an application (备案)", "From approved, by the registrar.");
        MapStep(group, "reject", ApplicationStep.Reject, "Reject an application", "From submitted, reviewed, approved or filed, by the registrar.");
        MapStep(group, "withdraw", ApplicationStep.Withdraw, "Withdraw an application", "Before it is filed, by the project's owner or the registrar.");
        group.Post("/{id:guid}/issue", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.IssuePost, wire =>
                new Posted(
                    new IssueVoucher(new ApplicationId(id), new VoucherId(Guid.CreateVersion7()), wire.AccountId, wire.PrintedNumber is { } number ? Input.Code(number, "printedNumber") : null),
                    VoucherEndpoints.RenderIssued,
                    "/v1/vouchers/")))
            .Describes<IssuePost>("Issue the voucher", "From filed, by the registrar: all kilograms into one account. 409 parcel-already-covered (D1) when another voucher came first.")
            .Produces<IssuedWire>(StatusCodes.Status201Created);
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireApplicationWire, async q =>
                PageWire.Of(q, await q.Get<ThingReader>().ListAsync<ApplicationState>("application", q, narrowed: Narrowed(http.Request.Query, q)), Of)))
            .Answers<PageWire<ApplicationWire>>("List applications", "In the order of drafting; with status those that stand there now, with projectId those of one project. The two exclude each other: 400 value-out-of-range.", list: true)
            .Asks("status", Forms.Words<ApplicationStatus>, "Only those of this status. Of the present only: with asOf 400 not-supported.")
            .Asks("projectId", Forms.Id, "Only those of this project.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.ApplicationWire, async q =>
                Of(await q.Get<ThingReader>().FindAsync<ApplicationState>(id, q, new Refusal.ApplicationNotFound(new ApplicationId(id))))))
            .Answers<ApplicationWire>("Get an application", "What it asks for and where it stands.");
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<ApplicationState>(http, id, new Refusal.ApplicationNotFound(new ApplicationId(id))))
            .Answers<EventsWire>("Events of an application", "Its history in order: every step with who took it, when and why, and what each correction changed; after counts versions of the stream.", feed: Feed.Stream);
    }

    private static void MapStep(RouteGroupBuilder group, string name, ApplicationStep step, string summary, string description) =>
        group.Post($"/{{id:guid}}/{name}", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.ReasonWire, wire =>
                new Posted(new AdvanceApplication(new ApplicationId(id), step, Input.Reason(wire.Reason)), AcceptedWire.Render, Path)))
            .Describes<ReasonWire>(summary, description + " 409 application-not-in-state otherwise.");

    private static Narrowing? Narrowed(IQueryCollection query, ReadQuestion q)
    {
        switch (Input.One(query, "status", "projectId"))
        {
            case ("status", var text):
                q.RequirePresent(); // a state is found by what stands in it now
                return Narrowing.Member("status", Names.Of(Input.Word<ApplicationStatus>(text, "status")));
            case ("projectId", var text):
                return Narrowing.Member("project", Input.Id(text, "projectId").ToString());
            default:
                return null;
        }
    }

    private static Posted Draft(ApplicationPost wire) => new(
        new DraftApplication(
            new ApplicationId(Guid.CreateVersion7()),
            wire.ProjectId,
            Parcels(wire.ParcelCodes),
            Input.Period(wire.MonitoringPeriod, "monitoringPeriod"),
            Input.Kilograms(wire.Kilograms, "kilograms"),
            Verification(wire.Verification)),
        AcceptedWire.Render,
        Path);

    private static Posted Correct(Guid id, ApplicationCorrection wire) => new(
        new CorrectApplication(
            new ApplicationId(id),
            Parcels(wire.ParcelCodes),
            Input.Period(wire.MonitoringPeriod, "monitoringPeriod"),
            Input.Kilograms(wire.Kilograms, "kilograms"),
            Verification(wire.Verification)),
        AcceptedWire.Render,
        Path);

    private static string[]? Parcels(IReadOnlyList<string>? codes) => codes switch
    {
        null => null,
        { Count: 0 or > Core.Projects.Project.ParcelsMax } => throw Input.OutOfRange("parcelCodes", $"must have 1 to {Core.Projects.Project.ParcelsMax} entries, or be left out for all parcels"),
        _ => [.. codes.Select((c, i) => Input.Code(Input.Entry(c, $"parcelCodes[{i}]"), $"parcelCodes[{i}]")).Distinct(StringComparer.Ordinal)],
    };

    private static Verification Verification(VerificationWire wire) =>
        new(wire.VerifierId, wire.ReportDate, Input.Sha256(wire.DocumentSha256, "verification.documentSha256"));

    private static ApplicationWire Of(ApplicationState s) => new()
    {
        Id = s.Id,
        ProjectId = s.Project,
        Status = Names.Of(s.Status),
        ParcelCodes = s.Content.ParcelCodes,
        MonitoringPeriod = new PeriodWire { First = s.Content.MonitoringPeriod.First, Last = s.Content.MonitoringPeriod.Last },
        Kilograms = s.Content.Kilograms.Value,
        Verification = new VerificationWire
        {
            VerifierId = s.Content.Verification.Verifier,
            ReportDate = s.Content.Verification.ReportDate,
            DocumentSha256 = s.Content.Verification.DocumentSha256,
        },
        VoucherId = s.Voucher,
    };
}

/// <summary>A verification report (核证报告).</summary>
public sealed record VerificationWire
{
    /// <summary>An organization with the role verifier.</summary>
    public required OrganizationId VerifierId { get; init; }

    /// <summary>The report's date.</summary>
    /// <example>2021-05-10</example>
    public required LocalDate ReportDate { get; init; }

    /// <summary>SHA-256 of the document, 64 hexadecimal digits.</summary>
    /// <example>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</example>
    public required string DocumentSha256 { get; init; }
}

/// <summary>What an application asks for.</summary>
public record ApplicationCorrection
{
    /// <summary>Codes of parcels of the project; all of them when left out.</summary>
    public IReadOnlyList<string>? ParcelCodes { get; init; }

    /// <summary>First and last day of the verified removal.</summary>
    public required PeriodWire MonitoringPeriod { get; init; }

    /// <summary>Verified kilograms of CO₂ equivalent, 1 to 9,999,999,999.</summary>
    /// <example>6000000</example>
    [Range(1, SerialRange.SerialMax)]
    public required long Kilograms { get; init; }

    /// <summary>The report that verifies them.</summary>
    public required VerificationWire Verification { get; init; }
}

/// <summary>An application to draft.</summary>
public sealed record ApplicationPost : ApplicationCorrection
{
    /// <summary>The project.</summary>
    public required ProjectId ProjectId { get; init; }
}

/// <summary>Where the issued units go.</summary>
public sealed record IssuePost
{
    /// <summary>The account that holds all units at first.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>The printed 碳票编号 as given, unique.</summary>
    /// <example>LZXQ-2021-001</example>
    public string? PrintedNumber { get; init; }
}

/// <summary>An application.</summary>
public sealed record ApplicationWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The project.</summary>
    public required ProjectId ProjectId { get; init; }

    /// <summary><c>draft</c>, <c>submitted</c>, <c>correctionRequested</c>, <c>reviewed</c>, <c>approved</c>, <c>filed</c>, <c>issued</c>, <c>rejected</c> or <c>withdrawn</c>.</summary>
    /// <example>draft</example>
    public required string Status { get; init; }

    /// <summary>The parcels it is about.</summary>
    public required IReadOnlyList<string> ParcelCodes { get; init; }

    /// <summary>First and last day of the verified removal.</summary>
    public required PeriodWire MonitoringPeriod { get; init; }

    /// <summary>Verified kilograms of CO₂ equivalent.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The report that verifies them.</summary>
    public required VerificationWire Verification { get; init; }

    /// <summary>The voucher, once issued.</summary>
    public VoucherId? VoucherId { get; init; }
}
