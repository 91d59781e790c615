using System.Text.Json.Serialization;
using CarbonLedger.Core.Prices;

namespace CarbonLedger.Server.Loans;

/// <summary>A bank's rules for its collateral.</summary>
public record CollateralPolicyPost
{
    /// <summary>The highest ratio at which a loan is opened without an override: above 0 to 10, at most four decimals; 0.7 is 70 %. No limit when absent.</summary>
    /// <example>0.7</example>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public decimal? MaxLoanToValue { get; init; }

    /// <summary>The ratio above which a margin call is made, not below the one before. No calls when absent.</summary>
    /// <example>0.8</example>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public decimal? WarningLoanToValue { get; init; }

    /// <summary>The ratio above which enforcement becomes possible, not below the one before.</summary>
    /// <example>0.9</example>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public decimal? LiquidationLoanToValue { get; init; }

    /// <summary>How the price is found; <c>referencePrice</c> when absent.</summary>
    /// <example>average</example>
    public ValuationRule? ValuationRule { get; init; }

    /// <summary>Days of the average, 1 to 366; with <c>average</c> only.</summary>
    /// <example>30</example>
    public int? AverageDays { get; init; }
}

/// <summary>A bank's rules for its collateral, as they stand.</summary>
public sealed record CollateralPolicyWire : CollateralPolicyPost
{
    /// <summary>The bank.</summary>
    public required OrganizationId BankId { get; init; }
}

/// <summary>A margin run takes nothing: the policy says everything.</summary>
public sealed record MarginRunPost;

/// <summary>The price at which collateral is valued, and where it comes from.</summary>
public abstract record PricedWire
{
    /// <summary>The rule that gave the price.</summary>
    public required ValuationRule ValuationRule { get; init; }

    /// <summary>The rule that was to be used and found no price; absent otherwise.</summary>
    public ValuationRule? ValuationInsteadOf { get; init; }

    /// <summary>The price used, in CNY per tonne; absent when pledges are valued at their own contract prices.</summary>
    public PricePerTonne? PricePerTonne { get; init; }

    /// <summary>Where the price comes from; absent when pledges with different valuations count at their own.</summary>
    /// <example>trade T-1 of venue 0198f2c0-0000-7000-8000-000000000001</example>
    public string? ValuationSource { get; init; }

    /// <summary>The date of the source.</summary>
    public LocalDate? ValuationSourceDate { get; init; }
}

/// <summary>What a margin run found.</summary>
public sealed record MarginRunWire : PricedWire
{
    /// <summary>The run's id.</summary>
    [JsonPropertyOrder(-2)]
    public required Guid Id { get; init; }

    /// <summary>The log position of its last event.</summary>
    [JsonPropertyOrder(-1)]
    public required long LogIndex { get; init; }

    /// <summary>The date to which interest was computed.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>How many open loans were looked at.</summary>
    public required int LoansValued { get; init; }

    /// <summary>How many loans changed beyond the 500 of one run; make another one.</summary>
    public required int LoansLeft { get; init; }

    /// <summary>New calls.</summary>
    public required IReadOnlyList<RunCallWire> Called { get; init; }

    /// <summary>Open calls whose loans passed the liquidation level.</summary>
    public required IReadOnlyList<RunCallWire> LiquidationPassed { get; init; }

    /// <summary>Calls that ended.</summary>
    public required IReadOnlyList<RunCallWire> Cured { get; init; }
}

/// <summary>A margin call that a run made or changed.</summary>
public sealed record RunCallWire
{
    /// <summary>The call.</summary>
    public required Guid Id { get; init; }

    /// <summary>The loan.</summary>
    public required LoanId LoanId { get; init; }

    /// <summary>True above the liquidation level.</summary>
    public required bool PastLiquidation { get; init; }
}

/// <summary>A margin call, with the figures of the day on which it was made.</summary>
public sealed record MarginCallWire : PricedWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The loan.</summary>
    public required LoanId LoanId { get; init; }

    /// <summary><c>open</c> or <c>cured</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Its log position.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The date of the call.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>What was owed, in CNY.</summary>
    public required Money Outstanding { get; init; }

    /// <summary>What the collateral was worth, in CNY.</summary>
    public required Money CollateralValue { get; init; }

    /// <summary>outstanding ÷ collateralValue with four decimals; absent without collateral.</summary>
    public decimal? LoanToValue { get; init; }

    /// <summary>The level that was passed.</summary>
    public required decimal WarningLoanToValue { get; init; }

    /// <summary>The liquidation level at that time; absent without one.</summary>
    public decimal? LiquidationLoanToValue { get; init; }

    /// <summary>When the loan passed the liquidation level; absent when it did not.</summary>
    public LocalDate? LiquidationPassedOn { get; init; }

    /// <summary>When it was cured; absent while it is open.</summary>
    public LocalDate? CuredOn { get; init; }

    /// <summary><c>repayment</c>, <c>collateral</c>, <c>valuation</c> or <c>policy</c>; absent while it is open.</summary>
    public string? Cure { get; init; }
}

