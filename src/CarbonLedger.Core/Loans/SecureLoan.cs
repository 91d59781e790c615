using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

/// <summary>Adds a further pledge of the same lender to a loan's collateral.</summary>
/// <param name="Quote">The price that tells whether an open margin call is cured; null for the price of the call.</param>
public sealed record SecureLoan(LoanId Loan, PledgeId Pledge, PriceQuote? Quote = null) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Loan.Value);
        Collateral.Collect(needs, Pledge);
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
            return new Refusal.NotAuthorized(context.Actor, "Adding a pledge to a loan", "the loan's bank");
        }

        if (loan.IsRepaid)
        {
            return new Refusal.LoanRepaid(Loan);
        }

        if (CannotSecure(register, Pledge, loan.Bank) is { } refusal)
        {
            return refusal;
        }

        if (loan.Pledges.Count >= OpenLoan.PledgesMax)
        {
            return new Refusal.TooManyPledges(Loan);
        }

        // From here the pledge must secure the loan.
        var added = new LoanEvent.LoanCollateralAdded(Loan, Pledge);
        return Decision.Accept(
            Loan.Value,
            [
                added,
                new PledgeEvent.PledgeSecuredLoan(Pledge, Loan),
                .. Margin.Cured(register, Core.Loans.Loan.Evolve(loan, added), Quote, MarginCure.Collateral, context.Today),
            ]);
    }

    /// <summary>Why a pledge cannot become the security of a bank's loan; null when it can.</summary>
    internal static Refusal? CannotSecure(Register register, PledgeId id, OrganizationId bank)
    {
        if (register.Find<PledgeState>(id.Value) is not { } pledge)
        {
            return new Refusal.PledgeNotFound(id);
        }

        if (pledge.Pledgee != bank)
        {
            return new Refusal.PledgeOfAnotherLender(id, bank);
        }

        if (!pledge.CanSecure)
        {
            return new Refusal.PledgeNotInForce(id, pledge.Status);
        }

        return pledge.Loan is { } loan ? new Refusal.PledgeSecuresLoan(id, loan) : null;
    }
}
