using CarbonLedger.Core.Log;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Projects;
using CarbonLedger.Core.Proofs;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Retirements;

/// <summary>Reads retirements and their certificates from the log.</summary>
public sealed class RetirementReader(LedgerDatabase database, LogReader log, ThingReader things, LogClock clock, RevocationReader revocations)
{
    // Claims stand in the same stream, before and after the erasure.
    private const string Names =
        """
        select r.id, n.name, (select min(e.timestamp) from mt_events e where e.stream_id = r.id and e.type = 'beneficiary_erased')
        from unnest($1::uuid[]) as r(id) left join ledger.private_names n using (id)
        """;

    public async Task<RetirementWire> ReadAsync(Guid id, ReadQuestion question)
    {
        var state = await things.FindAsync<RetirementState>(id, question, new Refusal.RetirementNotFound(new RetirementId(id)));
        return (await WiresAsync([state]))[0];
    }

    /// <summary>One more than the limit, where there are so many.</summary>
    /// <param name="party">Only those out of this account, or in favour of this organization.</param>
    public async Task<List<RetirementWire>> ListAsync(ReadQuestion question, Guid? party)
    {
        return await WiresAsync((await things.ListAsync<RetirementState>("retirement", question, party)).ConvertAll(r => r.Entry));
    }

    private async Task<List<RetirementWire>> WiresAsync(IReadOnlyList<RetirementState> states)
    {
        var recorded = await log.FirstAsync([.. states.Select(s => s.Id)]);
        var (beneficiaries, stateOf) = (await BeneficiariesAsync(recorded), states.ToDictionary(s => s.Retirement));
        return recorded.ConvertAll(r => Of(r, beneficiaries, stateOf));
    }

    private static RetirementWire Of(RecordedEvent recorded, Dictionary<RetirementId, BeneficiaryWire> beneficiaries, Dictionary<RetirementId, RetirementState> stateOf)
    {
        var e = (RetirementEvent.RetirementRecorded)recorded.Fact;
        return new RetirementWire
        {
            Id = e.Retirement.Value,
            AccountId = e.Account,
            Kilograms = e.Units.Sum(u => u.Serials.Kilograms.Value),
            Lines = [.. e.Units.Select(u => UnitsWire.Of(u.Voucher, u.Serials))],
            Beneficiary = beneficiaries[e.Retirement],
            Purpose = e.Purpose,
            ClaimPeriod = new PeriodWire { First = e.ClaimPeriod.First, Last = e.ClaimPeriod.Last },
            Statement = StatementWire.Of(e.Statement, e.Statements),
            Claims = [.. stateOf[e.Retirement].Claimed.Select(c => new ClaimedWire { ClaimId = c.Claim, First = c.First, Last = c.Last })],
            Unclaimed = stateOf[e.Retirement].Unclaimed.Value,
            RetiredAt = recorded.At,
            LogIndex = recorded.LogIndex,
        };
    }

