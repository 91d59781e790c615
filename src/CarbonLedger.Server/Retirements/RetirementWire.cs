using System.Text.Json;
using System.Text.Json.Serialization;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Retirements;

/// <summary>In whose favour units are retired: an organization of the register, or a name.</summary>
public sealed record BeneficiaryPost
{
    /// <summary>A registered organization.</summary>
    public OrganizationId? OrganizationId { get; init; }

    /// <summary>A name, at most 200 characters, instead of an organization. It stands outside the log, which holds only its salted hash.</summary>
    /// <example>兰州新区中川商务中心 1 号楼</example>
    public string? Name { get; init; }

    /// <summary>The person's consent. Give it with every name of a natural person; a name without it is taken for that of a building, an event or an organization.</summary>
    public ConsentWire? Consent { get; init; }

    /// <summary>The first day on which the name is shown; at once when absent. Only with a name.</summary>
    /// <example>2022-06-05</example>
    public LocalDate? PublicationDate { get; init; }
}

/// <summary>A person's consent to stand in the register by name. The document stays with whoever asked for it.</summary>
public sealed record ConsentWire
{
    /// <summary>SHA-256 of the signed document, 64 hexadecimal digits.</summary>
    /// <example>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public required string DocumentSha256 { get; init; }

    /// <summary>The day on which it was given, not after today.</summary>
    /// <example>2022-02-01</example>
    public required LocalDate Date { get; init; }
}

/// <summary>What a beneficiary says with a retirement: one text, or a text by language (<c>{"zh": …, "en": …}</c>).</summary>
[JsonConverter(typeof(StatementJson))]
public sealed record StatementWire(string? Text, string? Zh, string? En)
{
    public const int CharactersMax = 2_000;

    /// <summary>The text for a reader of this language, else whatever there is.</summary>
    public string For(bool chinese) => Text ?? (chinese ? Zh ?? En : En ?? Zh)!;

    public static StatementWire? Of(string? text, Core.Retirements.Statements? statements) =>
        text is null && statements is null ? null : new StatementWire(text, statements?.Zh, statements?.En);
}

/// <summary>Reads and writes a statement in the form in which it was given.</summary>
public sealed class StatementJson : JsonConverter<StatementWire>
{
    public override StatementWire Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new StatementWire(reader.GetString(), null, null);
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A statement is a text or an object.");
        }

        var (zh, en) = ((string?)null, (string?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isZh = reader.ValueTextEquals("zh"u8);
            if ((!isZh && !reader.ValueTextEquals("en"u8)) || (isZh ? zh : en) is not null)
            {
                throw new JsonException("A statement has zh and en, each once.");
            }

            reader.Read();
            var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException("A statement's text is text.");
            (zh, en) = isZh ? (text, en) : (zh, text);
        }

        return new StatementWire(null, zh, en);
    }

    public override void Write(Utf8JsonWriter writer, StatementWire value, JsonSerializerOptions options)
    {
        if (value.Text is { } text)
        {
            writer.WriteStringValue(text);
            return;
        }

        writer.WriteStartObject();
        if (value.Zh is { } zh)
        {
            writer.WriteString("zh"u8, zh);
        }

        if (value.En is { } en)
        {
            writer.WriteString("en"u8, en);
        }

        writer.WriteEndObject();
    }
}

/// <summary>Whether a beneficiary's name is shown.</summary>
public enum NameStatus
{
    Shown,
    NotYetPublished,
    Erased,
}

/// <summary>Why a name is to be erased.</summary>
public sealed record ErasurePost
{
    /// <summary>Why. A word, because a sentence could hold the name that is to go.</summary>
    /// <example>consentWithdrawn</example>
    public required ErasureReason Reason { get; init; }
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

    /// <summary>What the beneficiary says with it: one text, or <c>{zh, en}</c>; at most 2,000 characters each. It stands in the log for ever, so no person's name belongs in it.</summary>
    /// <example>零碳办公 Zero-carbon office operation 2021</example>
    public StatementWire? Statement { get; init; }
}

/// <summary>In whose favour units were retired.</summary>
public sealed record BeneficiaryWire
{
    /// <summary>The organization, when it is one.</summary>
    public OrganizationId? OrganizationId { get; init; }

    /// <summary>The organization's name, or the name given while it is shown.</summary>
    public string? Name { get; init; }

    /// <summary>For a name: SHA-256 over salt and name, as the log has it for ever.</summary>
    public string? NameSha256 { get; init; }

    /// <summary>For a name: <c>shown</c>, <c>notYetPublished</c> or <c>erased</c>, as of today.</summary>
    public NameStatus? NameStatus { get; init; }

    /// <summary>For a person's name: the consent.</summary>
    public ConsentWire? Consent { get; init; }

    /// <summary>For a name: the first day on which it is shown.</summary>
    public LocalDate? PublicationDate { get; init; }

    /// <summary>For a name that was erased: when, in UTC.</summary>
    public Instant? ErasedAt { get; init; }
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

    /// <summary>What the beneficiary says with it, in the form in which it was given.</summary>
    public StatementWire? Statement { get; init; }

    /// <summary>The claims that its kilograms back (C3), in the order of the kilograms.</summary>
    public required IReadOnlyList<ClaimedWire> Claims { get; init; }

    /// <summary>Kilograms that back no claim.</summary>
    public required long Unclaimed { get; init; }

    /// <summary>When, in UTC.</summary>
    public required Instant RetiredAt { get; init; }

    /// <summary>The log position of the retirement's record.</summary>
    public required long LogIndex { get; init; }
}

/// <summary>Kilograms of a retirement that back a claim.</summary>
public sealed record ClaimedWire
{
    /// <summary>The claim.</summary>
    public required ClaimId ClaimId { get; init; }

    /// <summary>The first kilogram, counted from 1 in the order of the retirement's units.</summary>
    public required long First { get; init; }

    /// <summary>The last, inclusive.</summary>
    public required long Last { get; init; }
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

    /// <summary>What the beneficiary says with it, in the form in which it was given.</summary>
    public StatementWire? Statement { get; init; }

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

    /// <summary>Where the certificate is shown and printed.</summary>
    /// <example>/certificates/retirements/0198f2c0-0000-7000-8000-000000000001</example>
    public required string Page { get; init; }
}
