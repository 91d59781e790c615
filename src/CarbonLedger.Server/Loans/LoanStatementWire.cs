using CarbonLedger.Core.Loans;

namespace CarbonLedger.Server.Loans;

/// <summary>A loan entry by entry. What each entry left and what accrued and was paid since make what the next one left, exactly.</summary>
public sealed record LoanStatementWire
{
    /// <summary>The loan.</summary>
    public required LoanId LoanId { get; init; }

    /// <summary>The lender.</summary>
    public required OrganizationId BankId { get; init; }

    /// <summary>The debtor.</summary>
    public required OrganizationId BorrowerId { get; init; }

    /// <summary>The instant asked about.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>The log position that all pages of the statement reflect.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The date, in Asia/Shanghai, on which <c>owed</c> is owed.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>What is owed then, interest to the date included.</summary>
    public required DebtWire Owed { get; init; }

    /// <summary>The entries of this page, in the order of the log.</summary>
    public required IReadOnlyList<LoanEntryWire> Entries { get; init; }

    /// <summary>Give this as <c>cursor</c> for the next page; absent on the last one.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>Parts of a debt, in CNY.</summary>
public sealed record DebtWire
{
    /// <summary>Costs charged and not paid.</summary>
    public required Money Costs { get; init; }

    /// <summary>Interest accrued and not paid.</summary>
    public required Money Interest { get; init; }

    /// <summary>What is left of the principal.</summary>
    public required Money Principal { get; init; }

    /// <summary>The three together.</summary>
    public required Money Outstanding { get; init; }

    internal static DebtWire Of(DebtParts debt) => new() { Costs = debt.Costs, Interest = debt.Interest, Principal = debt.Principal, Outstanding = debt.Sum };
}

/// <summary>One entry of a loan: one event of its stream.</summary>
public sealed record LoanEntryWire
{
    /// <summary>The event's log position.</summary>
    /// <example>42</example>
    public long LogIndex { get; init; }

    /// <summary>When it was recorded, in UTC.</summary>
    public Instant At { get; init; }

    /// <summary><c>opened</c>, <c>repaid</c>, <c>recovered</c> (an enforcement paid), <c>costCharged</c>, <c>rateChanged</c>, <c>pledgeAdded</c>, <c>marginCalled</c>, <c>liquidationPassed</c> or <c>marginCallCured</c>.</summary>
    /// <example>repaid</example>
    public required string What { get; init; }

    /// <summary>Its value date: of <c>opened</c> the start of the loan, of <c>rateChanged</c> the first day of the rate; absent for <c>pledgeAdded</c>.</summary>
    public LocalDate? Date { get; init; }

    /// <summary>The principal lent, the amount paid, or the costs charged, in CNY.</summary>
    /// <example>1000.00</example>
    public Money? Amount { get; init; }

    /// <summary>Of a payment, what fell on costs.</summary>
    public Money? ToCosts { get; init; }

    /// <summary>Of a payment, what fell on interest.</summary>
    public Money? ToInterest { get; init; }

    /// <summary>Of a payment, what fell on principal.</summary>
    public Money? ToPrincipal { get; init; }

    /// <summary>The interest that accrued to its date since the last entry that has <c>owed</c>.</summary>
    public Money? InterestAccrued { get; init; }

    /// <summary>What was owed after it, on its date; absent where it moved nothing of the debt.</summary>
    public DebtWire? Owed { get; init; }

    /// <summary>The yearly rate, as a ratio, that it set.</summary>
    /// <example>0.0435</example>
    public decimal? AnnualRate { get; init; }

    /// <summary>The pledges that came to secure the loan; of <c>recovered</c> the one whose enforcement paid.</summary>
    public IReadOnlyList<PledgeId>? PledgeIds { get; init; }

    /// <summary>The margin call.</summary>
    public Guid? MarginCallId { get; init; }

    /// <summary>Of a margin call, what was owed.</summary>
    public Money? Outstanding { get; init; }

    /// <summary>Of a margin call, what the collateral was worth.</summary>
    public Money? CollateralValue { get; init; }

    /// <summary>Of a margin call, outstanding ÷ collateralValue with four decimals; absent without collateral.</summary>
    /// <example>0.85</example>
    public decimal? LoanToValue { get; init; }

    /// <summary>Of a margin call, whether the loan stood above the liquidation level.</summary>
    public bool? PastLiquidation { get; init; }

    /// <summary>What ended a margin call: <c>repayment</c>, <c>collateral</c>, <c>valuation</c> or <c>policy</c>.</summary>
    public string? Cure { get; init; }

    /// <summary>The words that came with it: what costs were for, why a rate changed, why the bank passed its own limit.</summary>
    public string? Reason { get; init; }
}
