using CarbonLedger.Core.Loans;

namespace CarbonLedger.Core.Pledges;

/// <summary>The pledgee records that it told debtor and pledgor of the default. Without it nothing is enforced (P3).</summary>
/// <param name="Date">The date of the notice; null for today. Not before the term of the debt begins.</param>
public sealed record NotifyDefault(PledgeId Pledge, LocalDate? Date, string Reason) : Command
{
    public override void Collect(Needs needs)
    {
        if (needs.Found<PledgeState>(Pledge.Value)?.Loan is { } loan)
        {
            needs.State(loan.Value);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<PledgeState>(Pledge.Value) is not { } pledge)
        {
            return new Refusal.PledgeNotFound(Pledge);
        }

        if (context.Actor.Organization != pledge.Pledgee)
        {
            return new Refusal.NotThePledgee(context.Actor, Pledge);
        }

        if (!pledge.CanSecure)
        {
            return new Refusal.PledgeNotInState(Pledge, pledge.Status, "a default notice");
        }

        if (EnforcePledge.SecuresNothing(register, pledge, context.Today) is { } performed)
        {
            return performed;
        }

        var date = Date ?? context.Today;
        if (date > context.Today)
        {
            return new Refusal.DateInFuture("The notice's date", date, context.Today);
        }

        // The debtor has until the end of its term, and owes nothing before the term's first day.
        if (date < pledge.Term.First)
        {
            return new Refusal.NoticeBeforeTerm(Pledge, date, pledge.Term.First);
        }

        // From here the notice must succeed.
        return Decision.Accept(Pledge.Value, new PledgeEvent.DefaultNotified(Pledge, date, Reason));
    }
}
