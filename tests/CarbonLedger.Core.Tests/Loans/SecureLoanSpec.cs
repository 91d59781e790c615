using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

public sealed class SecureLoanSpec
{
    private static readonly SecureLoan Further = new(Debt, SecondLien);

    [Fact]
    public void A_further_pledge_secures_the_loan() =>
        Lent()
            .When(Further, As(Bank))
            .ThenAccepted(new LoanEvent.LoanCollateralAdded(Debt, SecondLien), new PledgeEvent.PledgeSecuredLoan(SecondLien, Debt))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal([Lien, SecondLien], l.Pledges))
            .ThenStands<PledgeState>(SecondLien.Value, p => Assert.Equal(Debt, p.Loan));

    [Fact]
    public void The_loan_exists() => Given().When(Further, As(Bank)).ThenRefused(new Refusal.LoanNotFound(Debt));

    [Fact]
    public void The_pledge_exists() => Lent().When(Further with { Pledge = new PledgeId(Id(0x50, 9)) }, As(Bank)).ThenRefused(new Refusal.PledgeNotFound(new PledgeId(Id(0x50, 9))));

    [Fact]
    public void The_borrower_does_not_add_it() =>
        Lent().When(Further, As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Adding a pledge to a loan", "the loan's bank"));

    [Fact]
    public void A_pledge_secures_one_loan() => Lent().When(Further with { Pledge = Lien }, As(Bank)).ThenRefused(new Refusal.PledgeSecuresLoan(Lien, Debt));

    [Fact]
    public void A_pledge_to_another_lender_secures_nothing() =>
        Given(Issued(100, to: Buyer), Done(Lend()), Pledged(10, by: Buyer, to: SecondBank, SecondLien))
            .When(Further, As(Bank))
            .ThenRefused(new Refusal.PledgeOfAnotherLender(SecondLien, Bank));

    [Fact]
    public void A_repaid_loan_needs_no_pledge() =>
        Given(Issued(100, to: Buyer), Done(Lend()), Done(new RepayLoan(Debt, Yuan(100_000), null)), Pledged(10, by: Buyer, to: Bank, SecondLien))
            .When(Further, As(Bank))
            .ThenRefused(new Refusal.LoanRepaid(Debt));

    [Fact]
    public void A_hundred_pledges_secure_a_loan_and_not_one_more()
    {
        var ids = Enumerable.Range(1, OpenLoan.PledgesMax + 1).Select(i => new PledgeId(Id(0x50, i))).ToArray();
        Given([Issued(200, to: Buyer), .. ids.Select(id => Pledged(1, by: Buyer, to: Bank, id)), Done(Lend(pledges: ids[..^1]))])
            .When(Further with { Pledge = ids[^1] }, As(Bank))
            .ThenRefused(new Refusal.TooManyPledges(Debt));
    }

    private static Ledger Lent() => Given(
        Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(Lend(pledges: Lien)), Pledged(40, by: Buyer, to: Bank, SecondLien));
}
