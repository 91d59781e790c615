using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

/// <summary>A yearly rate that applies from a date on.</summary>
public sealed record RateStep(LocalDate From, AnnualRate AnnualRate);

/// <summary>A margin call that is open.</summary>
/// <param name="Date">The date of the call.</param>
/// <param name="WarningLoanToValue">The level that was passed.</param>
/// <param name="Quote">The price at which it was passed.</param>
public sealed record MarginCall(MarginCallId Call, LocalDate Date, bool PastLiquidation, decimal WarningLoanToValue, PriceQuote Quote);

/// <summary>How a payment falls on what is owed: costs, then interest, then principal; what is left over is nobody's debt.</summary>
public readonly record struct Allocation(Money ToCosts, Money ToInterest, Money ToPrincipal, Money Surplus)
{
    /// <summary>What the payment takes off the debt.</summary>
    public Money Used => ToCosts + ToInterest + ToPrincipal;
}

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
    /// <remarks>A day before the last entry owes what that entry left. No rounded amount is ever carried forward, so nothing drifts.</remarks>
    public Money InterestOn(LocalDate date) => Money.Rounded(YuanDaysOn(date) / (int)DayCount) - InterestPaid;

    /// <summary>Principal, interest and costs at the beginning of a date.</summary>
    public Money OutstandingOn(LocalDate date) => Principal + InterestOn(date) + UnpaidCosts;

    /// <summary>The rate in force on a date.</summary>
    public AnnualRate RateOn(LocalDate date) => RateSteps.LastOrDefault(s => s.From <= date)?.AnnualRate ?? AnnualRate;

    /// <summary>How many days the loan is overdue at a date: those after its maturity, while anything is owed.</summary>
    public int OverdueDaysOn(LocalDate date) => IsRepaid || date <= MaturityDate ? 0 : Days(MaturityDate, date);

    /// <summary>How a payment of a date falls: costs → interest → principal → surplus. An enforcement's proceeds and a repayment alike.</summary>
    /// <remarks>Record it with <see cref="LoanEvent.LoanRepaid"/> when anything is used. The date is not before <see cref="SettledTo"/>.</remarks>
    public Allocation Allocate(Money amount, LocalDate date)
    {
        var left = amount;
        var costs = Take(UnpaidCosts);
        var interest = Take(InterestOn(date));
        var principal = Take(Principal);
        return new Allocation(costs, interest, principal, left);

        Money Take(Money owed)
        {
            var taken = Money.Lesser(left, owed);
            left -= taken;
            return taken;
        }
    }

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
