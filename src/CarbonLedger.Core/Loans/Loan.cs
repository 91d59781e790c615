using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

/// <summary>The days that a year of interest has: actual days over this number.</summary>
public enum DayCount
{
    Actual360 = 360,
    Actual365 = 365,
}

/// <summary>Why a margin call ended.</summary>
public enum MarginCure
{
    /// <summary>The borrower paid.</summary>
    Repayment,

    /// <summary>A further pledge secures the loan, or a substitution put more under one.</summary>
    Collateral,

    /// <summary>A run found the collateral worth enough again.</summary>
    Valuation,

    /// <summary>The bank's policy has no warning level any more, or a higher one.</summary>
    Policy,
}

/// <summary>A bank's own limit, passed on purpose when a loan was opened (P6).</summary>
/// <param name="LoanToValue">What the loan stood at on the day it was recorded; null without any value of the collateral.</param>
public sealed record LimitOverride(string Reason, decimal? LoanToValue, decimal MaxLoanToValue, PriceQuote Quote);

public abstract record LoanEvent : LedgerEvent
{
    private LoanEvent() { }

    /// <summary>A bank lent a principal against pledges.</summary>
    /// <param name="Override">Present when the loan passed the bank's own limit.</param>
    public sealed record LoanOpened(
        LoanId Loan,
        OrganizationId Bank,
        OrganizationId Borrower,
        Money Principal,
        AnnualRate AnnualRate,
        DayCount DayCount,
        LocalDate StartDate,
        LocalDate MaturityDate,
        IReadOnlyList<PledgeId> Pledges,
        LimitOverride? Override = null) : LoanEvent
    {
        public override Guid Stream => Loan.Value;
    }

    /// <summary>A repayment, as it fell on the debt: costs first, then interest, then principal; what an enforcement brought, on what the pledge secures of them.</summary>
    /// <param name="ToCosts">Absent when no costs were owed.</param>
    /// <param name="Source">What brought the money, when it was not the borrower: the pledge whose units were enforced.</param>
    public sealed record LoanRepaid(LoanId Loan, LocalDate Date, Money ToInterest, Money ToPrincipal, Money? ToCosts = null, Guid? Source = null) : LoanEvent
    {
        public override Guid Stream => Loan.Value;
    }

    /// <summary>Another yearly rate applies from a date on.</summary>
    public sealed record LoanRateChanged(LoanId Loan, AnnualRate AnnualRate, LocalDate From, string Reason) : LoanEvent
    {
        public override Guid Stream => Loan.Value;
    }

    /// <summary>Costs were charged to the loan. They bear no interest.</summary>
    public sealed record LoanCostCharged(LoanId Loan, LocalDate Date, Money Amount, string Reason) : LoanEvent
    {
        public override Guid Stream => Loan.Value;
    }

    /// <summary>A further pledge secures the loan.</summary>
    public sealed record LoanCollateralAdded(LoanId Loan, PledgeId Pledge) : LoanEvent
    {
        public override Guid Stream => Loan.Value;
    }

    /// <summary>The loan stands above its bank's warning level. The figures are what the call says to the borrower.</summary>
    /// <param name="PastLiquidation">True when it stands above the liquidation level as well.</param>
    public sealed record MarginCalled(
        LoanId Loan,
        MarginCallId Call,
        MarginRunId Run,
        LocalDate Date,
        Money Outstanding,
        Money CollateralValue,
        decimal WarningLoanToValue,
        decimal? LiquidationLoanToValue,
        bool PastLiquidation,
        PriceQuote Quote) : LoanEvent
    {
        public override Guid Stream => Loan.Value;
    }

    /// <summary>A loan under a margin call passed the liquidation level.</summary>
    public sealed record LiquidationLevelPassed(
        LoanId Loan, MarginCallId Call, MarginRunId Run, LocalDate Date, Money Outstanding, Money CollateralValue, decimal LiquidationLoanToValue, PriceQuote Quote)
        : LoanEvent
    {
        public override Guid Stream => Loan.Value;
    }

    /// <summary>The loan stands at or below the warning level again.</summary>
    public sealed record MarginCallCured(
        LoanId Loan, MarginCallId Call, LocalDate Date, MarginCure Cure, Money Outstanding, Money CollateralValue, PriceQuote Quote) : LoanEvent
    {
        public override Guid Stream => Loan.Value;
    }
}

public static class Loan
{
    public static LoanState Evolve(LoanState? state, LoanEvent fact) => fact switch
    {
        LoanEvent.LoanOpened e => Open(e),
        LoanEvent.LoanRepaid e => Repay(state!, e),
        LoanEvent.LoanRateChanged e => state!.WithRate(e.AnnualRate, e.From),
        LoanEvent.LoanCostCharged e => state!.SettledOn(e.Date) with { UnpaidCosts = state.UnpaidCosts + e.Amount },
        LoanEvent.LoanCollateralAdded e => state! with { Pledges = [.. state.Pledges, e.Pledge] },
        LoanEvent.MarginCalled e => state! with { MarginCall = new MarginCall(e.Call, e.Date, e.PastLiquidation, e.WarningLoanToValue, e.Quote) },
        LoanEvent.LiquidationLevelPassed e => state! with { MarginCall = Called(state, e.Call) with { PastLiquidation = true } },
        LoanEvent.MarginCallCured e => End(state!, e.Call),
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <summary>The fact that a payment fell on a debt so.</summary>
    internal static LoanEvent.LoanRepaid Repaid(LoanId loan, LocalDate date, DebtParts paid, Guid? source = null) =>
        new(loan, date, paid.Interest, paid.Principal, paid.Costs == Money.Zero ? null : paid.Costs, source);

    private static LoanState Open(LoanEvent.LoanOpened e) => new(
        e.Loan, e.Bank, e.Borrower, e.Principal, e.Principal, 0, Money.Zero, Money.Zero, e.StartDate, e.AnnualRate, [], e.DayCount, e.StartDate, e.MaturityDate, e.Pledges, null);

    private static LoanState Repay(LoanState state, LoanEvent.LoanRepaid e)
    {
        var settled = state.SettledOn(e.Date);
        return settled with
        {
            UnpaidCosts = settled.UnpaidCosts - (e.ToCosts ?? Money.Zero),
            InterestPaid = settled.InterestPaid + e.ToInterest,
            Principal = settled.Principal - e.ToPrincipal,
        };
    }

    private static LoanState End(LoanState state, MarginCallId call)
    {
        Called(state, call);
        return state with { MarginCall = null };
    }

    private static MarginCall Called(LoanState state, MarginCallId call) => state.MarginCall is { } open && open.Call == call
        ? open
        : throw new InvalidOperationException($"Loan {state.Loan} is not under margin call {call}.");
}
