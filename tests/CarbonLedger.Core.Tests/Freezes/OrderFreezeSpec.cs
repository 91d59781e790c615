namespace CarbonLedger.Core.Tests.Freezes;

/// <summary>A court or a regulator stops units or an account, whatever else lies on them (D4, P4).</summary>
public sealed class OrderFreezeSpec
{
    private static readonly Command[] Takings =
    [
        Transfer(Buyer, Other, Named(1, 50)),
        Retire(Buyer, Named(1, 50)),
        Encumber(Buyer, Bank, null, Named(1, 50)),
        Sell(Buyer, Other, Named(1, 50)),
    ];

    [Fact]
    public void Frozen_units_are_neither_moved_nor_retired_nor_pledged_nor_sold()
    {
        Assert.All(Takings, taking =>
            Ledger.Given(Issued(100, to: Buyer), Done(FreezeUnits(null, Named(41, 60))))
                .When(taking)
                .ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(50), Kg(40))));
    }

    [Fact]
    public void Nothing_leaves_a_frozen_account_and_it_cannot_be_closed()
    {
        Assert.All([.. Takings, new CloseAccount(Buyer, null)], taking =>
            Ledger.Given(Issued(100, to: Buyer), Done(FreezeAccount(Buyer)))
                .When(taking)
                .ThenRefused(new Refusal.AccountFrozen(Buyer, Stop)));
    }

    [Fact]
    public void A_frozen_account_still_receives() =>
        Ledger.Given(Issued(100), Done(FreezeAccount(Buyer))).When(Transfer(Owner, Buyer, All(10))).ThenAccepted();

    [Fact]
    public void A_freeze_lies_on_pledged_units_and_survives_their_release() =>
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(FreezeUnits(null, Named(1, 100))), Released())
            .When(Transfer(Buyer, Other, All(1)))
            .ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(1), Kg(0)));

    [Fact]
    public void A_freeze_over_several_holders_is_told_to_each() =>
        Ledger.Given(Issued(100, to: Buyer), Transferred(Buyer, Other, Named(31, 60)))
            .When(FreezeUnits(null, Named(21, 70)))
            .ThenAccepted(
                new FreezeEvent.FreezeOrdered(Stop, null, [new(FirstVoucher, Serials((21, 70)))], FreezeKind.Judicial, "court", "D-1", null),
                new VoucherEvent.UnitsFrozen(FirstVoucher, Stop, Buyer, Serials((21, 30), (61, 70))),
                new VoucherEvent.UnitsFrozen(FirstVoucher, Stop, Other, Serials((31, 60))));

    [Fact]
    public void A_quantity_takes_the_lowest_live_serials_that_are_not_frozen() =>
        Ledger.Given(Issued(100, to: Buyer), Retired(Buyer, Named(1, 10)), Done(FreezeUnits(null, Named(21, 30))))
            .When(FreezeUnits(SecondStop, All(20)))
            .ThenAccepted(
                new FreezeEvent.FreezeOrdered(SecondStop, null, [new(FirstVoucher, Serials((11, 20), (31, 40)))], FreezeKind.Judicial, "court", "D-1", null),
                new VoucherEvent.UnitsFrozen(FirstVoucher, SecondStop, Buyer, Serials((11, 20), (31, 40))));

    [Fact]
    public void More_than_is_live_cannot_be_frozen() =>
        Ledger.Given(Issued(100, to: Buyer), Retired(Buyer, Named(1, 10)))
            .When(FreezeUnits(null, All(91)))
            .ThenRefused(new Refusal.InsufficientLiveUnits(FirstVoucher, Kg(91), Kg(90)));

    [Fact]
    public void Retired_units_cannot_be_frozen() =>
        Ledger.Given(Issued(100, to: Buyer), Retired(Buyer, Named(1, 10)))
            .When(FreezeUnits(null, Named(10, 20)))
            .ThenRefused(new Refusal.UnitsNotLive(FirstVoucher, Range(10, 20)));

    [Fact]
    public void Serials_beyond_the_voucher_cannot_be_frozen() =>
        Ledger.Given(Issued(100)).When(FreezeUnits(null, Named(90, 101))).ThenRefused(new Refusal.SerialsBeyondVoucher(FirstVoucher, Range(90, 101), Kg(100)));

    [Fact]
    public void A_voucher_stands_in_one_line() =>
        Ledger.Given(Issued(100)).When(FreezeUnits(null, Named(1, 2), Named(3, 4))).ThenRefused(new Refusal.DuplicateVoucherLine(FirstVoucher));

    [Fact]
    public void Unknown_vouchers_accounts_and_freezes_are_not_found()
    {
        Ledger.Given().When(FreezeUnits(null, All(1, NoVoucher))).ThenRefused(new Refusal.VoucherNotFound(NoVoucher));
        Ledger.Given().When(FreezeAccount(NoAccount)).ThenRefused(new Refusal.AccountNotFound(NoAccount));
        Ledger.Given().When(Lift()).ThenRefused(new Refusal.FreezeNotFound(Stop));
    }

    [Fact]
    public void Only_the_registrar_records_and_lifts()
    {
        Ledger.Given(Issued(100)).When(FreezeUnits(null, All(1)), As(Bank))
            .ThenRefused(new Refusal.NotAuthorized(As(Bank), "Recording a freeze", "the registrar, on the authority's document"));
        Ledger.Given(Issued(100), Done(FreezeUnits(null, All(1)))).When(Lift(), As(Bank))
            .ThenRefused(new Refusal.NotAuthorized(As(Bank), "Lifting a freeze", "the registrar, on the authority's document"));
        Ledger.Given(Issued(100)).When(FreezeUnits(null, All(1)), AsBureau).ThenAccepted();
    }

    [Fact]
    public void Pledges_never_keep_a_freeze_off()
    {
        var ledger = Ledger.Given(Issued(100, to: Buyer), Retired(Buyer, Named(91, 100)));
        for (var i = 0; i < Locks.LocksPerUnitMax; i++)
        {
            ledger.Do(EncumberRanked(Buyer, Bank, new PledgeId(Id(0x50, 10 + i)), 1, Named(11, 60)), Registrar);
        }

        ledger.When(EncumberRanked(Buyer, Bank, Lien, 1, Named(11, 60))).ThenRefused(new Refusal.TooManyLocks($"Serials {Range(11, 60)} of voucher {FirstVoucher}"));
        ledger.When(FreezeUnits(null, All(91))).ThenRefused(new Refusal.InsufficientLiveUnits(FirstVoucher, Kg(91), Kg(90)));
        ledger.When(FreezeUnits(null, All(90))).ThenAccepted();
        ledger.When(Transfer(Buyer, Other, Named(61, 62))).ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(2), Kg(0)));
        for (var i = 1; i < Locks.FreezesPerUnitMax; i++)
        {
            ledger.Do(FreezeUnits(new FreezeId(Id(0xB1, i)), Named(11, 60)), Registrar);
        }

        ledger.When(FreezeUnits(SecondStop, Named(11, 60))).ThenRefused(new Refusal.TooManyLocks($"Serials {Range(11, 60)} of voucher {FirstVoucher}", OfFreezes: true));
    }

    /// <summary>The order in which they came is no matter: a freeze takes no room from pledges either.</summary>
    [Fact]
    public void A_lifted_freeze_leaves_the_pledges_their_room()
    {
        var ledger = Ledger.Given(Issued(100, to: Buyer));
        for (var i = 1; i < Locks.LocksPerUnitMax; i++)
        {
            ledger.Do(EncumberRanked(Buyer, Bank, new PledgeId(Id(0x50, 10 + i)), 1, Named(11, 60)), Registrar);
        }

        ledger.When(FreezeUnits(null, Named(11, 60))).ThenAccepted();
        ledger.When(EncumberRanked(Buyer, Bank, Lien, 1, Named(11, 60))).ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(50), Kg(0)));
        ledger.When(Lift()).ThenAccepted();
        ledger.When(EncumberRanked(Buyer, Bank, Lien, 1, Named(11, 60))).ThenAccepted();
        ledger.When(EncumberRanked(Buyer, Bank, SecondLien, 1, Named(11, 60))).ThenRefused(new Refusal.TooManyLocks($"Serials {Range(11, 60)} of voucher {FirstVoucher}"));
    }

    [Fact]
    public void A_kilogram_and_an_account_carry_so_many_freezes_and_no_more()
    {
        var ledger = Ledger.Given(Issued(100, to: Buyer));
        for (var i = 0; i < Locks.FreezesPerUnitMax; i++)
        {
            ledger.Do(FreezeUnits(new FreezeId(Id(0xB1, i)), Named(1, 10)), Registrar);
            ledger.Do(FreezeAccount(Other, new FreezeId(Id(0xB2, i))), Registrar);
        }

        ledger.When(FreezeUnits(null, Named(5, 20))).ThenRefused(new Refusal.TooManyLocks($"Serials {Range(5, 20)} of voucher {FirstVoucher}", OfFreezes: true));
        ledger.When(FreezeAccount(Other)).ThenRefused(new Refusal.TooManyLocks($"Account {Other}", OfFreezes: true));
        ledger.When(FreezeUnits(null, All(10))).ThenAccepted(); // a quantity looks for room
        ledger.When(FreezeUnits(SecondStop, All(81))).ThenRefused(new Refusal.InsufficientLiveUnits(FirstVoucher, Kg(81), Kg(80)));
    }
}
