using CarbonLedger.Core.Log;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Projects;
using CarbonLedger.Core.Proofs;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Vouchers;
using Npgsql;

namespace CarbonLedger.Server.Retirements;

/// <summary>Reads retirements and their certificates from the log.</summary>
public sealed class RetirementReader(LedgerDatabase database, LogReader log, ThingReader things, IClock clock, RevocationReader revocations)
{
    /// <summary>More claims than a retirement ever backs and loses.</summary>
    private const int StreamEventsMax = 10_000;

    private const string Notice = "区域林业碳票,非全国碳市场履约产品。 A regional forestry carbon voucher, not a national-market compliance unit.";

    public async Task<RetirementWire> ReadAsync(Guid id, ReadQuestion question)
    {
        var (recorded, e) = await FindAsync(id, question);
        return new RetirementWire
        {
            Id = id,
            AccountId = e.Account,
            Kilograms = e.Units.Sum(u => u.Serials.Kilograms.Value),
            Lines = [.. e.Units.Select(u => UnitsWire.Of(u.Voucher, u.Serials))],
            Beneficiary = await BeneficiaryAsync(id, e.Beneficiary),
            Purpose = e.Purpose,
            ClaimPeriod = new PeriodWire { First = e.ClaimPeriod.First, Last = e.ClaimPeriod.Last },
            Statement = StatementWire.Of(e.Statement, e.Statements),
            RetiredAt = recorded.At,
            LogIndex = recorded.LogIndex,
        };
    }

    public async Task<CertificateWire> CertificateAsync(Guid id, ReadQuestion question)
    {
        var (recorded, e) = await FindAsync(id, question);
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
            Beneficiary = await BeneficiaryAsync(id, e.Beneficiary),
            Purpose = e.Purpose,
            ClaimPeriod = new PeriodWire { First = e.ClaimPeriod.First, Last = e.ClaimPeriod.Last },
            Statement = StatementWire.Of(e.Statement, e.Statements),
            Kilograms = kilograms.Value,
            Tonnes = kilograms.Tonnes,
            Lines = lines,
            Irreversible = true,
            Notice = Notice,
            LogIndex = recorded.LogIndex,
            VerificationCode = Convert.ToHexStringLower(LeafHash.Of(await log.BytesAtAsync(recorded.LogIndex))),
            Page = $"/certificates/retirements/{id}",
        };
    }

    private async Task<(RecordedEvent Recorded, RetirementEvent.RetirementRecorded Fact)> FindAsync(Guid id, ReadQuestion question) =>
        await log.StreamAsync(id, 0, question.UpTo, 1, CancellationToken.None) is [{ Fact: RetirementEvent.RetirementRecorded e } recorded]
            ? (recorded, e)
            : throw new RefusedException(new Refusal.RetirementNotFound(new RetirementId(id)));

    private async Task<BeneficiaryWire> BeneficiaryAsync(Guid retirement, Beneficiary beneficiary)
    {
        if (beneficiary.Organization is { } organization)
        {
            return new BeneficiaryWire { OrganizationId = organization, Name = (await things.CurrentAsync(organization.Value) as OrganizationState)?.Name };
        }

        var (name, erasedAt) = await NameAsync(retirement);
        var status = name is null ? NameStatus.Erased
            : beneficiary.PublicationDate > RegistryCalendar.DateOf(clock.GetCurrentInstant()) ? NameStatus.NotYetPublished
            : NameStatus.Shown;
        return new BeneficiaryWire
        {
            Name = status == NameStatus.Shown ? name : null,
            NameSha256 = beneficiary.NameSha256,
            NameStatus = status,
            Consent = beneficiary.Consent is { } consent ? new ConsentWire { DocumentSha256 = consent.DocumentSha256, Date = consent.Date } : null,
            PublicationDate = beneficiary.PublicationDate,
            ErasedAt = erasedAt,
        };
    }

    /// <summary>The name that stands outside the log, or when it was erased. About the present, whatever instant is asked about: what is erased is not shown.</summary>
    private async Task<(string? Name, Instant? ErasedAt)> NameAsync(Guid retirement)
    {
        await using (var command = database.Readers.CreateCommand("select name from ledger.private_names where id = $1"))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = retirement });
            if (await command.ExecuteScalarAsync() is string name)
            {
                return (name, null);
            }
        }

        // Claims stand in the same stream, before and after the erasure.
        var later = await log.StreamAsync(retirement, 1, null, StreamEventsMax, CancellationToken.None);
        return (null, later.FirstOrDefault(r => r.Fact is RetirementEvent.BeneficiaryErased)?.At);
    }
}
