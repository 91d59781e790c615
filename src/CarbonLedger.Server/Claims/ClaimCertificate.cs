using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Proofs;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Inventories;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Retirements;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Claims;

/// <summary>Makes the certificate of a claim: what was emitted, which retired serials stand against it, and whether the claim stands.</summary>
public sealed class ClaimCertificateReader(LogReader log, ThingReader things, InventoryReader inventories, RetirementReader retirements)
{
    public async Task<ClaimCertificateWire> ReadAsync(ClaimId id, ReadQuestion question)
    {
        // A restatement may come between the reads, and the figures would not be of one version.
        var then = await log.AtOnePositionAsync(question);
        var claim = await things.FindAsync<ClaimState>(id.Value, then, new Refusal.ClaimNotFound(id));
        var events = await log.StreamAsync(id.Value, then.UpTo);

        // From its withdrawal on a claim does not follow its inventory, which may be restated for another one.
        var followedTo = events.Find(e => e.Fact is ClaimEvent.ClaimWithdrawn)?.LogIndex ?? then.UpTo;
        var inventory = await inventories.ReadAsync(claim.Inventory, null, then with { UpTo = followedTo });
        var lines = new List<ClaimCertificateLineWire>();
        foreach (var parts in claim.Parts.GroupBy(p => p.Retirement))
        {
            var certificate = await retirements.CertificateAsync(parts.Key.Value, question);
            lines.AddRange(parts.SelectMany(p => LinesOf(certificate, p, claim)));
        }

        var (drafted, newest) = (events[0], events[^1]);
        return new ClaimCertificateWire
        {
            Number = $"CLM-{RegistryCalendar.DateOf(drafted.At).Year:D4}-{drafted.LogIndex:D10}",
            ClaimId = id,
            Status = claim.Status,
            StatusSince = events.Last(e => e.Fact is not (ClaimEvent.ClaimFollowed or ClaimEvent.ClaimFlagged or ClaimEvent.ClaimToppedUp)).At,
            PublishedAt = events.FirstOrDefault(e => e.Fact is ClaimEvent.ClaimPublished)?.At,
            OrganizationId = claim.Organization,
            OrganizationName = ((OrganizationState)(await things.CurrentAsync(claim.Organization.Value))!).Name,
            InventoryId = claim.Inventory,
            InventoryVersion = inventory.Version,
            Boundary = inventory.Boundary,
            Period = inventory.Period,
            Scopes = inventory.Scopes,
            Scope2Method = inventory.Scope2Method,
            Emissions = claim.Emissions.Value,
            EmissionsTonnes = claim.Emissions.Tonnes,
            Retired = claim.Retired.Value,
            Covering = claim.Covering.Value,
            CoveringTonnes = claim.Covering.Tonnes,
            Flags = [.. claim.Flags.Select(f => new ClaimFlagWire { VoucherId = f.Voucher, Reason = f.Reason })],
            Lines = lines,
            Statement = ClaimReader.StatementOf(claim),
            Notice = VoucherCertificateReader.Notice,
            LogIndex = newest.LogIndex,
            VerificationCode = Convert.ToHexStringLower(LeafHash.Of(await log.BytesAtAsync(newest.LogIndex))),
            Page = $"/certificates/claims/{id}",
        };
    }

    /// <summary>The serials that a part names by counting the retirement's kilograms in the order of its units.</summary>
    private static IEnumerable<ClaimCertificateLineWire> LinesOf(CertificateWire retirement, ClaimPart part, ClaimState claim)
    {
        var begin = 1L;
        foreach (var line in retirement.Lines)
        {
            var (first, last) = (Math.Max(part.First, begin), Math.Min(part.Last, begin + line.Kilograms - 1));
            if (first <= last)
            {
                var (prefix, range) = SerialText.Parse(line.Serial)!.Value;
                var used = SerialRange.Inclusive(range.First + first - begin, range.First + last - begin);
                yield return new ClaimCertificateLineWire
                {
                    RetirementId = part.Retirement,
                    RetirementNumber = retirement.Number,
                    Beneficiary = retirement.Beneficiary,
                    VoucherId = line.VoucherId,
                    Serial = SerialText.Render(prefix, used),
                    Kilograms = used.Count,
                    PrintedNumber = line.PrintedNumber,
                    ProjectName = line.ProjectName,
                    Methodology = line.Methodology,
                    MonitoringPeriod = line.MonitoringPeriod,
                    Flagged = claim.Flags.Any(f => f.Voucher == line.VoucherId),
                };
            }

            begin += line.Kilograms;
        }
    }
}

