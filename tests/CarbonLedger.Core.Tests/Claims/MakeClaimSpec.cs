using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Claims;

public sealed class MakeClaimSpec
{
    private static readonly RetirementId SecondUse = new(Id(0x80, 2));

    [Fact]
    public void Retired_kilograms_are_set_against_an_inventory() =>
        Given(Issued(100), Retired(Owner, All(60)), Done(Counted(Emitted(50))))
            .When(Back(Use), As(Stranger))
            .ThenAccepted(
                new ClaimEvent.ClaimDrafted(ZeroCarbon, Office, Stranger, Year(2021), Kg(50), [new ClaimPart(Use, 1, 50, [new VoucherKilograms(FirstVoucher, Kg(50))])]),
                new InventoryEvent.InventoryClaimed(Office, ZeroCarbon),
                new RetirementEvent.RetirementClaimed(Use, ZeroCarbon, Stranger, 1, 50))
            .ThenStands<RetirementState>(Use.Value, r => Assert.Equal((Kg(60), Kg(10)), (r.Kilograms, r.Unclaimed)));

    [Fact]
    public void One_kilogram_short_is_refused() =>
        Given(Issued(100), Retired(Owner, All(49)), Done(Counted(Emitted(50))))
            .When(Back(Use))
            .ThenRefused(new Refusal.ClaimShortOfEmissions(Kg(49), Kg(50)));

    [Fact]
    public void Several_retirements_and_vouchers_add_up() =>
        Given(Issued(30), Issued(40, voucher: SecondVoucher), Retired(Owner, All(30), All(10, SecondVoucher)), Done(Retire(Owner, All(10, SecondVoucher)) with { Retirement = SecondUse }), Done(Counted(Emitted(45))))
            .When(Back(Use, SecondUse))
            .ThenAccepted()
            .ThenStands<ClaimState>(ZeroCarbon.Value, c => Assert.Equal(
                [(Use, 1L, 40L, 2), (SecondUse, 1L, 5L, 1)],
                c.Parts.Select(p => (p.Retirement, p.First, p.Last, p.Units.Count))));

    [Fact]
    public void The_surplus_backs_another_claim_and_no_kilogram_backs_two() =>
        Given(Issued(100), Retired(Owner, All(60)), Done(Counted(Emitted(50))), Done(Back(Use)), Done(Counted(Emitted(10)) with { Inventory = Other(2) }))
            .When(Back(Use) with { Claim = Another(2), Inventory = Other(2) })
            .ThenAccepted()
            .ThenStands<RetirementState>(Use.Value, r => Assert.Equal([(1, 50), (51, 60)], r.Claimed.Select(c => (c.First, c.Last))));

    [Fact]
    public void A_retirement_that_backs_a_claim_backs_no_other() =>
        Given(Issued(100), Retired(Owner, All(50)), Done(Counted(Emitted(50))), Done(Back(Use)), Done(Counted(Emitted(1)) with { Inventory = Other(2) }))
            .When(Back(Use) with { Claim = Another(2), Inventory = Other(2) })
            .ThenRefused(new Refusal.RetirementAlreadyClaimed(Use));

    [Fact]
    public void The_surplus_is_the_beneficiarys() =>
        Given(Issued(100), Retired(Owner, All(60)), Done(Counted(Emitted(1)) with { Organization = Group }))
            .When(Back(Use))
            .ThenRefused(new Refusal.RetirementOfAnotherBeneficiary(Use, Group));

    [Fact]
    public void For_a_named_beneficiary_the_holder_claims_and_nobody_else() =>
        Given(Issued(100, to: Owner), Done(Retire(Owner, All(60)) with { Beneficiary = new Beneficiary(null, Document) }), Done(Counted(Emitted(1)) with { Organization = Group }))
            .When(Back(Use), As(Group))
            .ThenRefused(new Refusal.RetirementOfAnotherBeneficiary(Use, Group));

    [Fact]
    public void The_surplus_of_a_named_beneficiary_stays_where_the_first_claim_is() =>
        Given(
            Issued(100, to: Owner),
            Done(Retire(Owner, All(60)) with { Beneficiary = new Beneficiary(null, Document) }),
            Done(Counted(Emitted(1)) with { Organization = Forest }),
            Done(Back(Use), As(Forest)),
            Done(Counted(Emitted(1)) with { Inventory = Other(2) }))
            .When(Back(Use) with { Claim = Another(2), Inventory = Other(2) })
            .ThenRefused(new Refusal.RetirementOfAnotherBeneficiary(Use, Stranger));

    [Fact]
    public void A_vintage_after_the_period_is_refused() =>
        Given(Issued(100), Retired(Owner, All(60)), Done(Counted(Used("naturalGas", 1, "m3")) with { Period = Year(1999) }))
            .When(Back(Use))
            .ThenRefused(new Refusal.VintageAfterClaimPeriod(Use, FirstVoucher, new LocalDate(2000, 12, 31), new LocalDate(1999, 12, 31)));

    [Fact]
    public void A_vintage_that_ends_with_the_period_is_in_time() =>
        Given(Issued(100), Retired(Owner, All(60)), Done(Counted(Used("naturalGas", 1, "m3")) with { Period = Year(2000) })).When(Back(Use)).ThenAccepted();

    [Fact]
    public void One_inventory_has_one_claim() =>
        Given(Issued(100), Retired(Owner, All(60)), Done(Counted(Emitted(5))), Done(Back(Use)))
            .When(Back(Use) with { Claim = Another(2) })
            .ThenRefused(new Refusal.InventoryAlreadyClaimed(Office, ZeroCarbon));

    [Fact]
    public void A_retirement_is_named_once() =>
        Given(Issued(100), Retired(Owner, All(60)), Done(Counted(Emitted(5)))).When(Back(Use, Use)).ThenRefused(new Refusal.DuplicateRetirement(Use));

    [Fact]
    public void The_inventory_exists() => Given().When(Back(Use)).ThenRefused(new Refusal.InventoryNotFound(Office));

    [Fact]
    public void The_retirement_exists() => Given(Done(Counted(Emitted(5)))).When(Back(Use)).ThenRefused(new Refusal.RetirementNotFound(Use));

    [Fact]
    public void Only_the_organization_or_the_registrar_claims() =>
        Given(Done(Counted(Emitted(5)))).When(Back(Use), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Making a claim", "the inventory's organization"));

    private static InventoryId Other(int number) => new(Id(0xB0, number));

    private static ClaimId Another(int number) => new(Id(0xC0, number));
}
