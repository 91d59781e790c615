namespace CarbonLedger.Core.Loans;

/// <summary>Charges costs to a loan: of a notary, a filing, an auction. The next payment meets them first.</summary>
/// <param name="Date">Null for today.</param>
public sealed record ChargeCost(LoanId Loan, Money Amount, LocalDate? Date, string Reason) : Command
{
    /// <summary>The most that may be unpaid at once: with principal and interest it stays far inside an amount's range.</summary>
    public static readonly Money UnpaidMax = Money.Rounded(10_000_000_000m);

    public override void Collect(Needs needs) => needs.State(Loan.Value);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<LoanState>(Loan.Value) is not { } loan)
        {
            return new Refusal.LoanNotFound(Loan);
        }

        if (!context.Actor.MayActFor(loan.Bank))
        {
            return new Refusal.NotAuthorized(context.Actor, "Charging costs to a loan", "the loan's bank");
        }

        var date = Date ?? context.Today;
        if (date > context.Today)
        {
            return new Refusal.DateInFuture("The date of the costs", date, context.Today);
        }

        if (loan.IsRepaid)
        {
            return new Refusal.LoanRepaid(Loan);
        }

        if (date < loan.SettledTo)
        {
            return new Refusal.DateBeforeLastEntry(Loan, date, loan.SettledTo);
        }

        if (loan.UnpaidCosts.Amount + Amount.Amount > UnpaidMax.Amount)
        {
            return new Refusal.TooManyCosts(Loan, loan.UnpaidCosts);
        }

        // From here the charge must succeed.
        return Decision.Accept(Loan.Value, new LoanEvent.LoanCostCharged(Loan, date, Amount, Reason));
    }
}