/// <summary>What a bank's open loans stand on. A kilogram that secures several of them counts once, with the one recorded first.</summary>
public sealed record CollateralBookWire : PricedWire
{
    /// <summary>The bank.</summary>
    public required OrganizationId BankId { get; init; }

    /// <summary>The instant asked about.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>The log position that the book reflects.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The date to which interest is computed, in Asia/Shanghai.</summary>
    public required LocalDate ValuationDate { get; init; }

    /// <summary>All open loans together.</summary>
    public required CollateralBookTotalsWire Totals { get; init; }

    /// <summary>Open loans above the policy's warning level.</summary>
    public required int LoansPastWarning { get; init; }

    /// <summary>Open loans above the policy's liquidation level.</summary>
    public required int LoansPastLiquidation { get; init; }

    /// <summary>The units under the securing pledges, by voucher.</summary>
    public required IReadOnlyList<CollateralUnitsWire> Units { get; init; }

    /// <summary>The loans by the days that are left to their maturity, overdue ones first.</summary>
    public required IReadOnlyList<MaturityBucketWire> MaturityLadder { get; init; }

    /// <summary>The debts by the projects from which the units come.</summary>
    public required IReadOnlyList<ProjectExposureWire> Projects { get; init; }

    /// <summary>How many margin calls are open.</summary>
    public required long OpenMarginCallCount { get; init; }

    /// <summary>The first of them, at most 1,000; all are at <c>/margin-calls?status=open</c>.</summary>
    public required IReadOnlyList<MarginCallWire> OpenMarginCalls { get; init; }
}

/// <summary>Loans with what stands under them.</summary>
public record CollateralTotalsWire
{
    /// <summary>How many open loans.</summary>
    public required int Loans { get; init; }

    /// <summary>What is owed on them in CNY: principal, interest and costs.</summary>
    public required Money Outstanding { get; init; }

    /// <summary>Kilograms under the securing pledges.</summary>
    public required long Kilograms { get; init; }

    /// <summary>What they are worth, in CNY.</summary>
    public required Money CollateralValue { get; init; }

    /// <summary>outstanding ÷ collateralValue with four decimals; absent without collateral.</summary>
    public decimal? LoanToValue { get; init; }
}

/// <summary>All open loans of a bank with what stands under them, and before them.</summary>
public sealed record CollateralBookTotalsWire : CollateralTotalsWire
{
    /// <summary>What earlier pledges on the same units secure, in CNY, those of the open loans left out and each other one once. loanToValue does not count it.</summary>
    public required Money PriorSecured { get; init; }

    /// <summary>The least of collateralValue that is left when all earlier pledges are paid out of the units they stand before on, in CNY.</summary>
    public required Money ValueAfterPrior { get; init; }
}

/// <summary>Loans that mature within some days.</summary>
public sealed record MaturityBucketWire : CollateralTotalsWire
{
    /// <summary>Days to maturity: <c>overdue</c>, <c>0-30</c>, <c>31-90</c>, <c>91-180</c>, <c>181-365</c> or <c>366+</c>.</summary>
    public required string Days { get; init; }
}

/// <summary>Units of one project under a bank's open loans.</summary>
public record ProjectExposureWire
{
    /// <summary>The project.</summary>
    public required ProjectId ProjectId { get; init; }

    /// <summary>Kilograms under the securing pledges.</summary>
    public required long Kilograms { get; init; }

    /// <summary>What they are worth, in CNY.</summary>
    public required Money CollateralValue { get; init; }

    /// <summary>The part of the debts that falls on them by each loan's own kilograms, in CNY; the parts of a secured loan add up to what is owed on it.</summary>
    public required Money Exposure { get; init; }
}

/// <summary>Units of one voucher under a bank's open loans.</summary>
public sealed record CollateralUnitsWire : ProjectExposureWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }
}
