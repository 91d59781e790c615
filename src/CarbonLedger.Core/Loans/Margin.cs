using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

/// <summary>When a loan is called, and when a call ends. One judgement for runs, repayments and added pledges.</summary>
public static class Margin
{
    /// <summary>The fact that a run finds in a loan; null when nothing changes. A loan under a call is not called again.</summary>
    /// <param name="pledges">With what can still be sold (<see cref="Collateral.Realisable"/>).</param>
    public static LoanEvent? Judge(
        LoanState loan, IReadOnlyCollection<PledgeState> pledges, CollateralPolicyState policy, PriceQuote quote, LocalDate date, MarginRunId run, MarginCallId call)
    {
        var outstanding = loan.OutstandingOn(date);
        var (_, value) = Collateral.Of(pledges, quote);
        var isPastLiquidation = Collateral.IsAbove(policy.LiquidationLoanToValue, outstanding, value);
        if (!Collateral.IsAbove(policy.WarningLoanToValue, outstanding, value))
        {
            return loan.MarginCall is { } cured
                ? new LoanEvent.MarginCallCured(loan.Loan, cured.Call, date, CureOf(loan, cured, policy, outstanding, value), outstanding, value, quote)
                : null;
        }

        if (loan.MarginCall is not { } open)
        {
            return new LoanEvent.MarginCalled(
                loan.Loan, call, run, date, outstanding, value, policy.WarningLoanToValue!.Value, policy.LiquidationLoanToValue, isPastLiquidation, quote);
        }

        return isPastLiquidation && !open.PastLiquidation
            ? new LoanEvent.LiquidationLevelPassed(loan.Loan, open.Call, run, date, outstanding, value, policy.LiquidationLoanToValue!.Value, quote)
            : null;
    }

    /// <summary>The end of an open call after a repayment or further collateral, when that suffices; nothing otherwise.</summary>
    /// <param name="after">The loan as it will be.</param>
    /// <param name="quote">Null for the price of the call.</param>
    /// <param name="changed">Pledges as they will be, where the same command changes any.</param>
    internal static IEnumerable<LoanEvent> Cured(
        Register register, LoanState after, PriceQuote? quote, MarginCure cure, LocalDate date, IReadOnlyDictionary<PledgeId, PledgeState>? changed = null)
    {
        if (after.MarginCall is not { } call)
        {
            return [];
        }

        var used = quote ?? call.Quote;
        var (_, value) = Collateral.Of(Collateral.RealisableOf(register, after.Pledges, changed), used);
        var outstanding = after.OutstandingOn(date);
        var warning = register.Find<CollateralPolicyState>(CollateralPolicy.IdOf(after.Bank))?.WarningLoanToValue;
        return Collateral.IsAbove(warning, outstanding, value)
            ? []
            : [new LoanEvent.MarginCallCured(after.Loan, call.Call, date, cure, outstanding, value, used)];
    }

    /// <summary>Names what <see cref="Cured"/> looks at, where a loan is under a call.</summary>
    internal static void CollectOpenCall(Needs needs, LoanId id)
    {
        if (needs.Register.Knows(id.Value) && needs.Register.Find<LoanState>(id.Value) is { MarginCall: not null } loan)
        {
            CollectCollateral(needs, loan);
        }
    }

    internal static void CollectCollateral(Needs needs, LoanState loan)
    {
        needs.State(CollateralPolicy.IdOf(loan.Bank));
        foreach (var pledge in loan.Pledges)
        {
            Collateral.Collect(needs, pledge);
        }
    }

    private static MarginCure CureOf(LoanState loan, MarginCall call, CollateralPolicyState policy, Money outstanding, Money value) =>
        loan.IsRepaid ? MarginCure.Repayment
        : policy.WarningLoanToValue is null || Collateral.IsAbove(call.WarningLoanToValue, outstanding, value) ? MarginCure.Policy
        : MarginCure.Valuation;
}
