namespace CarbonLedger.Core.Loans;

/// <summary>Sets another yearly rate from a date on: ahead, from today, or back to the loan's last entry.</summary>
public sealed record ChangeRate(LoanId Loan, AnnualRate AnnualRate, LocalDate From, string Reason) : Command
{
    /// <summary>The most rates that may wait for the next entry: eight years of monthly ones. An entry takes in those before it.</summary>
    public const int RateStepsMax = 100;

    public override void Collect(Needs needs) => needs.State(Loan.Value);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<LoanState>(Loan.Value) is not { } loan)
        {
            return new Refusal.LoanNotFound(Loan);
        }

        if (!context.Actor.MayActFor(loan.Bank))
        {
            return new Refusal.NotAuthorized(context.Actor, "Changing a loan's rate", "the loan's bank");
        }

        if (loan.IsRepaid)
        {
            return new Refusal.LoanRepaid(Loan);
        }

        if (From < loan.SettledTo)
        {
            return new Refusal.DateBeforeLastEntry(Loan, From, loan.SettledTo);
        }

        if (From > loan.SettledTo && loan.RateSteps.Count >= RateStepsMax && loan.RateSteps.All(s => s.From != From))
        {
            return new Refusal.TooManyRateChanges(Loan);
        }

        // From here the change must succeed.
        return Decision.Accept(Loan.Value, new LoanEvent.LoanRateChanged(Loan, AnnualRate, From, Reason));
    }
}
