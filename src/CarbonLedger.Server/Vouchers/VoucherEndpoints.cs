using System.Text.Json;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;

namespace CarbonLedger.Server.Vouchers;

public static class VoucherEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/vouchers").WithTags("Vouchers");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireVoucherHeadWire, async q =>
                PageWire.Of(q, await VoucherFinder.ListAsync(http.Request.Query, q), HeadOf)))
            .Answers<PageWire<VoucherHeadWire>>("List vouchers", "In the order of issuance; with serial or printedNumber the one that carries it, with projectId those of one project. The three exclude each other: 400 value-out-of-range.", list: true)
            .Asks("serial", Forms.Name(VoucherFinder.SerialCharactersMax), "The canonical serial text of any units of the voucher.")
            .Asks("printedNumber", Forms.Name(64), "The printed 碳票编号.")
            .Asks("projectId", Forms.Id, "Only vouchers of this project.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.VoucherWire, q => VoucherAsync(new VoucherId(id), q)))
            .Answers<VoucherWire>("Get a voucher", "Its head and what has become of its kilograms, now or at a past instant.");
        group.Get("/{id:guid}/holdings", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.HoldingsWire, async q =>
            {
                var head = await HeadAsync(new VoucherId(id), q);
                return await q.Get<HoldingsReader>().ReadAsync(head, q);
            }))
            .Answers<HoldingsWire>("Holdings of a voucher", "Who holds which serials, and under which locks; together the live part of 1..N. Locks on units only: a freeze of a whole account is not among them. A past instant is answered by replaying the voucher's stream.");
        group.Get("/{id:guid}/certificate", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.VoucherCertificateWire, q => q.Get<VoucherCertificateReader>().ReadAsync(new VoucherId(id), q)))
            .Answers<VoucherCertificateWire>("Get the registration certificate of a voucher", "Project, methodology, monitoring period and verification, what has become of every serial, the log position, and a verification code. It names no holder and no lender. For people: /certificates/vouchers/{id}.");
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<VoucherState>(http, id, new Refusal.VoucherNotFound(new VoucherId(id))))
            .Answers<EventsWire>("Events of a voucher", "Its history in order; after counts versions of the stream.", feed: Feed.Stream);
        routes.Get("/v1/serials/{text}", (HttpContext http, string text) => ReadEndpoint.RunAsync(http, WireJson.Wire.SerialWire, _ => Task.FromResult(Read(text))))
            .WithTags("Vouchers")
            .Answers<SerialWire>("Read a serial text", "Parses the canonical text of a serial range and checks its check characters (ISO 7064 MOD 1271-36).");
    }

    public static byte[] RenderIssued(Guid id, IReadOnlyList<RecordedEvent> events)
    {
        var issued = events.Select(e => e.Fact).OfType<VoucherEvent.VoucherIssued>().Single();
        var buffer = events.Select(e => e.Fact).OfType<VoucherEvent.UnitsTransferred>().SingleOrDefault();
        return JsonSerializer.SerializeToUtf8Bytes(
            new IssuedWire
            {
                Id = id,
                Serial = SerialText.Render(issued.Serial, SerialRange.Inclusive(1, issued.Kilograms.Value)),
                Kilograms = issued.Kilograms.Value,
                HolderAccountId = issued.Holder,
                BufferAccountId = buffer?.To,
                BufferKilograms = buffer?.Serials.Kilograms.Value,
                LogIndex = events[^1].LogIndex,
            },
            WireJson.Wire.IssuedWire);
    }

    public static async Task<VoucherState> HeadAsync(VoucherId id, ReadQuestion q)
    {
        var issued = await q.Get<LogReader>().StreamAsync(id.Value, 0, q.UpTo, 1, CancellationToken.None);
        return issued is [{ Fact: VoucherEvent.VoucherIssued e }]
            ? new VoucherState(e.Voucher, e.Application, e.Project, e.Serial, e.Kilograms, e.MonitoringPeriod, e.PrintedNumber)
            : throw new RefusedException(new Refusal.VoucherNotFound(id));
    }

    public static async Task<VoucherWire> VoucherAsync(VoucherId id, ReadQuestion q)
    {
        var head = HeadOf(await HeadAsync(id, q));
        var (status, logIndex) = await q.Get<BalanceReader>().VoucherAsync(id, q);
        return new VoucherWire
        {
            Id = head.Id,
            Serial = head.Serial,
            Kilograms = head.Kilograms,
            ProjectId = head.ProjectId,
            ApplicationId = head.ApplicationId,
            MonitoringPeriod = head.MonitoringPeriod,
            Vintage = head.Vintage,
            PrintedNumber = head.PrintedNumber,
            Status = status,
            Revoked = await q.Get<RevocationReader>().FindAsync(id, q),
            LogIndex = logIndex,
        };
    }

    /// <summary>The canonical serial text of all its units.</summary>
    public static string SerialOf(VoucherState s) => SerialText.Render(s.Serial, SerialRange.Inclusive(1, s.Kilograms.Value));

    private static VoucherHeadWire HeadOf(VoucherState s) => new()
    {
        Id = s.Id,
        Serial = SerialOf(s),
        Kilograms = s.Kilograms.Value,
        ProjectId = s.Project,
        ApplicationId = s.Application,
        MonitoringPeriod = new PeriodWire { First = s.MonitoringPeriod.First, Last = s.MonitoringPeriod.Last },
        Vintage = s.Serial.Vintage,
        PrintedNumber = s.PrintedNumber,
    };

    private static SerialWire Read(string text)
    {
        var (prefix, range) = VoucherFinder.Parse(text);
        return new SerialWire
        {
            Region = prefix.Region,
            Scheme = prefix.Scheme,
            ProjectNumber = prefix.ProjectNumber,
            Vintage = prefix.Vintage,
            Issuance = prefix.Issuance,
            First = range.First,
            Last = range.Last,
            Kilograms = range.Count,
        };
    }
}

