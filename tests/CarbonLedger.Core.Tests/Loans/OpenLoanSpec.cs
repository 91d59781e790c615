using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

public sealed class OpenLoanSpec
{
    [Fact]
    public void A_loan_ties_its_pledges_to_it() =>
        Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Pledged(40, by: Buyer, to: Bank, SecondLien))
            .When(Lend(pledges: [Lien, SecondLien]), As(Bank))
            .ThenAccepted(
                new LoanEvent.LoanOpened(Debt, Bank, Group, Yuan(100_000), Rate(0.0435m), DayCount.Actual360, Today, Today.PlusYears(1), [Lien, SecondLien]),
                new PledgeEvent.PledgeSecuredLoan(Lien, Debt),
                new PledgeEvent.PledgeSecuredLoan(SecondLien, Debt))
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(Debt, p.Loan))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Yuan(100_000), Money.Zero, Today, false), (l.Principal, l.UnpaidInterest, l.SettledTo, l.IsRepaid)));

    [Fact]
    public void A_loan_may_stand_without_a_pledge() => Given().When(Lend(), As(Bank)).ThenAccepted();

    [Fact]
    public void The_registrar_may_record_it() => Given().When(Lend()).ThenAccepted();

    [Fact]
    public void The_borrower_does_not_record_it() =>
        Given().When(Lend(), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Recording a loan", "its bank"));

    [Fact]
    public void The_bank_exists() =>
        Given().When(Lend() with { Bank = NoOrganization }).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void The_bank_is_a_bank() =>
        Given().When(Lend() with { Bank = Stranger }, As(Stranger)).ThenRefused(new Refusal.OrganizationLacksRole(Stranger, Role.Bank));

    [Fact]
    public void The_borrower_exists() =>
        Given().When(Lend() with { Borrower = NoOrganization }).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void The_pledge_exists() => Given().When(Lend(pledges: Lien), As(Bank)).ThenRefused(new Refusal.PledgeNotFound(Lien));

    [Fact]
    public void A_pledge_to_another_lender_secures_nothing() =>
        Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: SecondBank))
            .When(Lend(pledges: Lien), As(Bank))
            .ThenRefused(new Refusal.PledgeOfAnotherLender(Lien, Bank));

    [Fact]
    public void A_released_pledge_secures_nothing() =>
        Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Released())
            .When(Lend(pledges: Lien), As(Bank))
            .ThenRefused(new Refusal.PledgeNotInForce(Lien, PledgeStatus.Released));

    [Fact]
    public void A_partly_released_pledge_secures_with_what_is_left() =>
        Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Released(All(59))).When(Lend(pledges: Lien), As(Bank)).ThenAccepted();

    [Fact]
    public void A_pledge_secures_one_loan() =>
        Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(Lend(pledges: Lien)))
            .When(Lend(pledges: Lien) with { Loan = SecondDebt }, As(Bank))
            .ThenRefused(new Refusal.PledgeSecuresLoan(Lien, Debt));

    [Fact]
    public void Another_lender_is_told_before_the_pledges_state() =>
        Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Released())
            .When(Lend(pledges: Lien) with { Bank = SecondBank }, As(SecondBank))
            .ThenRefused(new Refusal.PledgeOfAnotherLender(Lien, SecondBank));

    [Fact]
    public void One_pledge_that_cannot_secure_refuses_the_whole_loan() =>
        Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank))
            .When(Lend(pledges: [Lien, SecondLien]), As(Bank))
            .ThenRefused(new Refusal.PledgeNotFound(SecondLien))
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Null(p.Loan));

    [Theory]
    [InlineData(495_000, 12_000_000, "41.94", 0.9835)]
    [InlineData(100, 1_000, "300", 0.3333)]
    [InlineData(200, 1_000, "300", 0.6667)]
    [InlineData(1, 1_000, "16", 0.0625)]
    [InlineData(1, 1_000, "20000", 0.0001)] // 0.00005 rounds away from zero
    public void The_pledge_ratio_is_debt_over_collateral(decimal outstanding, long kilograms, string price, decimal ratio) =>
        Assert.Equal(ratio, Collateral.LoanToValue(Yuan(outstanding), Collateral.Capped(Collateral.Worth(Kg(kilograms), PricePerTonne.Parse(price)!.Value))));

    [Fact]
    public void Without_collateral_there_is_no_ratio() => Assert.Null(Collateral.LoanToValue(Yuan(1), Money.Zero));
}
