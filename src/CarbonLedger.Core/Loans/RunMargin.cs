using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

public abstract record MarginRunEvent : LedgerEvent
{
    private MarginRunEvent() { }

    /// <summary>A bank's loans were held against its policy at one price. The calls and cures it found stand right after it, in the loans' streams.</summary>
    /// <param name="LoansValued">How many loans were looked at.</param>
    public sealed record MarginRunRecorded(MarginRunId Run, OrganizationId Bank, LocalDate Date, PriceQuote Quote, int LoansValued) : MarginRunEvent
    {
        public override Guid Stream => Run.Value;
    }
}

/// <summary>A loan that a run looks at, and the id that its call would get.</summary>
public sealed record MarginCandidate(LoanId Loan, MarginCallId Call);

/// <summary>Holds loans of a bank against its policy at one price, and records what has changed.</summary>
/// <remarks>Who makes it has looked at all loans and names those that seem to change; what is recorded is decided here, from their states.</remarks>
/// <param name="LoansValued">How many loans were looked at for it.</param>
public sealed record RunMargin(MarginRunId Run, OrganizationId Bank, IReadOnlyList<MarginCandidate> Candidates, PriceQuote Quote, int LoansValued) : Command
{
    /// <summary>The most loans that one run may change; the next run takes up the rest.</summary>
    public const int CandidatesMax = 500;

    public override void Collect(Needs needs)
    {
        needs.State(Bank.Value);
        needs.State(CollateralPolicy.IdOf(Bank));
        foreach (var candidate in Candidates)
        {
            needs.State(candidate.Loan.Value);
            if (needs.Register.Knows(candidate.Loan.Value) && needs.Register.Find<LoanState>(candidate.Loan.Value) is { } loan)
            {
                Margin.CollectCollateral(needs, loan);
            }
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.MayActFor(Bank))
        {
            return new Refusal.NotAuthorized(context.Actor, "A margin run", "the bank");
        }

        if (Organization.Lacks(register, Bank, Role.Bank) is { } bank)
        {
            return bank;
        }

        if (register.Find<CollateralPolicyState>(CollateralPolicy.IdOf(Bank)) is not { } policy)
        {
            return new Refusal.NoCollateralPolicy(Bank);
        }

        // From here the run must succeed.
        var found = Candidates
            .Select(c => (Candidate: c, Loan: register.Find<LoanState>(c.Loan.Value)))
            .Where(c => c.Loan?.Bank == Bank)
            .Select(c => Margin.Judge(c.Loan!, Collateral.RealisableOf(register, c.Loan!.Pledges), policy, Quote, context.Today, Run, c.Candidate.Call))
            .OfType<LoanEvent>();
        return Decision.Accept(Run.Value, [new MarginRunEvent.MarginRunRecorded(Run, Bank, context.Today, Quote, LoansValued), .. found]);
    }
}
