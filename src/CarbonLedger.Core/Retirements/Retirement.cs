using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Retirements;

/// <summary>What a retirement is for.</summary>
public enum RetirementPurpose
{
    CarbonNeutralOperation,
    CarbonNeutralEvent,
    CorporateTarget,
    PublicClaim,
    Insetting,
    RegulatoryRequirement,
    EcologicalRestorationOrder,
    MandatoryCancellation,
    Other,
}

/// <summary>In whose favour units are retired: an organization, or a name whose salted hash alone stands in the log.</summary>
/// <param name="NameSha256">SHA-256 over salt and name; the name itself is kept outside the log, where it can be erased.</param>
/// <param name="Consent">The person's consent, where the name is a person's.</param>
/// <param name="PublicationDate">The first day, in the registry's calendar, on which the name is shown; null shows it at once.</param>
public sealed record Beneficiary(OrganizationId? Organization, string? NameSha256, NameConsent? Consent = null, LocalDate? PublicationDate = null);

/// <summary>A person's consent to stand in the register by name. The document stays with whoever asked for it.</summary>
/// <param name="DocumentSha256">SHA-256 of the signed document, 64 lower-case hexadecimal digits.</param>
public sealed record NameConsent(string DocumentSha256, LocalDate Date);

/// <summary>What a beneficiary says with a retirement, by language; one of the two may be missing.</summary>
public sealed record Statements(string? Zh, string? En);

/// <summary>Why a name was erased. A word, not a sentence: a sentence could hold the name.</summary>
public enum ErasureReason
{
    ConsentWithdrawn,
    PersonsRequest,
    CourtOrder,
    EnteredInError,
    Other,
}

public abstract record RetirementEvent : LedgerEvent
{
    private RetirementEvent() { }

    /// <summary>Units were used for ever in favour of a beneficiary.</summary>
    /// <param name="Statement">What the beneficiary says with it, when it was given as one text.</param>
    /// <param name="Statements">The same, when it was given by language. At most one of the two is there.</param>
    public sealed record RetirementRecorded(
        RetirementId Retirement,
        AccountId Account,
        IReadOnlyList<VoucherSerials> Units,
        Beneficiary Beneficiary,
        RetirementPurpose Purpose,
        DatePeriod ClaimPeriod,
        string? Statement,
        Statements? Statements = null) : RetirementEvent
    {
        public override Guid Stream => Retirement.Value;
    }

    /// <summary>The beneficiary's name was erased, in the same transaction as this was written. Its salted hash stays.</summary>
    public sealed record BeneficiaryErased(RetirementId Retirement, ErasureReason Reason) : RetirementEvent
    {
        public override Guid Stream => Retirement.Value;
    }

    /// <summary>Kilograms of the retirement, counted from 1 in the order of its units, back a claim (C3). Stands after the claim's own event.</summary>
    public sealed record RetirementClaimed(RetirementId Retirement, ClaimId Claim, OrganizationId Organization, long First, long Last) : RetirementEvent
    {
        public override Guid Stream => Retirement.Value;
    }

    /// <summary>The claim was withdrawn: its kilograms of the retirement back none.</summary>
    public sealed record RetirementUnclaimed(RetirementId Retirement, ClaimId Claim) : RetirementEvent
    {
        public override Guid Stream => Retirement.Value;
    }
}
