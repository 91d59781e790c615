using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;

namespace CarbonLedger.Core.Loans;

/// <summary>Records a loan of a bank and the pledges that secure it.</summary>
public sealed record OpenLoan(
    LoanId Loan,
    OrganizationId Bank,
    OrganizationId Borrower,
    Money Principal,
    AnnualRate AnnualRate,
    DayCount DayCount,
    LocalDate StartDate,
    LocalDate MaturityDate,
    IReadOnlyList<PledgeId> Pledges) : Command
{
    /// <summary>The most pledges that may secure one loan.</summary>
    public const int PledgesMax = 100;

    public override void Collect(Needs needs)
    {
        needs.State(Bank.Value);
        needs.State(Borrower.Value);
        foreach (var pledge in Pledges)
        {
            needs.State(pledge.Value);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.MayActFor(Bank))
        {
            return new Refusal.NotAuthorized(context.Actor, "Recording a loan", "its bank");
        }

        if (Organization.Lacks(register, Bank, Role.Bank) is { } bank)
        {
            return bank;
        }

        if (register.Find<OrganizationState>(Borrower.Value) is null)
        {
            return new Refusal.OrganizationNotFound(Borrower);
        }

        foreach (var id in Pledges)
        {
            if (CannotSecure(register, id) is { } refusal)
            {
                return refusal;
            }
        }

        // From here the loan must succeed.
        return Decision.Accept(
            Loan.Value,
            [
                new LoanEvent.LoanOpened(Loan, Bank, Borrower, Principal, AnnualRate, DayCount, StartDate, MaturityDate, Pledges),
                .. Pledges.Select(p => new PledgeEvent.PledgeSecuredLoan(p, Loan)),
            ]);
    }

    private Refusal? CannotSecure(Register register, PledgeId id)
    {
        if (register.Find<PledgeState>(id.Value) is not { } pledge)
        {
            return new Refusal.PledgeNotFound(id);
        }

        if (pledge.Pledgee != Bank)
        {
            return new Refusal.PledgeOfAnotherLender(id, Bank);
        }

        if (!pledge.CanSecure)
        {
            return new Refusal.PledgeNotInForce(id, pledge.Status);
        }

        return pledge.Loan is { } loan ? new Refusal.PledgeSecuresLoan(id, loan) : null;
    }
}
