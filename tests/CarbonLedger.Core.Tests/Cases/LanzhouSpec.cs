using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Cases;

/// <summary>The Lanzhou case of 2021. The split of tonnes and loans in two is assumed: it is not public.</summary>
public sealed class LanzhouSpec
{
    private static readonly PledgeId[] Liens = [Lien, SecondLien];

    [Fact]
    public void The_trade_is_worth_503_280_yuan() =>
        Assert.Equal("503280.00", Sold().Log.Select(e => e.Fact).OfType<TradeEvent.TradeSettled>().Single().Amount.ToString());

    [Fact]
    public void The_loans_stand_at_98_35_percent_of_the_collateral()
    {
        var ledger = Financed();
        var outstanding = new[] { Debt, SecondDebt }.Aggregate(Money.Zero, (sum, d) => sum + ledger.State<LoanState>(d.Value).OutstandingOn(Today));
        var pledged = Liens.Aggregate(Kilograms.Zero, (sum, p) => sum + ledger.State<PledgeState>(p.Value).Kilograms);
        var value = Collateral.Capped(Collateral.Worth(pledged, Price(41.94m)));

        Assert.Equal(Yuan(495_000m), outstanding);
        Assert.Equal(Yuan(503_280m), value);
        Assert.Equal(0.9835m, Collateral.LoanToValue(outstanding, value));
    }

    [Fact]
    public void The_buyer_owns_twelve_thousand_tonnes_and_none_is_free() =>
        Financed().ThenHolds(Buyer, owned: 7_000_000, free: 0).ThenHolds(Buyer, owned: 5_000_000, free: 0, SecondVoucher);

    [Fact]
    public void Each_bank_sees_its_lien()
    {
        var ledger = Financed();

        Assert.All(ledger.Register.Units(FirstVoucher)!.Pieces, p => Assert.Equal(Lien, p.Locks.FirstPledge));
        Assert.All(ledger.Register.Units(SecondVoucher)!.Pieces, p => Assert.Equal(SecondLien, p.Locks.FirstPledge));
        Assert.Equal([Bank, SecondBank], Liens.Select(p => ledger.State<PledgeState>(p.Value).Pledgee));
    }

    [Fact]
    public void Not_one_kilogram_is_retired_while_pledged() =>
        Financed()
            .When(Retire(Buyer, All(1)), As(Group))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(1), Kg(0), Lien))
            .When(Retire(Buyer, Named(5_000_000, 5_000_000, SecondVoucher)), As(Group))
            .ThenRefused(new Refusal.UnitsUnderLien(SecondVoucher, Kg(1), Kg(0), SecondLien));

    [Fact]
    public void After_repayment_and_release_a_retirement_of_1_088_744_kg_covers_the_office() =>
        Financed()
            .When(new RepayLoan(Debt, Yuan(300_000), null), As(Bank))
            .ThenAccepted()
            .When(Release(All(1_088_744)), As(Bank))
            .ThenAccepted()
            .When(Retire(Buyer, All(1_088_744)), As(Group))
            .ThenAccepted()
            .ThenHolds(Buyer, owned: 5_911_256, free: 0);

    [Fact]
    public void A_voucher_of_3_885_08_tonnes_has_serials_1_to_3_885_080()
    {
        var ledger = Given(Issued(Kilograms.FromTonnes(3885.08m).Value));

        Assert.Equal([Range(1, 3_885_080)], ledger.Register.Units(FirstVoucher)!.Pieces.Select(p => p.Range));
    }

    private static Ledger Sold()
    {
        var ledger = Given(Issued(7_000_000), Issued(5_000_000, voucher: SecondVoucher));
        ledger.Do(Sell(Owner, Buyer, All(7_000_000), All(5_000_000, SecondVoucher)), As(Exchange));
        return ledger;
    }

    private static Ledger Financed()
    {
        var ledger = Sold();
        ledger.Do(Encumber(Buyer, Bank, Lien, All(7_000_000)), As(Group));
        ledger.Do(Encumber(Buyer, SecondBank, SecondLien, All(5_000_000, SecondVoucher)), As(Group));
        ledger.Do(Lend(300_000, pledges: Lien), As(Bank));
        ledger.Do(Lend(195_000, pledges: SecondLien) with { Loan = SecondDebt, Bank = SecondBank }, As(SecondBank));
        return ledger;
    }
}
