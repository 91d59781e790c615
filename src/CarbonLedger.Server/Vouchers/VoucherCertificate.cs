using CarbonLedger.Core.Applications;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Projects;
using CarbonLedger.Core.Proofs;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;

namespace CarbonLedger.Server.Vouchers;

/// <summary>Makes the registration certificate of a voucher: what it is, and what has become of its kilograms. It names no holder and no lender.</summary>
public sealed class VoucherCertificateReader(LogReader log, ThingReader things, HoldingsReader holdings, BalanceReader balances, RevocationReader revocations)
{
    /// <summary>What every certificate says (C7).</summary>
    public const string Notice = "区域林业碳票，非全国碳市场履约产品。 A regional forestry carbon voucher, not a national-market compliance unit.";

    public async Task<VoucherCertificateWire> ReadAsync(VoucherId id, ReadQuestion question)
    {
        var head = await VoucherEndpoints.HeadAsync(id, question);
        var issued = (await log.StreamAsync(id.Value, 0, question.UpTo, 1, CancellationToken.None))[0];
        var project = await things.FindAsync<ProjectState>(head.Project.Value, question, new Refusal.ProjectNotFound(head.Project));
        var application = await things.FindAsync<ApplicationState>(head.Application.Value, question, new Refusal.ApplicationNotFound(head.Application));
        var ranges = await RangesAsync(head, question);
        return new VoucherCertificateWire
        {
            Number = $"VCH-{RegistryCalendar.DateOf(issued.At).Year:D4}-{issued.LogIndex:D10}",
            VoucherId = id,
            IssuedAt = issued.At,
            Serial = SerialText.Render(head.Serial, SerialRange.Inclusive(1, head.Kilograms.Value)),
            PrintedNumber = head.PrintedNumber,
            Kilograms = head.Kilograms.Value,
            Tonnes = head.Kilograms.Tonnes,
            ProjectId = project.Project,
            ProjectName = project.Name,
            OwnerName = await NameOfAsync(project.Owner),
            Scheme = project.Scheme,
            Region = project.Region,
            Methodology = project.Methodology,
            Parcels = application.Content.ParcelCodes.Count,
            AreaMu = project.Parcels.Where(p => application.Content.ParcelCodes.Contains(p.Code)).Sum(p => p.AreaMu),
            MonitoringPeriod = new PeriodWire { First = head.MonitoringPeriod.First, Last = head.MonitoringPeriod.Last },
            Vintage = head.Serial.Vintage,
            VerifierName = await NameOfAsync(application.Content.Verification.Verifier),
            ReportDate = application.Content.Verification.ReportDate,
            ReportSha256 = application.Content.Verification.DocumentSha256,
            Ranges = ranges,
            Revoked = await revocations.FindAsync(id, question),
            Notice = Notice,
            LogIndex = issued.LogIndex,
            VerificationCode = Convert.ToHexStringLower(LeafHash.Of(await log.BytesAtAsync(issued.LogIndex))),
            Page = $"/certificates/vouchers/{id}",
        };
    }

    private async Task<string> NameOfAsync(OrganizationId id) => ((OrganizationState)(await things.CurrentAsync(id.Value))!).Name;

    /// <summary>Neighbouring serials of one status are one range, whoever holds them: that is not for the public.</summary>
    private async Task<List<StatusRangeWire>> RangesAsync(VoucherState head, ReadQuestion question)
    {
        var merged = new List<(SerialRange Range, SerialStatus Status)>();
        var pieces = await holdings.PiecesAsync(head, question);
        var frozen = await balances.FrozenAsync(pieces.Where(p => p.Status == UnitStatus.Live).Select(p => p.Account), question);
        foreach (var piece in pieces)
        {
            var status = StatusOf(piece, frozen);
            if (merged.Count > 0 && merged[^1].Status == status)
            {
                merged[^1] = (SerialRange.HalfOpen(merged[^1].Range.First, piece.Range.EndExclusive), status);
            }
            else
            {
                merged.Add((piece.Range, status));
            }
        }

        return [.. merged.Select(m => new StatusRangeWire { Serial = SerialText.Render(head.Serial, m.Range), Kilograms = m.Range.Count, Status = m.Status })];
    }

