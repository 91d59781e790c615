using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

/// <summary>A yearly rate that applies from a date on.</summary>
public sealed record RateStep(LocalDate From, AnnualRate AnnualRate);

/// <summary>A margin call that is open.</summary>
/// <param name="Date">The date of the call.</param>
/// <param name="WarningLoanToValue">The level that was passed.</param>
/// <param name="Quote">The price at which it was passed.</param>
public sealed record MarginCall(MarginCallId Call, LocalDate Date, bool PastLiquidation, decimal WarningLoanToValue, PriceQuote Quote);

/// <param name="Principal">What is left of the principal.</param>
/// <param name="InterestYuanDays">Σ principal × rate × days from the start to <paramref name="SettledTo"/>, exact: never rounded, never reduced by payments.</param>
/// <param name="InterestPaid">All interest paid so far.</param>
/// <param name="UnpaidCosts">Costs charged and not paid.</param>
/// <param name="SettledTo">The date of the last entry; interest runs from there.</param>
/// <param name="AnnualRate">The rate on <paramref name="SettledTo"/>.</param>
/// <param name="RateSteps">Rates from later dates on, ascending.</param>
/// <param name="MarginCall">The open one, when there is one.</param>
public sealed record LoanState(
    LoanId Loan,
    OrganizationId Bank,
    OrganizationId Borrower,
    Money OriginalPrincipal,
    Money Principal,
    decimal InterestYuanDays,
    Money InterestPaid,
    Money UnpaidCosts,
    LocalDate SettledTo,
    AnnualRate AnnualRate,
    IReadOnlyList<RateStep> RateSteps,
    DayCount DayCount,
    LocalDate StartDate,
    LocalDate MaturityDate,
    IReadOnlyList<PledgeId> Pledges,
    MarginCall? MarginCall) : State
{
    public override Guid Id => Loan.Value;

    public override bool IsAtRest => IsRepaid;

    /// <summary>Interest owed at the last entry.</summary>
    public Money UnpaidInterest => InterestOn(SettledTo);

    public bool IsRepaid => Principal == Money.Zero && UnpaidCosts == Money.Zero && UnpaidInterest == Money.Zero;

    /// <summary>Interest owed at the beginning of a date: all interest since the start, rounded to the fen once, less what was paid.</summary>
    /// <remarks>
    /// A day before the last entry owes what that entry left. No rounded amount is ever carried forward, so nothing drifts. The first versions rounded at each
    /// repayment, and so a loan of theirs may have paid a fen more than that: then it owes none until as much has accrued.
    /// </remarks>
    public Money InterestOn(LocalDate date) => Money.Rounded(YuanDaysOn(date) / (int)DayCount) is var interest && interest > InterestPaid ? interest - InterestPaid : Money.Zero;

    /// <summary>Costs, interest and principal at the beginning of a date.</summary>
    public DebtParts OwedOn(LocalDate date) => new(UnpaidCosts, InterestOn(date), Principal);

    /// <summary>All that is owed at the beginning of a date.</summary>
    public Money OutstandingOn(LocalDate date) => OwedOn(date).Sum;

    /// <summary>The rate in force on a date.</summary>
    public AnnualRate RateOn(LocalDate date) => RateSteps.LastOrDefault(s => s.From <= date)?.AnnualRate ?? AnnualRate;

    /// <summary>How many days the loan is overdue at a date: those after its maturity, while anything is owed.</summary>
    public int OverdueDaysOn(LocalDate date) => IsRepaid || date <= MaturityDate ? 0 : Days(MaturityDate, date);

    /// <summary>The same debt with its interest taken in up to a date.</summary>
    internal LoanState SettledOn(LocalDate date) => date >= SettledTo
        ? this with
        {
            InterestYuanDays = EightDecimals(YuanDaysOn(date)),
            SettledTo = date,
            AnnualRate = RateOn(date),
            RateSteps = [.. RateSteps.Where(s => s.From > date)],
        }
        : throw new InvalidOperationException($"Loan {Loan} has an entry of {SettledTo:uuuu-MM-dd}; another one lies before it.");

    /// <summary>The same debt with another rate from a date on; a rate that was to begin on that very date is superseded.</summary>
    internal LoanState WithRate(AnnualRate rate, LocalDate from) => from > SettledTo
        ? this with { RateSteps = [.. RateSteps.Where(s => s.From < from), new RateStep(from, rate), .. RateSteps.Where(s => s.From > from)] }
        : from == SettledTo ? this with { AnnualRate = rate }
        : throw new InvalidOperationException($"Loan {Loan} has an entry of {SettledTo:uuuu-MM-dd}; a rate begins before it.");

    private decimal YuanDaysOn(LocalDate date)
    {
        var (sum, from, rate) = (InterestYuanDays, SettledTo, AnnualRate);
        foreach (var step in RateSteps.TakeWhile(s => s.From < date))
        {
            sum += Principal.Amount * rate.Ratio * Days(from, step.From);
            (from, rate) = (step.From, step.AnnualRate);
        }

        return date > from ? sum + (Principal.Amount * rate.Ratio * Days(from, date)) : sum;
    }

    /// <summary>Fen × millionths of a rate have eight decimals; always all of them, so that the same debt is always the same text.</summary>
    private static decimal EightDecimals(decimal exact) => decimal.Round(exact, 8) + 0.00000000m;

    private static int Days(LocalDate from, LocalDate to) => NodaTime.Period.DaysBetween(from, to);
}