    public async Task<CertificateWire> CertificateAsync(Guid id, ReadQuestion question)
    {
        var recorded = await FindAsync(id, question);
        var e = (RetirementEvent.RetirementRecorded)recorded.Fact;
        var kilograms = Kilograms.FromKilograms(e.Units.Sum(u => u.Serials.Kilograms.Value));
        var lines = new List<CertificateLineWire>();
        foreach (var units in e.Units)
        {
            var voucher = await VoucherEndpoints.HeadAsync(units.Voucher, question);
            var project = await things.FindAsync<ProjectState>(voucher.Project.Value, question, new Refusal.ProjectNotFound(voucher.Project));
            var revoked = await revocations.FindAsync(units.Voucher, question);
            lines.AddRange(units.Serials.Select(range => new CertificateLineWire
            {
                VoucherId = units.Voucher,
                Serial = SerialText.Render(voucher.Serial, range),
                Kilograms = range.Count,
                PrintedNumber = voucher.PrintedNumber,
                ProjectId = project.Project,
                ProjectName = project.Name,
                Methodology = project.Methodology,
                MonitoringPeriod = new PeriodWire { First = voucher.MonitoringPeriod.First, Last = voucher.MonitoringPeriod.Last },
                VoucherRevoked = revoked,
            }));
        }

        return new CertificateWire
        {
            Number = $"RET-{RegistryCalendar.DateOf(recorded.At).Year:D4}-{recorded.LogIndex:D10}",
            RetirementId = id,
            RetiredAt = recorded.At,
            Beneficiary = (await BeneficiariesAsync([recorded]))[e.Retirement],
            Purpose = e.Purpose,
            ClaimPeriod = new PeriodWire { First = e.ClaimPeriod.First, Last = e.ClaimPeriod.Last },
            Statement = StatementWire.Of(e.Statement, e.Statements),
            Kilograms = kilograms.Value,
            Tonnes = kilograms.Tonnes,
            Lines = lines,
            Irreversible = true,
            Notice = VoucherCertificateReader.Notice,
            LogIndex = recorded.LogIndex,
            VerificationCode = Convert.ToHexStringLower(LeafHash.Of(await log.BytesAtAsync(recorded.LogIndex))),
            Page = $"/certificates/retirements/{id}",
        };
    }

    private async Task<RecordedEvent> FindAsync(Guid id, ReadQuestion question) =>
        await log.StreamAsync(id, 0, question.UpTo, 1, CancellationToken.None) is [{ Fact: RetirementEvent.RetirementRecorded } recorded]
            ? recorded
            : throw new RefusedException(new Refusal.RetirementNotFound(new RetirementId(id)));

    /// <summary>In whose favour. About the present, whatever instant is asked about: a name that is erased is not shown.</summary>
    private async Task<Dictionary<RetirementId, BeneficiaryWire>> BeneficiariesAsync(IReadOnlyList<RecordedEvent> recorded)
    {
        var facts = recorded.Select(r => r.Fact).OfType<RetirementEvent.RetirementRecorded>().ToArray();
        var organizations = await things.LoadAsync([.. facts.Select(e => e.Beneficiary.Organization?.Value).OfType<Guid>().Distinct()], null);
        var names = await NamesAsync([.. facts.Where(e => e.Beneficiary.Organization is null).Select(e => e.Retirement.Value)]);
        return facts.ToDictionary(e => e.Retirement, e => e.Beneficiary.Organization is { } organization
            ? new BeneficiaryWire { OrganizationId = organization, Name = (organizations.GetValueOrDefault(organization.Value) as OrganizationState)?.Name }
            : Of(e.Beneficiary, names[e.Retirement.Value]));
    }

    private BeneficiaryWire Of(Beneficiary beneficiary, (string? Name, Instant? ErasedAt) kept)
    {
        var status = kept.Name is null ? NameStatus.Erased
            : beneficiary.PublicationDate > RegistryCalendar.DateOf(clock.Now) ? NameStatus.NotYetPublished
            : NameStatus.Shown;
        return new BeneficiaryWire
        {
            Name = status == NameStatus.Shown ? kept.Name : null,
            NameSha256 = beneficiary.NameSha256,
            NameStatus = status,
            Consent = beneficiary.Consent is { } consent ? new ConsentWire { DocumentSha256 = consent.DocumentSha256, Date = consent.Date } : null,
            PublicationDate = beneficiary.PublicationDate,
            ErasedAt = kept.ErasedAt,
        };
    }

    /// <summary>The names that stand outside the log, or when they were erased.</summary>
    private async Task<Dictionary<Guid, (string? Name, Instant? ErasedAt)>> NamesAsync(Guid[] retirements)
    {
        if (retirements.Length == 0)
        {
            return [];
        }

        var names = await database.Readers.CreateCommand(Names).With(retirements)
            .ListAsync(row => (Id: row.GetGuid(0), Name: row.TextOrNull(1), ErasedAt: row.IsDBNull(2) ? null : (Instant?)row.InstantAt(2)));
        return names.ToDictionary(n => n.Id, n => (n.Name, n.ErasedAt));
    }
}
