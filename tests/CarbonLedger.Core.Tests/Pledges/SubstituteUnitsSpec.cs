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
        Ledger.Given(given).When(Swap([Named(5, 12)], Named(1, 4)), As(Bank)).ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(8), Kg(0), Lien));
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
