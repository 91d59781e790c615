namespace CarbonLedger.Core.Loans;

/// <summary>Records a repayment: it pays interest first, then principal.</summary>
/// <param name="Date">Null for today.</param>
public sealed record RepayLoan(LoanId Loan, Money Amount, LocalDate? Date) : Command
{
    public override void Collect(Needs needs) => needs.State(Loan.Value);

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

        var outstanding = loan.OutstandingOn(date);
        if (Amount > outstanding)
        {
            return new Refusal.RepaymentExceedsOutstanding(Loan, Amount, outstanding);
        }

        // From here the repayment must succeed.
        var interest = loan.InterestOn(date);
        var toInterest = Amount < interest ? Amount : interest;
        return Decision.Accept(Loan.Value, new LoanEvent.LoanRepaid(Loan, date, toInterest, Amount - toInterest));
    }
}
