namespace CarbonLedger.Core.Tests.Vouchers;

/// <summary>Freezes cut a locked range into more pieces than a line may take. Whatever ends a lock must look at all of them.</summary>
public sealed class ManyPiecesSpec
{
    private const int Freezes = 3;
    private const int KilogramsPerFreeze = 400;
    private const int Kilograms = 2 * Freezes * KilogramsPerFreeze;

    private static readonly Instant Tomorrow = Noon(Today.PlusDays(1));

    /// <summary>Every second kilogram is frozen, 400 by one order: as many pieces as kilograms, and no line takes so many.</summary>
    private static Step[] Frozen(bool lifted = false) =>
    [
        .. Enumerable.Range(0, Freezes).Select(i => Done(FreezeUnits(Order(i), Line.Of(
            FirstVoucher, Serials([.. Enumerable.Range(i * KilogramsPerFreeze, KilogramsPerFreeze).Select(n => (2L * n + 1, 2L * n + 1))]))))),
        .. lifted ? Enumerable.Range(0, Freezes).Select(i => Done(Lift(Order(i)))) : [],
    ];

    private static FreezeId Order(int number) => new(Id(0xB0, 10 + number));

    private static Ledger Given(Step locked, bool lifted = false) => Ledger.Given([Issued(Kilograms, to: Buyer), locked, .. Frozen(lifted)]);

    private static Ledger Pledge(bool lifted = false) => Given(Pledged(Kilograms, by: Buyer, to: Bank), lifted);

    private static Ledger Reserved(bool lifted = false) => Given(Done(Encumber(Buyer, Bank, null, All(Kilograms)) with { ReserveUntil = Tomorrow }), lifted);

    private static Ledger Held(bool lifted = false) => Given(Done(Sell(Buyer, Other, All(Kilograms)) with { HoldUntil = Tomorrow }, As(Exchange)), lifted);

    [Fact]
    public void A_pledge_is_released() =>
        Pledge().When(Release(), As(Bank)).ThenAccepted().ThenHolds(Buyer, Kilograms, Kilograms / 2);

    [Fact]
    public void A_part_of_a_pledge_is_released() =>
        Pledge().When(Release(Named(2, Kilograms - 1)), As(Bank)).ThenAccepted().ThenHolds(Buyer, Kilograms, (Kilograms / 2) - 1);

    [Fact]
    public void A_pledge_is_voided() =>
        Pledge().When(new VoidPledge(Lien, "court", "D-5", null)).ThenAccepted().ThenHolds(Buyer, Kilograms, Kilograms / 2);

    [Fact]
    public void A_pledge_gives_its_units_for_others() =>
        Ledger.Given([Issued(Kilograms, to: Buyer), Issued(10, to: Buyer, voucher: SecondVoucher), Pledged(Kilograms, by: Buyer, to: Bank), .. Frozen()])
            .When(new SubstituteUnits(Lien, [All(10, SecondVoucher)], [All(Kilograms)], null), As(Bank)).ThenAccepted()
            .ThenHolds(Buyer, Kilograms, Kilograms / 2);

    [Fact]
    public void A_pledge_is_enforced_once_the_freezes_are_lifted()
    {
        var ledger = Pledge(lifted: true);
        ledger.Do(Notify(), As(Bank));
        ledger.When(Enforce(Other, 50), As(Bank)).ThenAccepted().ThenHolds(Other, Kilograms, Kilograms);
    }

    [Fact]
    public void A_pledge_is_not_enforced_before()
    {
        var ledger = Pledge();
        ledger.Do(Notify(), As(Bank));
        ledger.When(Enforce(Other, 50), As(Bank)).ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(Kilograms), Kg(Kilograms / 2)));
    }

    [Fact]
    public void A_reservation_is_registered_once_the_freezes_are_lifted()
    {
        var ledger = Reserved(lifted: true);
        ledger.When(new RegisterReservation(Lien, "F-2"), As(Bank)).ThenAccepted();
        ledger.When(Release(), As(Bank)).ThenAccepted();
    }

    [Fact]
    public void A_reservation_is_not_registered_before() =>
        Reserved().When(new RegisterReservation(Lien, "F-2"), As(Bank)).ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(Kilograms), Kg(Kilograms / 2)));

    [Fact]
    public void A_reservation_expires()
    {
        var ledger = Reserved();
        ledger.Now = Tomorrow;
        ledger.When(new ExpireReservation(Lien)).ThenAccepted().ThenHolds(Buyer, Kilograms, Kilograms / 2);
    }

    [Fact]
    public void A_trade_is_settled_once_the_freezes_are_lifted() =>
        Held(lifted: true).When(new SettleTrade(Deal), As(Exchange)).ThenAccepted().ThenHolds(Other, Kilograms, Kilograms);

    [Fact]
    public void A_trade_is_not_settled_before() =>
        Held().When(new SettleTrade(Deal), As(Exchange)).ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(Kilograms), Kg(Kilograms / 2)));

    [Fact]
    public void A_trade_is_voided() =>
        Held().When(new VoidTrade(Deal, null), As(Exchange)).ThenAccepted().ThenHolds(Buyer, Kilograms, Kilograms / 2);

    [Fact]
    public void A_hold_expires()
    {
        var ledger = Held();
        ledger.Now = Tomorrow;
        ledger.When(new ExpireTrade(Deal)).ThenAccepted().ThenHolds(Buyer, Kilograms, Kilograms / 2);
    }

    [Fact]
    public void A_freeze_is_lifted() =>
        Given(Done(FreezeUnits(null, All(Kilograms)))).When(Lift()).ThenAccepted().ThenHolds(Buyer, Kilograms, Kilograms / 2);
}
