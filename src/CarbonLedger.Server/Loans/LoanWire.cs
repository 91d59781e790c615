namespace CarbonLedger.Server.Loans;

/// <summary>A loan with what is owed and what secures it.</summary>
public sealed record LoanWire : PricedWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The lender.</summary>
    public required OrganizationId BankId { get; init; }

    /// <summary>The debtor.</summary>
    public required OrganizationId BorrowerId { get; init; }

    /// <summary><c>open</c> or <c>repaid</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The principal lent, in CNY.</summary>
    public required Money Principal { get; init; }

    /// <summary>What is left of the principal, in CNY.</summary>
    public required Money OutstandingPrincipal { get; init; }

    /// <summary>Interest owed to the date, in CNY.</summary>
    public required Money AccruedInterest { get; init; }

    /// <summary>Principal, interest and costs owed, in CNY.</summary>
    public required Money Outstanding { get; init; }

    /// <summary>The yearly rate on the valuation date, as a ratio.</summary>
    public required decimal AnnualRate { get; init; }

    /// <summary>Rates that are agreed for later dates.</summary>
    public required IReadOnlyList<RateStepWire> RateChanges { get; init; }

    /// <summary>All interest paid so far, in CNY.</summary>
    public required Money InterestPaid { get; init; }

    /// <summary>Costs charged and not paid, in CNY.</summary>
    public required Money UnpaidCosts { get; init; }

    /// <summary>The date of the last repayment or costs; the start date before the first.</summary>
    public required LocalDate LastEntryDate { get; init; }

    /// <summary>True from the start date on. Before it the loan counts with its whole principal, and bears nothing.</summary>
    public required bool Disbursed { get; init; }

    /// <summary>Days since the maturity date while anything is owed; 0 up to it.</summary>
    public required int OverdueDays { get; init; }

    /// <summary>All that is owed, from the day after maturity on; 0.00 up to it.</summary>
    public required Money OverdueAmount { get; init; }

    /// <summary>The margin call that is open; absent when none is.</summary>
    public OpenCallWire? MarginCall { get; init; }

    /// <summary>Days of an interest year.</summary>
    public required int DayCount { get; init; }

    /// <summary>The day from which interest runs.</summary>
    public required LocalDate StartDate { get; init; }

    /// <summary>The day on which the loan is due.</summary>
    public required LocalDate MaturityDate { get; init; }

    /// <summary>The date to which interest is computed, in Asia/Shanghai.</summary>
    public required LocalDate ValuationDate { get; init; }

    /// <summary>Kilograms under the securing pledges, each counted once however many of them lie on it; those of revoked vouchers do not count.</summary>
    public required long CollateralKilograms { get; init; }

    /// <summary>Kilograms under them besides, of vouchers that were revoked: they cannot be sold and are worth nothing. Absent when there are none.</summary>
    public long? RevokedKilograms { get; init; }

    /// <summary>Kilograms ÷ 1000 × price, in CNY. Where the pledges count at their own valuations, a kilogram under several counts at the lowest.</summary>
    public required Money CollateralValue { get; init; }

    /// <summary>What earlier pledges on the same units secure, in CNY, those of the loan itself left out; 0.00 when the loan's stand first. loanToValue does not count it.</summary>
    public required Money PriorSecured { get; init; }

    /// <summary>The least of collateralValue that is left when all earlier pledges are paid out of the units they stand before on, in CNY.</summary>
    public required Money ValueAfterPrior { get; init; }

    /// <summary>outstanding ÷ collateralValue with four decimals; absent without collateral.</summary>
    /// <example>0.9835</example>
    public decimal? LoanToValue { get; init; }

    /// <summary>The securing pledges.</summary>
    public required IReadOnlyList<PledgeId> PledgeIds { get; init; }
}

/// <summary>A yearly rate from a date on.</summary>
public sealed record RateStepWire
{
    /// <summary>The first day of the rate.</summary>
    public required LocalDate From { get; init; }

    /// <summary>The yearly rate as a ratio.</summary>
    public required decimal AnnualRate { get; init; }
}

/// <summary>A margin call that is open.</summary>
public sealed record OpenCallWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The date of the call.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>True once the loan passed the liquidation level.</summary>
    public required bool PastLiquidation { get; init; }
}

/// <summary>The loans of a bank.</summary>
public sealed record LoanBookWire
{
    /// <summary>The bank.</summary>
    public required OrganizationId BankId { get; init; }

    /// <summary>The instant asked about.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>The log position that the book reflects.</summary>
    public required long LogIndex { get; init; }

    /// <summary>All loans of the bank together.</summary>
    public required LoanBookTotalsWire Totals { get; init; }

    /// <summary>The loans of this page, in the order of recording.</summary>
    public required IReadOnlyList<LoanWire> Loans { get; init; }

    /// <summary>Give this as <c>cursor</c> for the next page; absent on the last one.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>Sums over the loans of a bank.</summary>
public sealed record LoanBookTotalsWire
{
    /// <summary>How many loans.</summary>
    public required long Loans { get; init; }

    /// <summary>Principal outstanding in CNY, without interest.</summary>
    public required Money OutstandingPrincipal { get; init; }

    /// <summary>The sum of the loans' collateralKilograms: a kilogram that secures two loans counts with each.</summary>
    public required long CollateralKilograms { get; init; }
}