/// <summary>A voucher came to be.</summary>
public sealed record IssuedWire
{
    /// <summary>The voucher's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The canonical serial text of all its units.</summary>
    /// <example>CN-620171-SLCT-000001-2020-01-0000000001-0006000000-4Y</example>
    public required string Serial { get; init; }

    /// <summary>Kilograms issued.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The account that they were issued to; it holds them, but for the buffer's share.</summary>
    public required AccountId HolderAccountId { get; init; }

    /// <summary>The account that keeps the scheme's buffer, where the scheme has one.</summary>
    public AccountId? BufferAccountId { get; init; }

    /// <summary>Kilograms that went there at once: the highest serials.</summary>
    public long? BufferKilograms { get; init; }

    /// <summary>The log position of the command's last event.</summary>
    public required long LogIndex { get; init; }
}

/// <summary>A voucher's head: what never changes.</summary>
public record VoucherHeadWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The canonical serial text of all its units.</summary>
    public required string Serial { get; init; }

    /// <summary>Kilograms issued.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The project.</summary>
    public required ProjectId ProjectId { get; init; }

    /// <summary>The application it was issued on.</summary>
    public required ApplicationId ApplicationId { get; init; }

    /// <summary>First and last day of the verified removal.</summary>
    public required PeriodWire MonitoringPeriod { get; init; }

    /// <summary>The year in which the monitoring period ends.</summary>
    /// <example>2020</example>
    public required int Vintage { get; init; }

    /// <summary>The printed 碳票编号, when one was given.</summary>
    public string? PrintedNumber { get; init; }
}

/// <summary>A voucher with what has become of its kilograms.</summary>
public sealed record VoucherWire : VoucherHeadWire
{
    /// <summary>Totals in kilograms.</summary>
    public required VoucherTotalsWire Status { get; init; }

    /// <summary>Why and when it was revoked; absent unless it was.</summary>
    public RevocationWire? Revoked { get; init; }

    /// <summary>The log position that the totals reflect.</summary>
    public required long LogIndex { get; init; }
}

/// <summary>What has become of a voucher's kilograms. issued = free + locked + retired + cancelled + expired (D2). Several locks may lie on one kilogram, so held, pledged and frozen need not add up.</summary>
public sealed record VoucherTotalsWire
{
    /// <summary>Kilograms issued.</summary>
    public required long Issued { get; init; }

    /// <summary>Live and under no lock.</summary>
    public required long Free { get; init; }

    /// <summary>Under a settlement hold.</summary>
    public required long Held { get; init; }

    /// <summary>Under a pledge.</summary>
    public required long Pledged { get; init; }

    /// <summary>Under a freeze.</summary>
    public required long Frozen { get; init; }

    /// <summary>Retired for ever.</summary>
    public required long Retired { get; init; }

    /// <summary>Cancelled for ever.</summary>
    public required long Cancelled { get; init; }

    /// <summary>Expired for ever.</summary>
    public required long Expired { get; init; }
}

/// <summary>Who holds which serials of a voucher.</summary>
public sealed record HoldingsWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>One entry per account that holds live units.</summary>
    public required IReadOnlyList<HoldingWire> Holdings { get; init; }
}

/// <summary>What one account holds of a voucher.</summary>
public sealed record HoldingWire
{
    /// <summary>The account.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>Kilograms; always the sum of the ranges.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The serial ranges, ascending, adjacent ones joined.</summary>
    public required IReadOnlyList<RangeWire> Ranges { get; init; }

    /// <summary>The locks on some of them.</summary>
    public required IReadOnlyList<LockWire> Locks { get; init; }
}

/// <summary>A lock on serial ranges.</summary>
public sealed record LockWire
{
    /// <summary><c>pledge</c>, <c>hold</c> or <c>freeze</c>.</summary>
    /// <example>pledge</example>
    public required string Kind { get; init; }

    /// <summary>The pledge, the trade that holds, or the freeze.</summary>
    public required Guid Id { get; init; }

    /// <summary>Kilograms under it.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The serial ranges under it.</summary>
    public required IReadOnlyList<RangeWire> Ranges { get; init; }

    internal static string KindOf(LockKind kind) => kind switch
    {
        LockKind.Hold => "hold",
        LockKind.Exclusive or LockKind.Ranked => "pledge",
        LockKind.Freeze => "freeze",
    };
}

/// <summary>A serial text, taken apart.</summary>
public sealed record SerialWire
{
    /// <summary>Six digits of GB/T 2260.</summary>
    public required string Region { get; init; }

    /// <summary>The scheme's short name.</summary>
    public required string Scheme { get; init; }

    /// <summary>The registry's number of the project.</summary>
    public required int ProjectNumber { get; init; }

    /// <summary>The year in which the monitoring period ends.</summary>
    public required int Vintage { get; init; }

    /// <summary>The number of the issuance within project and vintage.</summary>
    public required int Issuance { get; init; }

    /// <summary>The first serial.</summary>
    public required long First { get; init; }

    /// <summary>The last serial, inclusive.</summary>
    public required long Last { get; init; }

    /// <summary>last − first + 1.</summary>
    public required long Kilograms { get; init; }
}
