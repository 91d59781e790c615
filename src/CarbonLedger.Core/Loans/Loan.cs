namespace CarbonLedger.Core.Loans;

/// <summary>The days that a year of interest has: actual days over this number.</summary>
public enum DayCount
{
    Actual360 = 360,
    Actual365 = 365,
}

public abstract record LoanEvent : LedgerEvent
{
    private LoanEvent() { }

    /// <summary>A bank lent a principal against pledges.</summary>
    public sealed record LoanOpened(
        LoanId Loan,
        OrganizationId Bank,
        OrganizationId Borrower,
        Money Principal,
        AnnualRate AnnualRate,
        DayCount DayCount,
        LocalDate StartDate,
        LocalDate MaturityDate,
        IReadOnlyList<PledgeId> Pledges) : LoanEvent
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public override Guid Stream => Loan.Value;
    }

    /// <summary>A repayment, as it was allocated: interest first, then principal.</summary>
    public sealed record LoanRepaid(LoanId Loan, LocalDate Date, Money ToInterest, Money ToPrincipal) : LoanEvent
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public override Guid Stream => Loan.Value;
    }
}

/// <param name="Principal">What is left of the principal.</param>
/// <param name="UnpaidInterest">Interest settled up to <paramref name="SettledTo"/> and not paid.</param>
/// <param name="SettledTo">The date of the last entry; interest runs from there.</param>
public sealed record LoanState(
    LoanId Loan,
    OrganizationId Bank,
    OrganizationId Borrower,
    Money OriginalPrincipal,
    Money Principal,
    Money UnpaidInterest,
    LocalDate SettledTo,
    AnnualRate AnnualRate,
    DayCount DayCount,
    LocalDate StartDate,
    LocalDate MaturityDate,
    IReadOnlyList<PledgeId> Pledges) : State
{
    [System.Text.Json.Serialization.JsonIgnore]
    public override Guid Id => Loan.Value;

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsRepaid => Principal == Money.Zero && UnpaidInterest == Money.Zero;

    /// <summary>Interest owed at the beginning of a date: actual days over the day count, rounded to the fen.</summary>
    /// <remarks>A day before the last entry owes what that entry left.</remarks>
    public Money InterestOn(LocalDate date)
    {
        var days = Math.Max(0, NodaTime.Period.DaysBetween(SettledTo, date));
        return UnpaidInterest + Money.Rounded(Principal.Amount * AnnualRate.Ratio * days / (int)DayCount);
    }

    public Money OutstandingOn(LocalDate date) => Principal + InterestOn(date);
}

public static class Loan
{
    public static LoanState Evolve(LoanState? state, LoanEvent fact) => fact switch
    {
        LoanEvent.LoanOpened e => Open(e),
        LoanEvent.LoanRepaid e => Repay(state!, e),
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    private static LoanState Open(LoanEvent.LoanOpened e) => new(
        e.Loan, e.Bank, e.Borrower, e.Principal, e.Principal, Money.Zero, e.StartDate, e.AnnualRate, e.DayCount, e.StartDate, e.MaturityDate, e.Pledges);

    private static LoanState Repay(LoanState state, LoanEvent.LoanRepaid e) => state with
    {
        UnpaidInterest = state.InterestOn(e.Date) - e.ToInterest,
        Principal = state.Principal - e.ToPrincipal,
        SettledTo = e.Date,
    };
}

/// <summary>What the pledged units are worth against the debt (P5).</summary>
public static class Collateral
{
    /// <summary>kilograms ÷ 1000 × price, rounded to the fen.</summary>
    public static Money Value(Kilograms kilograms, PricePerTonne price) => price.Of(kilograms);

    /// <summary>outstanding ÷ collateral value as a ratio with four decimals, rounded half away from zero; null without collateral.</summary>
    public static decimal? LoanToValue(Money outstanding, Money collateralValue) => collateralValue == Money.Zero
        ? null
        : decimal.Round(outstanding.Amount / collateralValue.Amount, 4, MidpointRounding.AwayFromZero);
}
