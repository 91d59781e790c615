using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Inventories;

public sealed class RestateInventorySpec
{
    [Fact]
    public void A_restatement_is_a_new_version() =>
        Given(Done(Counted(Emitted(50))))
            .When(Restate(Emitted(60)), As(Stranger))
            .ThenAccepted()
            .ThenStands<InventoryState>(Office.Value, i => Assert.Equal((2, Kg(60)), (i.Version, i.Emissions)));

    [Fact]
    public void It_may_keep_its_certificates_and_one_that_is_left_out_stays_with_it()
    {
        var power = Used("gridElectricity", 5_000, "kWh", "甘肃");
        var first = Counted(power) with { Draft = Lines(power) with { GreenCertificates = ["G-1", "G-2"] } };
        Given(Done(first), Done(Restate(power) with { Draft = Lines(power) with { GreenCertificates = ["G-2", "G-3"] } }))
            .When(first with { Inventory = new InventoryId(Id(0xB0, 2)), Draft = Lines(power) with { GreenCertificates = ["G-1"] } })
            .ThenRefused(new Refusal.CertificateCountedAlready("G-1"))
            .ThenStands<InventoryState>(Office.Value, i => Assert.Equal(["G-1", "G-2", "G-3"], i.GreenCertificates));
    }

    [Fact]
    public void The_inventory_exists() => Given().When(Restate(Emitted(1))).ThenRefused(new Refusal.InventoryNotFound(Office));

    [Fact]
    public void Only_its_organization_or_the_registrar_restates() =>
        Given(Done(Counted(Emitted(1)))).When(Restate(Emitted(1)), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Restating an inventory", "its organization"));

    [Fact]
    public void Restating_upward_uncovers_a_published_claim() =>
        Claimed(Done(new PublishClaim(ZeroCarbon)))
            .When(Restate(Emitted(51)))
            .ThenAccepted()
            .ThenStands<ClaimState>(ZeroCarbon.Value, c => Assert.Equal((ClaimStatus.UnderCovered, Kg(51), Kg(50)), (c.Status, c.Emissions, c.Covering)));

    [Fact]
    public void Restating_down_again_covers_it() =>
        Claimed(Done(new PublishClaim(ZeroCarbon)), Done(Restate(Emitted(51))))
            .When(Restate(Emitted(50)))
            .ThenAccepted()
            .ThenStands<ClaimState>(ZeroCarbon.Value, c => Assert.Equal(ClaimStatus.Published, c.Status));

    [Fact]
    public void A_draft_stays_a_draft_and_cannot_be_published_while_it_is_short() =>
        Claimed(Done(Restate(Emitted(51))))
            .When(new PublishClaim(ZeroCarbon))
            .ThenRefused(new Refusal.ClaimShortOfEmissions(Kg(50), Kg(51)));

    private static Ledger Claimed(params Step[] steps) =>
        Given([Issued(100), Retired(Owner, All(50)), Done(Counted(Emitted(50))), Done(Back(Use)), .. steps]);
}
