using System.Security.Cryptography;
using System.Text;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Retirements;

public static class RetirementEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/retirements").WithTags("Retirements");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.RetirementPost, Retire))
            .Describes<RetirementPost>("Retire units", "Uses free units for ever in favour of a beneficiary. Irreversible. 409 units-under-lien while they are pledged.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.RetirementWire, q => q.Get<RetirementReader>().ReadAsync(id, q)))
            .Answers<RetirementWire>("Get a retirement", "Beneficiary, purpose and units.");
        group.Get("/{id:guid}/certificate", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.CertificateWire, q => q.Get<RetirementReader>().CertificateAsync(id, q)))
            .Answers<CertificateWire>("Get the certificate of a retirement", "Everything a third party needs to check it: every serial range with project, methodology and monitoring period, the log position, and a verification code.");
    }

    private static Posted Retire(RetirementPost wire)
    {
        var id = new RetirementId(Guid.CreateVersion7());
        var (beneficiary, name) = BeneficiaryOf(id, wire.Beneficiary);
        var command = new RetireUnits(
            id,
            wire.AccountId,
            Input.Lines(wire.Lines),
            beneficiary,
            wire.Purpose,
            Input.Period(wire.ClaimPeriod, "claimPeriod"),
            Input.Optional(wire.Statement, "statement", 2_000));
        return new Posted(command, AcceptedWire.RenderUnits, "/v1/retirements/") { PrivateName = name };
    }

    private static (Beneficiary, PrivateName?) BeneficiaryOf(RetirementId id, BeneficiaryPost wire)
    {
        if (wire.OrganizationId is { } organization)
        {
            return wire.Name is null ? (new Beneficiary(organization, null), null) : throw Input.OutOfRange("beneficiary", "is an organization or a name, not both");
        }

        var name = Input.Text(wire.Name ?? throw Input.OutOfRange("beneficiary", "needs an organizationId or a name"), "beneficiary.name");
        var salt = RandomNumberGenerator.GetBytes(32);
        var hash = Convert.ToHexStringLower(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(name)]));
        return (new Beneficiary(null, hash), new PrivateName(id.Value, salt, name));
    }
}

/// <summary>In whose favour units are retired: exactly one of the two.</summary>
public sealed record BeneficiaryPost
{
    /// <summary>A registered organization.</summary>
    public OrganizationId? OrganizationId { get; init; }

    /// <summary>A name, at most 200 characters. It stands outside the log, which holds only its salted hash.</summary>
    public string? Name { get; init; }
}

/// <summary>A retirement to make.</summary>
public sealed record RetirementPost
{
    /// <summary>The account whose units are used.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>The units.</summary>
    public required IReadOnlyList<LineWire> Lines { get; init; }

    /// <summary>In whose favour.</summary>
    public required BeneficiaryPost Beneficiary { get; init; }

    /// <summary>What for.</summary>
    /// <example>carbonNeutralOperation</example>
    public required RetirementPurpose Purpose { get; init; }

    /// <summary>The period that the beneficiary claims for.</summary>
    public required PeriodWire ClaimPeriod { get; init; }

    /// <summary>What the beneficiary says with it, in Chinese and/or English, at most 2,000 characters.</summary>
    /// <example>零碳办公 Zero-carbon office operation 2021</example>
    public string? Statement { get; init; }
}

/// <summary>In whose favour units were retired.</summary>
public sealed record BeneficiaryWire
{
    /// <summary>The organization, when it is one.</summary>
    public OrganizationId? OrganizationId { get; init; }

    /// <summary>The organization's name, or the name given, unless it was erased.</summary>
    public string? Name { get; init; }

    /// <summary>For a name: SHA-256 over salt and name, as the log has it.</summary>
    public string? NameSha256 { get; init; }
}

/// <summary>A retirement.</summary>
public sealed record RetirementWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account whose units were used.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>Kilograms retired.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The units.</summary>
    public required IReadOnlyList<UnitsWire> Lines { get; init; }

    /// <summary>In whose favour.</summary>
    public required BeneficiaryWire Beneficiary { get; init; }

    /// <summary>What for.</summary>
    public required RetirementPurpose Purpose { get; init; }

    /// <summary>The period that the beneficiary claims for.</summary>
    public required PeriodWire ClaimPeriod { get; init; }

    /// <summary>What the beneficiary says with it.</summary>
    public string? Statement { get; init; }

    /// <summary>When, in UTC.</summary>
    public required Instant RetiredAt { get; init; }

    /// <summary>The log position of the retirement's record.</summary>
    public required long LogIndex { get; init; }
}

/// <summary>A retired serial range with where it comes from.</summary>
public sealed record CertificateLineWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>The canonical serial text of the range.</summary>
    public required string Serial { get; init; }

    /// <summary>Kilograms in the range.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The printed 碳票编号, when the voucher has one.</summary>
    public string? PrintedNumber { get; init; }

    /// <summary>The project.</summary>
    public required ProjectId ProjectId { get; init; }

    /// <summary>The project's name.</summary>
    public required string ProjectName { get; init; }

    /// <summary>The project's methodology.</summary>
    public required string Methodology { get; init; }

    /// <summary>First and last day of the verified removal.</summary>
    public required PeriodWire MonitoringPeriod { get; init; }

    /// <summary>Why and when the voucher was revoked, where it was: the units stay retired, but what they stand for was taken back.</summary>
    public RevocationWire? VoucherRevoked { get; init; }
}

/// <summary>The certificate of a retirement.</summary>
public sealed record CertificateWire
{
    /// <summary>Its number: <c>RET-</c>, year, log position.</summary>
    /// <example>RET-2026-0000000042</example>
    public required string Number { get; init; }

    /// <summary>The retirement.</summary>
    public required Guid RetirementId { get; init; }

    /// <summary>When, in UTC.</summary>
    public required Instant RetiredAt { get; init; }

    /// <summary>In whose favour.</summary>
    public required BeneficiaryWire Beneficiary { get; init; }

    /// <summary>What for.</summary>
    public required RetirementPurpose Purpose { get; init; }

    /// <summary>The period that the beneficiary claims for.</summary>
    public required PeriodWire ClaimPeriod { get; init; }

    /// <summary>What the beneficiary says with it.</summary>
    public string? Statement { get; init; }

    /// <summary>Kilograms retired.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The same in tonnes.</summary>
    public required decimal Tonnes { get; init; }

    /// <summary>Every serial range.</summary>
    public required IReadOnlyList<CertificateLineWire> Lines { get; init; }

    /// <summary>Always true: retired units never move, are never pledged, never return.</summary>
    public required bool Irreversible { get; init; }

    /// <summary>What this is not.</summary>
    public required string Notice { get; init; }

    /// <summary>The log position of the retirement's record.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The RFC 6962 leaf hash of that record, in hexadecimal: what anyone can compute again from the event's bytes.</summary>
    public required string VerificationCode { get; init; }
}
