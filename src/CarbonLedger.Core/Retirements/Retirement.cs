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
public sealed record Beneficiary(OrganizationId? Organization, string? NameSha256);

/// <summary>Units of one voucher in a retirement.</summary>
public sealed record RetiredUnits(VoucherId Voucher, SerialRanges Serials);

public abstract record RetirementEvent : LedgerEvent
{
    private RetirementEvent() { }

    /// <summary>Units were used for ever in favour of a beneficiary.</summary>
    /// <param name="Statement">What the beneficiary says with it, in Chinese and/or English.</param>
    public sealed record RetirementRecorded(
        RetirementId Retirement,
        AccountId Account,
        IReadOnlyList<RetiredUnits> Units,
        Beneficiary Beneficiary,
        RetirementPurpose Purpose,
        DatePeriod ClaimPeriod,
        string? Statement) : RetirementEvent
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

public static class Retirement
{
    public static string NameOf(RetirementPurpose purpose) => purpose switch
    {
        RetirementPurpose.CarbonNeutralOperation => "carbonNeutralOperation",
        RetirementPurpose.CarbonNeutralEvent => "carbonNeutralEvent",
        RetirementPurpose.CorporateTarget => "corporateTarget",
        RetirementPurpose.PublicClaim => "publicClaim",
        RetirementPurpose.Insetting => "insetting",
        RetirementPurpose.RegulatoryRequirement => "regulatoryRequirement",
        RetirementPurpose.EcologicalRestorationOrder => "ecologicalRestorationOrder",
        RetirementPurpose.MandatoryCancellation => "mandatoryCancellation",
        RetirementPurpose.Other => "other",
    };
}
