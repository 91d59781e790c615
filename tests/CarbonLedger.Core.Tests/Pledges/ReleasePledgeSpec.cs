using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Pledges;

public sealed class ReleasePledgeSpec
{
    [Fact]
    public void The_pledgee_releases_everything() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Release(), As(Bank))
            .ThenAccepted(
                new PledgeEvent.PledgeReleased(Lien, [new(FirstVoucher, Serials((1, 60)))], ReleaseReason.Repaid),
                new VoucherEvent.UnitsReleased(FirstVoucher, Lien, Owner, Serials((1, 60))))
            .ThenHolds(Owner, owned: 100, free: 100)
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.Released, Kg(0)), (p.Status, p.Kilograms)));

    [Fact]
    public void A_partial_release_frees_the_lowest_units() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Release(All(25)), As(Bank))
            .ThenAccepted(
                new PledgeEvent.PledgeReleased(Lien, [new(FirstVoucher, Serials((1, 25)))], ReleaseReason.Repaid),
                new VoucherEvent.UnitsReleased(FirstVoucher, Lien, Owner, Serials((1, 25))))
            .ThenHolds(Owner, owned: 100, free: 65)
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.PartiallyReleased, Kg(35)), (p.Status, p.Kilograms)));

    [Fact]
    public void A_partial_release_frees_named_units() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Release(Named(10, 19)), As(Bank))
            .ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(Serials((1, 9), (20, 60)), p.Units[0].Serials));

    [Fact]
    public void Released_units_move_again() =>
        Given(Issued(100), Pledged(100, by: Owner, to: Bank), Released(Named(10, 19)))
            .When(Transfer(Owner, Buyer, All(10)), As(Forest))
            .ThenAccepted()
            .ThenHolds(Buyer, 10, 10);

    [Fact]
    public void Partial_releases_end_in_a_released_pledge() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank), Released(All(25)))
            .When(Release(All(35)), As(Bank))
            .ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(PledgeStatus.Released, p.Status));

    [Fact]
    public void One_voucher_of_several_is_released() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher), Done(Encumber(Owner, Bank, null, All(100), All(50, SecondVoucher))))
            .When(Release(All(50, SecondVoucher)), As(Bank))
            .ThenAccepted()
            .ThenHolds(Owner, 100, 0)
            .ThenHolds(Owner, 50, 50, SecondVoucher)
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.PartiallyReleased, 1), (p.Status, p.Units.Count)));

    [Fact]
    public void The_holder_does_not_release() => Refused(As(Forest));

    [Fact]
    public void Not_even_the_registrar_releases() => Refused(Registrar);

    [Fact]
    public void Another_bank_does_not_release() => Refused(As(SecondBank));

    [Fact]
    public void The_pledge_exists() => Given().When(Release(), As(Bank)).ThenRefused(new Refusal.PledgeNotFound(Lien));

    [Fact]
    public void A_released_pledge_is_not_released_again() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank), Released())
            .When(Release(), As(Bank))
            .ThenRefused(new Refusal.PledgeNotInForce(Lien, PledgeStatus.Released));

    [Fact]
    public void No_more_is_released_than_is_pledged() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Release(All(61)), As(Bank))
            .ThenRefused(new Refusal.ReleaseExceedsPledge(Lien, FirstVoucher, Kg(61), Kg(60)));

    [Fact]
    public void Named_units_outside_the_pledge_are_not_released() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Release(Named(60, 61)), As(Bank))
            .ThenRefused(new Refusal.ReleaseExceedsPledge(Lien, FirstVoucher, Kg(2), Kg(60)));

    [Fact]
    public void Serials_that_are_not_pledged_are_not_said_to_be() =>
        Assert.EndsWith($"; pledge {Lien} has 60 kg of it. Name no more than that, and only serials that are under it.", new Refusal.ReleaseExceedsPledge(Lien, FirstVoucher, Kg(2), Kg(60)).Detail);

    [Fact]
    public void Units_of_another_pledge_are_not_released() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank), Pledged(40, by: Owner, to: Bank, SecondLien))
            .When(Release(Named(61, 70)), As(Bank))
            .ThenRefused(new Refusal.ReleaseExceedsPledge(Lien, FirstVoucher, Kg(10), Kg(60)));

    [Fact]
    public void A_voucher_that_is_not_pledged_is_not_released() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher), Pledged(60, by: Owner, to: Bank))
            .When(Release(All(1, SecondVoucher)), As(Bank))
            .ThenRefused(new Refusal.ReleaseExceedsPledge(Lien, SecondVoucher, Kg(1), Kg(0)));

    [Fact]
    public void A_voucher_stands_in_one_line_only() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Release(All(1), All(2)), As(Bank))
            .ThenRefused(new Refusal.DuplicateVoucherLine(FirstVoucher));

    [Fact]
    public void The_pledgee_is_told_before_the_state() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank), Released())
            .When(Release(), As(Forest))
            .ThenRefused(new Refusal.NotThePledgee(As(Forest), Lien));

    [Fact]
    public void A_release_happens_whole_or_not_at_all() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher), Done(Encumber(Owner, Bank, null, All(100), All(50, SecondVoucher))))
            .When(Release(All(100), All(51, SecondVoucher)), As(Bank))
            .ThenRefused(new Refusal.ReleaseExceedsPledge(Lien, SecondVoucher, Kg(51), Kg(50)))
            .ThenHolds(Owner, 100, 0);

    private static void Refused(Actor by) =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank)).When(Release(), by).ThenRefused(new Refusal.NotThePledgee(by, Lien));
}
