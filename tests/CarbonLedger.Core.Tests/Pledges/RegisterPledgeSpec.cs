using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Pledges;

public sealed class RegisterPledgeSpec
{
    [Fact]
    public void The_lowest_free_units_come_under_the_lien()
    {
        var pledge = Pledge(All(60));
        Given(Issued(100))
            .When(pledge, As(Forest))
            .ThenAccepted(
                new PledgeEvent.PledgeRegistered(
                    Lien, Owner, Bank, [new(FirstVoucher, Serials((1, 60)))], Yuan(495_000), pledge.ContractNumber, pledge.FilingNumber, pledge.Term, pledge.Valuation),
                new VoucherEvent.UnitsPledged(FirstVoucher, Lien, Owner, Serials((1, 60))))
            .ThenHolds(Owner, owned: 100, free: 40)
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.Registered, Kg(60), null), (p.Status, p.Kilograms, p.Loan)));
    }

    [Fact]
    public void A_pledge_leaves_the_units_with_their_holder() =>
        Given(Issued(100)).When(Pledge(Named(41, 50)), As(Forest)).ThenAccepted().ThenHolds(Owner, owned: 100, free: 90);

    [Fact]
    public void A_pledge_spans_several_vouchers() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher))
            .When(Pledge(All(100), All(50, SecondVoucher)), As(Forest))
            .ThenAccepted()
            .ThenHolds(Owner, 100, 0)
            .ThenHolds(Owner, 50, 0, SecondVoucher);

    [Fact]
    public void The_lender_may_file_it() => Given(Issued(100)).When(Pledge(All(60)), As(Bank)).ThenAccepted();

    [Fact]
    public void The_registrar_may_file_it() => Given(Issued(100)).When(Pledge(All(60))).ThenAccepted();

    [Fact]
    public void A_stranger_may_not_file_it() =>
        Given(Issued(100))
            .When(Pledge(All(60)), As(SecondBank))
            .ThenRefused(new Refusal.NotAuthorized(As(SecondBank), "Registering a pledge", "the holder of the units or the lender"));

    [Fact]
    public void The_account_exists() =>
        Given(Issued(100)).When(Pledge(All(1)) with { Pledgor = NoAccount }).ThenRefused(new Refusal.AccountNotFound(NoAccount));

    [Fact]
    public void The_lender_exists() =>
        Given(Issued(100)).When(Pledge(All(1)) with { Pledgee = NoOrganization }).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void The_lender_is_a_bank() =>
        Given(Issued(100)).When(Pledge(All(1)) with { Pledgee = Stranger }).ThenRefused(new Refusal.OrganizationLacksRole(Stranger, Role.Bank));

    [Fact]
    public void The_lenders_role_is_told_before_authority() =>
        Given(Issued(100))
            .When(Pledge(All(1)) with { Pledgee = Stranger }, As(Group))
            .ThenRefused(new Refusal.OrganizationLacksRole(Stranger, Role.Bank));

    [Fact]
    public void A_closed_account_pledges_nothing() =>
        Given(Issued(100), Closed(Buyer)).When(Pledge(All(1)) with { Pledgor = Buyer }).ThenRefused(new Refusal.AccountClosed(Buyer));

    [Fact]
    public void A_valuation_is_not_of_tomorrow() =>
        Given(Issued(100))
            .When(Pledge(All(1)) with { Valuation = new Valuation(Price(41.94m), "exchange", Today.PlusDays(1)) })
            .ThenRefused(new Refusal.DateInFuture("The valuation date", Today.PlusDays(1), Today));

    [Fact]
    public void Pledged_units_are_not_pledged_again() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Encumber(Owner, SecondBank, SecondLien, All(41)), As(Forest))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(41), Kg(40), Lien));

    [Fact]
    public void Named_units_under_a_lien_are_not_pledged_again() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Encumber(Owner, Bank, SecondLien, Named(60, 60)), As(Forest))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(1), Kg(0), Lien));

    [Fact]
    public void Retired_units_are_never_pledged() =>
        Given(Issued(100), Retired(Owner, Named(5, 5)))
            .When(Pledge(Named(1, 10)))
            .ThenRefused(new Refusal.UnitsNotHeld(FirstVoucher, Owner, Range(1, 10)));

    [Fact]
    public void Only_the_current_holder_pledges() =>
        Given(Issued(100), Transferred(Owner, Buyer, All(100)))
            .When(Pledge(All(1)))
            .ThenRefused(new Refusal.InsufficientUnits(FirstVoucher, Kg(1), Kg(0)));

    [Fact]
    public void Serials_end_with_the_voucher() =>
        Given(Issued(100)).When(Pledge(Named(100, 101))).ThenRefused(new Refusal.SerialsBeyondVoucher(FirstVoucher, Range(100, 101), Kg(100)));

    [Fact]
    public void The_voucher_exists() => Given().When(Pledge(All(1))).ThenRefused(new Refusal.VoucherNotFound(FirstVoucher));

    [Fact]
    public void A_voucher_stands_in_one_line_only() =>
        Given(Issued(100)).When(Pledge(All(1), All(1))).ThenRefused(new Refusal.DuplicateVoucherLine(FirstVoucher));

    [Fact]
    public void A_pledge_over_several_vouchers_comes_whole_or_not_at_all() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher))
            .When(Pledge(All(100), All(51, SecondVoucher)), As(Forest))
            .ThenRefused(new Refusal.InsufficientUnits(SecondVoucher, Kg(51), Kg(50)))
            .ThenHolds(Owner, 100, 100);

    private static RegisterPledge Pledge(params Line[] lines) => Encumber(Owner, Bank, null, lines);
}
