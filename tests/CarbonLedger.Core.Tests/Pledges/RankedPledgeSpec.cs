namespace CarbonLedger.Core.Tests.Pledges;

/// <summary>Pledges behind pledges (P2): order of registration, equal ranks, promotion.</summary>
public sealed class RankedPledgeSpec
{
    private static readonly PledgeId Third = new(Id(0x50, 3));

    private static int RankOf(Ledger ledger, PledgeId pledge, long serial) => ledger.Register.Units(FirstVoucher)!.On(Range(serial, serial)).Single().Locks.RankOf(pledge);

    [Fact]
    public void A_ranked_pledge_stands_behind_earlier_ranked_ones_in_the_order_of_registration()
    {
        var ledger = Ledger.Given(
            Issued(100, to: Buyer),
            Done(EncumberRanked(Buyer, Bank, Lien, 100, Named(1, 60))),
            Done(EncumberRanked(Buyer, SecondBank, SecondLien, 100, Named(41, 100))));

        Assert.Equal((1, 1, 2, 1), (RankOf(ledger, Lien, 1), RankOf(ledger, Lien, 50), RankOf(ledger, SecondLien, 50), RankOf(ledger, SecondLien, 61)));
    }

    [Fact]
    public void A_quantity_takes_free_units_before_such_as_stand_behind() =>
        Ledger.Given(Issued(100, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 100, Named(1, 60))))
            .When(EncumberRanked(Buyer, SecondBank, SecondLien, 100, All(70)))
            .ThenAccepted()
            .ThenStands<PledgeState>(SecondLien.Value, p => Assert.Equal(Serials((1, 30), (61, 100)), p.Units[0].Serials));

    [Fact]
    public void More_than_may_carry_a_ranked_pledge_is_refused() =>
        Ledger.Given(Issued(100, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 100, Named(1, 60))), Pledged(20, by: Buyer, to: SecondBank, SecondLien))
            .When(EncumberRanked(Buyer, SecondBank, Third, 100, All(81)))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(81), Kg(80), SecondLien));

    [Fact]
    public void Nothing_stands_behind_an_exclusive_pledge() =>
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank))
            .When(EncumberRanked(Buyer, SecondBank, SecondLien, 100, Named(60, 61)))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(2), Kg(1), Lien));

    [Fact]
    public void An_exclusive_pledge_needs_free_units_even_where_ranked_ones_lie() =>
        Ledger.Given(Issued(100, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 100, All(60))))
            .When(Encumber(Buyer, SecondBank, SecondLien, All(41)))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(41), Kg(40), Lien));

    [Fact]
    public void A_frozen_unit_may_be_pledged_by_nobody() =>
        Ledger.Given(Issued(100, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 100, All(60))), Done(FreezeUnits(null, Named(10, 10))))
            .When(EncumberRanked(Buyer, SecondBank, SecondLien, 100, Named(10, 11)))
            .ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(2), Kg(1)))
            .When(EncumberRanked(Buyer, SecondBank, SecondLien, 100, All(100)))
            .ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(100), Kg(99)));

    [Fact]
    public void A_ranked_pledge_is_told_what_keeps_it_off_and_not_what_it_may_stand_behind()
    {
        Step[] given =
        [
            Issued(100, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 100, Named(1, 20))), Done(Sell(Buyer, Other, Named(21, 40)) with { HoldUntil = Noon(Today.PlusDays(1)) }),
        ];
        Ledger.Given(given).When(EncumberRanked(Buyer, SecondBank, SecondLien, 100, All(81))).ThenRefused(new Refusal.UnitsLocked(FirstVoucher, Kg(81), Kg(80)));
        Ledger.Given([.. given, Done(FreezeUnits(null, Named(1, 10)))])
            .When(EncumberRanked(Buyer, SecondBank, SecondLien, 100, All(81))).ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(81), Kg(70)));
    }

    [Fact]
    public void Lenders_of_one_registration_share_a_rank_and_a_later_one_stands_behind_both()
    {
        var ledger = Ledger.Given(
            Issued(100, to: Buyer),
            Done(EncumberRanked(Buyer, Bank, Lien, 300, All(100)) with { Others = [new CoPledge(SecondLien, SecondBank, Yuan(195), "C-2", null)] }),
            Done(EncumberRanked(Buyer, Bank, Third, 10, All(100))));

        Assert.Equal((1, 1, 2), (RankOf(ledger, Lien, 7), RankOf(ledger, SecondLien, 7), RankOf(ledger, Third, 7)));
        ledger.ThenStands<PledgeState>(SecondLien.Value, p => Assert.Equal((Lien, SecondBank, Yuan(195)), (p.EqualRankWith, p.Pledgee, p.SecuredAmount)));
    }

    [Fact]
    public void A_release_promotes_later_ranks()
    {
        var ledger = Ledger.Given(
            Issued(100, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 100, All(100))), Done(EncumberRanked(Buyer, SecondBank, SecondLien, 100, All(100))), Released());

        Assert.Equal(1, RankOf(ledger, SecondLien, 1));
        ledger.When(Transfer(Buyer, Other, All(1))).ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(1), Kg(0), SecondLien));
    }

    [Fact]
    public void Every_lender_of_a_registration_must_be_a_bank() =>
        Ledger.Given(Issued(100, to: Buyer))
            .When(EncumberRanked(Buyer, Bank, Lien, 300, All(100)) with { Others = [new CoPledge(SecondLien, Stranger, Yuan(195), "C-2", null)] })
            .ThenRefused(new Refusal.OrganizationLacksRole(Stranger, Role.Bank));

    [Fact]
    public void A_debtor_must_be_registered() =>
        Ledger.Given(Issued(100, to: Buyer))
            .When(Encumber(Buyer, Bank, null, All(1)) with { Contract = new PledgeContract(NoOrganization, null, null, null) })
            .ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void Sixteen_locks_are_enough()
    {
        var ledger = Ledger.Given(Issued(100, to: Buyer));
        for (var i = 10; i < 10 + Locks.LocksPerUnitMax - 1; i++)
        {
            ledger.Do(EncumberRanked(Buyer, Bank, new PledgeId(Id(0x50, i)), 1, All(100)), Registrar);
        }

        ledger.When(EncumberRanked(Buyer, Bank, Lien, 1, All(100)) with { Others = [new CoPledge(SecondLien, SecondBank, Yuan(1), "C-2", null)] })
            .ThenRefused(new Refusal.TooManyLocks($"Voucher {FirstVoucher}"));
        ledger.When(EncumberRanked(Buyer, Bank, Lien, 1, All(100))).ThenAccepted();
        ledger.When(EncumberRanked(Buyer, Bank, SecondLien, 1, All(100)))
            .ThenRefused(new Refusal.TooManyLocks($"Serials {Range(1, 100)} of voucher {FirstVoucher}"));
        ledger.When(EncumberRanked(Buyer, Bank, SecondLien, 1, Named(5, 6)))
            .ThenRefused(new Refusal.TooManyLocks($"Serials {Range(5, 6)} of voucher {FirstVoucher}"));
        ledger.When(Transfer(Buyer, Other, All(1))).ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(1), Kg(0), new PledgeId(Id(0x50, 10))));
    }
}
