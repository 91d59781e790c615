using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

/// <summary>Records a loan of a bank and the pledges that secure it. The principal is disbursed on the start date, and interest runs from there.</summary>
/// <param name="Quote">The price by which the bank's own limit is checked; null for the pledges' own valuations.</param>
/// <param name="OverrideReason">Why the bank passes its own limit, where it does.</param>
public sealed record OpenLoan(
    LoanId Loan,
    OrganizationId Bank,
    OrganizationId Borrower,
    Money Principal,
    AnnualRate AnnualRate,
    DayCount DayCount,
    LocalDate StartDate,
    LocalDate MaturityDate,
    IReadOnlyList<PledgeId> Pledges,
    PriceQuote? Quote = null,
    string? OverrideReason = null) : Command
{
    /// <summary>The most pledges that may secure one loan.</summary>
    public const int PledgesMax = 100;

    /// <summary>The greatest principal: with a century of interest it stays inside an amount's range.</summary>
    public const decimal PrincipalMax = 9_999_999_999.99m;

    /// <summary>The first day on which a loan may have started.</summary>
    public static readonly LocalDate StartDateMin = new(1970, 1, 1);

    public override void Collect(Needs needs)
    {
        needs.State(Bank.Value);
        needs.State(Borrower.Value);
        needs.State(CollateralPolicy.IdOf(Bank));
        foreach (var pledge in Pledges)
        {
            Collateral.Collect(needs, pledge);
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
            if (SecureLoan.CannotSecure(register, id, Bank) is { } refusal)
            {
                return refusal;
            }
        }

        var opened = new LoanEvent.LoanOpened(Loan, Bank, Borrower, Principal, AnnualRate, DayCount, StartDate, MaturityDate, Pledges);
        var outstanding = Core.Loans.Loan.Evolve(null, opened).OutstandingOn(context.Today); // one that started earlier owes interest already; one that starts later, its principal
        var passed = PassedLimit(register, outstanding);
        if (passed is { Reason: null })
        {
            return new Refusal.LoanToValueAboveLimit(Bank, outstanding, passed.Value.Worth, passed.Value.Max);
        }

        // From here the loan must succeed.
        var overridden = passed is { Reason: { } reason } p ? new LimitOverride(reason, Collateral.LoanToValue(outstanding, p.Worth), p.Max, p.Quote) : null;
        return Decision.Accept(
            Loan.Value,
            [
                opened with { Override = overridden },
                .. Pledges.Select(p => new PledgeEvent.PledgeSecuredLoan(p, Loan)),
            ]);
    }

    /// <summary>What stands against the loan by its bank's own policy; null when nothing does.</summary>
    private (Money Worth, decimal Max, PriceQuote Quote, string? Reason)? PassedLimit(Register register, Money outstanding)
    {
        if (register.Find<CollateralPolicyState>(CollateralPolicy.IdOf(Bank))?.MaxLoanToValue is not { } max)
        {
            return null;
        }

        var quote = Quote ?? PriceQuote.Contract();
        var (_, worth) = Collateral.Of(Collateral.RealisableOf(register, Pledges), quote);
        return Collateral.IsAbove(max, outstanding, worth) ? (worth, max, quote, OverrideReason) : null;
    }
}