    private static SerialStatus StatusOf(Piece piece, HashSet<AccountId> frozen) => piece.Status switch
    {
        UnitStatus.Live => piece.IsLocked || frozen.Contains(piece.Account) ? SerialStatus.Locked : SerialStatus.Free,
        UnitStatus.Retired => SerialStatus.Retired,
        UnitStatus.Cancelled => SerialStatus.Cancelled,
        UnitStatus.Expired => SerialStatus.Expired,
    };
}

/// <summary>What has become of serials, as the public sees it.</summary>
public enum SerialStatus
{
    /// <summary>Held, without a lock.</summary>
    Free,

    /// <summary>Held, under a pledge, a hold or a freeze, also one of the whole account; which, and whose, is for the parties.</summary>
    Locked,

    Retired,
    Cancelled,
    Expired,
}

/// <summary>Consecutive serials of one status.</summary>
public sealed record StatusRangeWire
{
    /// <summary>The canonical serial text of the range.</summary>
    public required string Serial { get; init; }

    /// <summary>Kilograms in the range.</summary>
    public required long Kilograms { get; init; }

    /// <summary><c>free</c>, <c>locked</c> (a lock of some kind exists), <c>retired</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public required SerialStatus Status { get; init; }
}

/// <summary>The registration certificate of a voucher.</summary>
public sealed record VoucherCertificateWire
{
    /// <summary>Its number: <c>VCH-</c>, year, log position.</summary>
    /// <example>VCH-2021-0000000021</example>
    public required string Number { get; init; }

    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>When it was issued, in UTC.</summary>
    public required Instant IssuedAt { get; init; }

    /// <summary>The canonical serial text of all its units.</summary>
    public required string Serial { get; init; }

    /// <summary>The printed 碳票编号, when one was given.</summary>
    public string? PrintedNumber { get; init; }

    /// <summary>Kilograms issued.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The same in tonnes.</summary>
    public required decimal Tonnes { get; init; }

    /// <summary>The project.</summary>
    public required ProjectId ProjectId { get; init; }

    /// <summary>The project's name.</summary>
    public required string ProjectName { get; init; }

    /// <summary>The name of the project's owner.</summary>
    public required string OwnerName { get; init; }

    /// <summary>The scheme's short name.</summary>
    public required string Scheme { get; init; }

    /// <summary>Six digits of GB/T 2260.</summary>
    public required string Region { get; init; }

    /// <summary>The project's methodology.</summary>
    public required string Methodology { get; init; }

    /// <summary>How many parcels (林地小班) the voucher covers.</summary>
    public required int Parcels { get; init; }

    /// <summary>Their area in mu (1 mu 亩 = 1/15 ha).</summary>
    public required decimal AreaMu { get; init; }

    /// <summary>First and last day of the verified removal.</summary>
    public required PeriodWire MonitoringPeriod { get; init; }

    /// <summary>The year in which the monitoring period ends.</summary>
    public required int Vintage { get; init; }

    /// <summary>The verifier's name.</summary>
    public required string VerifierName { get; init; }

    /// <summary>The date of the verification report.</summary>
    public required LocalDate ReportDate { get; init; }

    /// <summary>SHA-256 of the verification report.</summary>
    public required string ReportSha256 { get; init; }

    /// <summary>What has become of its serials; together 1..N. Holders and lenders are not named.</summary>
    public required IReadOnlyList<StatusRangeWire> Ranges { get; init; }

    /// <summary>Why and when the voucher was revoked, where it was.</summary>
    public RevocationWire? Revoked { get; init; }

    /// <summary>What this is not.</summary>
    public required string Notice { get; init; }

    /// <summary>The log position of the issuance's record.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The RFC 6962 leaf hash of that record, in hexadecimal: what anyone can compute again from the event's bytes.</summary>
    public required string VerificationCode { get; init; }

    /// <summary>Where the certificate is shown and printed.</summary>
    /// <example>/certificates/vouchers/0198f2c0-0000-7000-8000-000000000001</example>
    public required string Page { get; init; }
}