/// <summary>Retired serials behind a claim, with where they come from.</summary>
public sealed record ClaimCertificateLineWire
{
    /// <summary>The retirement.</summary>
    public required RetirementId RetirementId { get; init; }

    /// <summary>The number of its certificate.</summary>
    /// <example>RET-2026-0000000042</example>
    public required string RetirementNumber { get; init; }

    /// <summary>In whose favour they were retired; a name that is not yet shown, or erased, does not stand here.</summary>
    public required BeneficiaryWire Beneficiary { get; init; }

    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>The canonical serial text of the range.</summary>
    public required string Serial { get; init; }

    /// <summary>Kilograms in the range.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The printed 碳票编号, when the voucher has one.</summary>
    public string? PrintedNumber { get; init; }

    /// <summary>The project's name.</summary>
    public required string ProjectName { get; init; }

    /// <summary>The project's methodology.</summary>
    public required string Methodology { get; init; }

    /// <summary>First and last day of the verified removal.</summary>
    public required PeriodWire MonitoringPeriod { get; init; }

    /// <summary>True when the voucher fell away (C6): these kilograms cover nothing any more.</summary>
    public required bool Flagged { get; init; }
}

/// <summary>The certificate of a zero-carbon claim.</summary>
public sealed record ClaimCertificateWire
{
    /// <summary>Its number: <c>CLM-</c>, year, log position of the draft.</summary>
    /// <example>CLM-2026-0000000044</example>
    public required string Number { get; init; }

    /// <summary>The claim.</summary>
    public required ClaimId ClaimId { get; init; }

    /// <summary>draft, published, underCovered or withdrawn. Only a published claim stands.</summary>
    public required ClaimStatus Status { get; init; }

    /// <summary>Since when, in UTC.</summary>
    public required Instant StatusSince { get; init; }

    /// <summary>When it was first published, in UTC; absent for a draft.</summary>
    public Instant? PublishedAt { get; init; }

    /// <summary>Who claims.</summary>
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>Its name.</summary>
    /// <example>Office of business centre, building 1</example>
    public required string OrganizationName { get; init; }

    /// <summary>What it is about.</summary>
    public required InventoryId InventoryId { get; init; }

    /// <summary>The version of the inventory whose figures these are.</summary>
    /// <example>1</example>
    public required int InventoryVersion { get; init; }

    /// <summary>The boundary of the inventory.</summary>
    public required BoundaryWire Boundary { get; init; }

    /// <summary>First and last day.</summary>
    public required PeriodWire Period { get; init; }

    /// <summary>The inventory's sums per scope.</summary>
    public required ScopesWire Scopes { get; init; }

    /// <summary>Which figure of scope 2 the emissions count.</summary>
    public required Scope2Method Scope2Method { get; init; }

    /// <summary>What the inventory says, in whole kilograms.</summary>
    /// <example>1088744</example>
    public required long Emissions { get; init; }

    /// <summary>The same in tonnes.</summary>
    /// <example>1088.744</example>
    public required decimal EmissionsTonnes { get; init; }

    /// <summary>Retired kilograms set against it.</summary>
    /// <example>1088744</example>
    public required long Retired { get; init; }

    /// <summary>Of these, what covers it: all but those of flagged vouchers.</summary>
    /// <example>1088744</example>
    public required long Covering { get; init; }

    /// <summary>The same in tonnes.</summary>
    /// <example>1088.744</example>
    public required decimal CoveringTonnes { get; init; }

    /// <summary>Vouchers behind it that fell away.</summary>
    public required IReadOnlyList<ClaimFlagWire> Flags { get; init; }

    /// <summary>Every serial range that stands against the inventory.</summary>
    public required IReadOnlyList<ClaimCertificateLineWire> Lines { get; init; }

    /// <summary>What the claim says, in two languages.</summary>
    public required ClaimStatementWire Statement { get; init; }

    /// <summary>What this is not.</summary>
    public required string Notice { get; init; }

    /// <summary>The log position of the newest record of the claim: a later one means that its state has changed.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The RFC 6962 leaf hash of that record, in hexadecimal: what anyone can compute again from the event's bytes.</summary>
    public required string VerificationCode { get; init; }

    /// <summary>Where the certificate is shown and printed.</summary>
    /// <example>/certificates/claims/0198f2c0-0000-7000-8000-000000000001</example>
    public required string Page { get; init; }
}
