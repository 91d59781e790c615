using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

public sealed class ChargeCostSpec
{
    private static readonly LocalDate AfterThirtyDays = Today.PlusDays(30);

    [Fact]
    public void Costs_are_owed_and_bear_no_interest() =>
        Given(Done(Lend()))
            .When(Costs(80), As(Bank))
            .ThenAccepted(new LoanEvent.LoanCostCharged(Debt, Today, Yuan(80), "notary"))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Yuan(362.50m), Yuan(100_442.50m)), (l.InterestOn(AfterThirtyDays), l.OutstandingOn(AfterThirtyDays))));

    [Fact]
    public void A_repayment_pays_costs_before_interest() =>
        Given(Done(Lend()), Done(Costs(80)), On(AfterThirtyDays))
            .When(new RepayLoan(Debt, Yuan(100), null), As(Bank))
            .ThenAccepted(new LoanEvent.LoanRepaid(Debt, AfterThirtyDays, Yuan(20), Money.Zero, Yuan(80)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Money.Zero, Yuan(342.50m)), (l.UnpaidCosts, l.UnpaidInterest)));

    [Fact]
    public void A_loan_with_costs_left_is_not_repaid() =>
        Given(Done(Lend()), Done(Costs(80)), Done(new RepayLoan(Debt, Yuan(100_079.99m), null)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Yuan(0.01m), false), (l.Principal, l.IsRepaid)));

    [Fact]
    public void An_allocation_takes_costs_then_interest_then_principal_and_leaves_the_surplus()
    {
        var loan = Given(Done(Lend()), Done(Costs(80))).State<LoanState>(Debt.Value);

        Assert.Equal(new DebtParts(Yuan(50), Money.Zero, Money.Zero), loan.OwedOn(AfterThirtyDays).PaidWith(Yuan(50)));
        Assert.Equal(new DebtParts(Yuan(80), Yuan(20), Money.Zero), loan.OwedOn(AfterThirtyDays).PaidWith(Yuan(100)));
        Assert.Equal(new DebtParts(Yuan(80), Yuan(362.50m), Yuan(57.50m)), loan.OwedOn(AfterThirtyDays).PaidWith(Yuan(500)));
        Assert.Equal(new DebtParts(Yuan(80), Yuan(362.50m), Yuan(100_000)), loan.OwedOn(AfterThirtyDays).PaidWith(Yuan(100_442.51m)));
    }

    [Fact]
    public void The_proceeds_of_an_enforcement_name_their_source() =>
        Given(Done(Lend()))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(
                Yuan(99_000), Loan.Evolve(l, new LoanEvent.LoanRepaid(Debt, Today, Money.Zero, Yuan(1000), null, Lien.Value)).Principal));

    [Fact]
    public void An_overdue_loan_counts_its_days() =>
        Given(Done(Lend()))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((0, 1, 31), (l.OverdueDaysOn(l.MaturityDate), l.OverdueDaysOn(l.MaturityDate.PlusDays(1)), l.OverdueDaysOn(l.MaturityDate.PlusDays(31)))));

    [Fact]
    public void A_repaid_loan_is_never_overdue() =>
        Given(Done(Lend()), Done(new RepayLoan(Debt, Yuan(100_000), null))).ThenStands<LoanState>(Debt.Value, l => Assert.Equal(0, l.OverdueDaysOn(l.MaturityDate.PlusDays(1))));

    [Fact]
    public void Costs_are_not_of_tomorrow() =>
        Given(Done(Lend())).When(Costs(1) with { Date = Today.PlusDays(1) }, As(Bank)).ThenRefused(new Refusal.DateInFuture("The date of the costs", Today.PlusDays(1), Today));

    [Fact]
    public void Costs_do_not_lie_before_the_last_entry() =>
        Given(Done(Lend()), On(AfterThirtyDays), Done(Costs(1)))
            .When(Costs(1) with { Date = Today }, As(Bank))
            .ThenRefused(new Refusal.DateBeforeLastEntry(Debt, Today, AfterThirtyDays));

    [Fact]
    public void A_repaid_loan_takes_no_costs() =>
        Given(Done(Lend()), Done(new RepayLoan(Debt, Yuan(100_000), null))).When(Costs(1), As(Bank)).ThenRefused(new Refusal.LoanRepaid(Debt));

    [Fact]
    public void Costs_have_a_limit() =>
        Given(Done(Lend()), Done(Costs(10_000_000_000m))).When(Costs(0.01m), As(Bank)).ThenRefused(new Refusal.TooManyCosts(Debt, Yuan(10_000_000_000m)));

    [Fact]
    public void The_loan_exists() => Given().When(Costs(1), As(Bank)).ThenRefused(new Refusal.LoanNotFound(Debt));

    [Fact]
    public void The_borrower_charges_nothing() =>
        Given(Done(Lend())).When(Costs(1), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Charging costs to a loan", "the loan's bank"));

    [Fact]
    public void An_entry_before_the_last_one_stops_the_program() =>
        Given(Done(Lend()), On(AfterThirtyDays), Done(Costs(1)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Throws<InvalidOperationException>(() => Loan.Evolve(l, new LoanEvent.LoanRepaid(Debt, Today, Money.Zero, Yuan(1)))));

    private static ChargeCost Costs(decimal amount) => new(Debt, Yuan(amount), null, "notary");
}
