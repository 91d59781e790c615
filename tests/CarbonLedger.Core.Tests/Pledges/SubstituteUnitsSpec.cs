namespace CarbonLedger.Core.Tests.Pledges;

/// <summary>New units in, old units out, in one command.</summary>
public sealed class SubstituteUnitsSpec
{
    private static readonly Step[] Given = [Issued(100, to: Buyer), Issued(50, to: Buyer, voucher: SecondVoucher), Pledged(60, by: Buyer, to: Bank)];

    private static SubstituteUnits Swap(Line[] @in, params Line[] @out) => new(Lien, @in, @out, "agreed");

    [Fact]
    public void The_new_units_come_first_so_the_lender_is_never_uncovered() =>
        Ledger.Given(Given)
            .When(Swap([All(50, SecondVoucher)], Named(11, 60)), As(Bank))
            .ThenAccepted(
                new PledgeEvent.PledgeSubstituted(Lien, [new(SecondVoucher, Serials((1, 50)))], [new(FirstVoucher, Serials((11, 60)))], "agreed"),
                new VoucherEvent.UnitsPledged(SecondVoucher, Lien, Buyer, Serials((1, 50))),
                new VoucherEvent.UnitsReleased(FirstVoucher, Lien, Buyer, Serials((11, 60))))
            .ThenHolds(Buyer, 100, 90)
            .ThenHolds(Buyer, 50, 0, SecondVoucher)
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.Registered, Kg(60)), (p.Status, p.Kilograms)));

    [Fact]
    public void Within_one_voucher_too() =>
        Ledger.Given(Given).When(Swap([Named(61, 80)], Named(1, 20)), As(Bank)).ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(Serials((21, 80)), p.Units.Single().Serials));

    [Fact]
    public void A_ranked_pledge_takes_units_behind_other_ranked_ones_but_not_its_own()
    {
        Step[] given = [Issued(100, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 9, Named(1, 10))), Done(EncumberRanked(Buyer, SecondBank, SecondLien, 9, Named(11, 20)))];
        Ledger.Given(given).When(Swap([Named(11, 20)], Named(1, 10)), As(Bank)).ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(Serials((11, 20)), p.Units.Single().Serials));
        Ledger.Given(given).When(Swap([Named(5, 12)], Named(1, 4)), As(Bank)).ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(8), Kg(2), Lien));
    }

    [Fact]
    public void A_quantity_takes_what_stands_under_others_and_passes_by_its_own()
    {
        Step[] given = [Issued(200, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 9, Named(1, 100))), Done(EncumberRanked(Buyer, SecondBank, SecondLien, 9, Named(101, 200)))];
        Ledger.Given(given).When(Swap([All(50)], Named(1, 50)), As(Bank)).ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(Serials((51, 150)), p.Units.Single().Serials));
        Ledger.Given(given).When(Swap([All(101)], Named(1, 50)), As(Bank)).ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(101), Kg(100), Lien));
    }

    /// <summary>Two lenders of equal rank on 1–60; a third may stand behind them.</summary>
    private static readonly Step[] EqualRanks =
    [
        Issued(100, to: Buyer),
        Done(EncumberRanked(Buyer, Bank, Lien, 30, Named(1, 60)) with { Others = [new CoPledge(SecondLien, SecondBank, Yuan(30), "C-2", null)] }),
    ];

    private static Step Moved(PledgeId pledge, OrganizationId by, Line @in, Line @out) => Done(new SubstituteUnits(pledge, [@in], [@out], null), As(by));

    private static string Ranks(Ledger ledger, long serial) =>
        string.Join(' ', ledger.Register.Units(FirstVoucher)!.On(Range(serial, serial)).Single().Locks.Ranks.Select(r => string.Join('=', r.Select(p => p == Lien ? "A" : p == SecondLien ? "B" : "C"))));

    [Fact]
    public void Equal_rank_does_not_follow_onto_the_new_units()
    {
        var ledger = Ledger.Given([.. EqualRanks, Moved(SecondLien, SecondBank, Named(61, 70), Named(1, 10)), Moved(Lien, Bank, Named(61, 70), Named(11, 20))]);

        Assert.Equal(("A", "B", "A=B", "B A"), (Ranks(ledger, 1), Ranks(ledger, 11), Ranks(ledger, 21), Ranks(ledger, 61)));
        ledger.When(new SubstituteUnits(SecondLien, [Named(71, 71)], [Named(21, 21)], null), As(SecondBank)).ThenAccepted(
            new PledgeEvent.PledgeSubstituted(SecondLien, [new(FirstVoucher, Serials((71, 71)))], [new(FirstVoucher, Serials((21, 21)))], null),
            new VoucherEvent.UnitsPledged(FirstVoucher, SecondLien, Buyer, Serials((71, 71)), PledgeMode.Ranked),
            new VoucherEvent.UnitsReleased(FirstVoucher, SecondLien, Buyer, Serials((21, 21))));
    }

    [Fact]
    public void A_lender_that_comes_back_stands_behind_its_equal_and_those_who_came_in_the_meantime()
    {
        var third = new PledgeId(Id(0x50, 3));
        Step[] given =
        [
            .. EqualRanks,
            Moved(Lien, Bank, Named(61, 70), Named(1, 10)),
            Done(EncumberRanked(Buyer, Bank, third, 30, Named(1, 5))),
            Moved(Lien, Bank, Named(1, 10), Named(61, 70)),
        ];
        var ledger = Ledger.Given(given);
        Assert.Equal(("B C A", "B A", "A=B"), (Ranks(ledger, 1), Ranks(ledger, 6), Ranks(ledger, 11)));

        // 5 kg at 6,000.00 a tonne are 30.00: B takes it all, though A was its equal before.
        ledger.Do(Notify(SecondLien), As(SecondBank));
        ledger.When(Enforce(Other, 6000, 0, SecondLien, Named(1, 5)), As(SecondBank)).ThenAccepted();
        var enforced = ledger.Log.Select(r => r.Fact).OfType<PledgeEvent.PledgeEnforced>().Single();
        Assert.Equal([(SecondLien, 1, Yuan(30)), (third, 2, Yuan(0)), (Lien, 3, Yuan(0))], enforced.Distribution.Select(p => (p.Pledge, p.Rank, p.Paid)));
    }

    [Fact]
    public void Only_the_pledgee_substitutes() =>
        Ledger.Given(Given).When(Swap([All(1, SecondVoucher)], All(1)), As(Group)).ThenRefused(new Refusal.NotThePledgee(As(Group), Lien));

    [Fact]
    public void Only_what_is_pledged_goes_out_and_only_free_units_come_in()
    {
        Ledger.Given(Given).When(Swap([All(1, SecondVoucher)], Named(60, 61)), As(Bank))
            .ThenRefused(new Refusal.ReleaseExceedsPledge(Lien, FirstVoucher, Kg(2), Kg(60)));
        Ledger.Given(Given).When(Swap([Named(60, 61)], All(1)), As(Bank)).ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(2), Kg(1), Lien));
        Ledger.Given([.. Given, Done(FreezeAccount(Buyer))]).When(Swap([All(1, SecondVoucher)], All(1)), As(Bank)).ThenRefused(new Refusal.AccountFrozen(Buyer, Stop));
    }

    [Fact]
    public void A_released_or_unknown_pledge_has_nothing_to_substitute()
    {
        Ledger.Given([.. Given, Released()]).When(Swap([All(1)], All(1)), As(Bank))
            .ThenRefused(new Refusal.PledgeNotInState(Lien, PledgeStatus.Released, "substituting its units"));
        Ledger.Given().When(Swap([All(1)], All(1)), As(Bank)).ThenRefused(new Refusal.PledgeNotFound(Lien));
    }
}
