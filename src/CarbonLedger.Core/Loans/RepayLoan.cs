using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

/// <summary>Records a repayment: it pays costs first, then interest, then principal. Before maturity it is an early one, and no different.</summary>
/// <param name="Date">Null for today.</param>
/// <param name="Quote">The price that tells whether an open margin call is cured; null for the price of the call.</param>
public sealed record RepayLoan(LoanId Loan, Money Amount, LocalDate? Date, PriceQuote? Quote = null) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Loan.Value);
        Margin.CollectOpenCall(needs, Loan);
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<LoanState>(Loan.Value) is not { } loan)
        {
            return new Refusal.LoanNotFound(Loan);
        }

        if (!context.Actor.MayActFor(loan.Bank))
        {
            return new Refusal.NotAuthorized(context.Actor, "Recording a repayment", "the loan's bank");
        }

        var date = Date ?? context.Today;
        if (date > context.Today)
        {
            return new Refusal.DateInFuture("The repayment's date", date, context.Today);
        }

        if (loan.IsRepaid)
        {
            return new Refusal.LoanRepaid(Loan);
        }

        if (date < loan.SettledTo)
        {
            return new Refusal.DateBeforeLastEntry(Loan, date, loan.SettledTo);
        }

        var owed = loan.OwedOn(date);
        if (Amount > owed.Sum)
        {
            return new Refusal.RepaymentExceedsOutstanding(Loan, Amount, owed.Sum);
        }

        // From here the repayment must succeed.
        var repaid = Core.Loans.Loan.Repaid(Loan, date, owed.PaidWith(Amount));
        return Decision.Accept(
            Loan.Value,
            [repaid, .. Margin.Cured(register, Core.Loans.Loan.Evolve(loan, repaid), Quote, MarginCure.Repayment, context.Today)]);
    }
}
