namespace CarbonLedger.Core.Tests.Freezes;

/// <summary>A freeze ends by its own authority's document, and nothing else ends with it.</summary>
public sealed class LiftFreezeSpec
{
    [Fact]
    public void A_pledge_survives_the_lifting() =>
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(FreezeUnits(null, Named(1, 100))), Done(Lift()))
            .When(Transfer(Buyer, Other, All(50)))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(50), Kg(40), Lien));

    [Fact]
    public void Several_freezes_may_lie_on_one_range_and_each_is_lifted_alone()
    {
        var ledger = Ledger.Given(
            Issued(100, to: Buyer), Done(FreezeUnits(null, Named(1, 50))), Done(FreezeUnits(SecondStop, Named(40, 60))), Done(Lift()));

        ledger.ThenHolds(Buyer, 100, 79)
            .When(Lift(SecondStop)).ThenAccepted()
            .ThenHolds(Buyer, 100, 100);
    }

    [Fact]
    public void Only_the_authoritys_own_document_lifts() =>
        Ledger.Given(Issued(100), Done(FreezeUnits(null, All(1))))
            .When(Lift(authority: "another court"))
            .ThenRefused(new Refusal.AuthorityDiffers(Stop, "court", "another court"));

    [Fact]
    public void A_freeze_is_lifted_once() =>
        Ledger.Given(Issued(100), Done(FreezeUnits(null, All(1))), Done(Lift())).When(Lift()).ThenRefused(new Refusal.FreezeLifted(Stop, "D-9"));

    [Fact]
    public void An_account_is_free_again_when_its_last_freeze_is_lifted() =>
        Ledger.Given(Issued(100, to: Buyer), Done(FreezeAccount(Buyer)), Done(FreezeAccount(Buyer, SecondStop)), Done(Lift(Stop, "bureau")))
            .When(Transfer(Buyer, Other, All(1))).ThenRefused(new Refusal.AccountFrozen(Buyer, SecondStop))
            .When(Lift(SecondStop, "bureau")).ThenAccepted()
            .When(Transfer(Buyer, Other, All(1))).ThenAccepted();
}
