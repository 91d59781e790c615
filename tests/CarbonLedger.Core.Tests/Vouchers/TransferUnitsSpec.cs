using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Vouchers;

public sealed class TransferUnitsSpec
{
    [Fact]
    public void A_quantity_takes_the_lowest_free_serials() =>
        Given(Issued(100), Pledged(10, by: Owner, to: Bank))
            .When(Transfer(Owner, Buyer, All(30)), As(Forest))
            .ThenAccepted(at => [Moved(at, Serials((11, 40)))])
            .ThenHolds(Owner, owned: 70, free: 60)
            .ThenHolds(Buyer, owned: 30, free: 30);

    [Fact]
    public void A_quantity_is_made_up_of_several_pieces() =>
        Given(Issued(100), Transferred(Owner, Buyer, Named(11, 20)), Transferred(Owner, Other, Named(41, 50)))
            .When(Transfer(Owner, Buyer, All(45)), As(Forest))
            .ThenAccepted(at => [Moved(at, Serials((1, 10), (21, 40), (51, 65)))])
            .ThenHolds(Owner, owned: 35, free: 35);

    [Fact]
    public void Named_ranges_move_as_they_are_named() =>
        Given(Issued(100))
            .When(Transfer(Owner, Buyer, Line.Of(FirstVoucher, Serials((90, 100), (5, 6)))), As(Forest))
            .ThenAccepted(at => [Moved(at, Serials((5, 6), (90, 100)))])
            .ThenHolds(Buyer, owned: 13, free: 13);

    [Fact]
    public void Splitting_never_renumbers()
    {
        var ledger = Given(Issued(100), Transferred(Owner, Buyer, Named(40, 60)), Transferred(Buyer, Other, Named(50, 55)));

        Assert.Equal(
            [(Range(1, 39), Owner), (Range(40, 49), Buyer), (Range(50, 55), Other), (Range(56, 60), Buyer), (Range(61, 100), Owner)],
            ledger.Register.Units(FirstVoucher)!.Pieces.Select(p => (p.Range, p.Account)));
        ledger.AssertStoreEqualsRegister();
    }

    [Fact]
    public void The_holder_may_transfer() => Given(Issued(100)).When(Transfer(Owner, Buyer, All(1)), As(Forest)).ThenAccepted();

    [Fact]
    public void The_registrar_may_transfer_for_the_holder() => Given(Issued(100)).When(Transfer(Owner, Buyer, All(1)), AsBureau).ThenAccepted();

    [Fact]
    public void Nobody_else_may_transfer() =>
        Given(Issued(100))
            .When(Transfer(Owner, Buyer, All(1)), As(Group))
            .ThenRefused(new Refusal.NotAuthorized(As(Group), "A transfer", $"the holder of account {Owner}"));

    [Fact]
    public void An_account_does_not_transfer_to_itself() =>
        Given(Issued(100)).When(Transfer(Owner, Owner, All(1)), As(Forest)).ThenRefused(new Refusal.SameAccount(Owner));

    [Fact]
    public void The_giving_account_exists() =>
        Given(Issued(100)).When(Transfer(NoAccount, Buyer, All(1))).ThenRefused(new Refusal.AccountNotFound(NoAccount));

    [Fact]
    public void The_receiving_account_exists() =>
        Given(Issued(100)).When(Transfer(Owner, NoAccount, All(1))).ThenRefused(new Refusal.AccountNotFound(NoAccount));

    [Fact]
    public void A_closed_account_gives_nothing() =>
        Given(Issued(100), Closed(Buyer)).When(Transfer(Buyer, Owner, All(1))).ThenRefused(new Refusal.AccountClosed(Buyer));

    [Fact]
    public void A_closed_account_receives_nothing() =>
        Given(Issued(100), Closed(Buyer)).When(Transfer(Owner, Buyer, All(1))).ThenRefused(new Refusal.AccountClosed(Buyer));

    [Fact]
    public void The_voucher_exists() =>
        Given(Issued(100)).When(Transfer(Owner, Buyer, All(1, NoVoucher))).ThenRefused(new Refusal.VoucherNotFound(NoVoucher));

    [Fact]
    public void A_voucher_stands_in_one_line_only() =>
        Given(Issued(100))
            .When(Transfer(Owner, Buyer, All(1), Named(50, 60)))
            .ThenRefused(new Refusal.DuplicateVoucherLine(FirstVoucher));

    [Fact]
    public void Nobody_moves_more_than_he_owns() =>
        Given(Issued(100), Transferred(Owner, Buyer, All(30)))
            .When(Transfer(Owner, Buyer, All(71)))
            .ThenRefused(new Refusal.InsufficientUnits(FirstVoucher, Kg(71), Kg(70)));

    [Fact]
    public void All_that_is_owned_can_be_moved() =>
        Given(Issued(100), Transferred(Owner, Buyer, All(30))).When(Transfer(Owner, Buyer, All(70))).ThenAccepted().ThenHolds(Buyer, 100, 100);

    [Fact]
    public void Pledged_units_do_not_move() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Transfer(Owner, Buyer, All(41)))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(41), Kg(40), Lien));

    [Fact]
    public void Named_units_that_are_pledged_do_not_move() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Transfer(Owner, Buyer, Named(51, 80)))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(30), Kg(20), Lien));

    [Fact]
    public void The_free_rest_beside_a_pledge_moves() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank)).When(Transfer(Owner, Buyer, All(40))).ThenAccepted().ThenHolds(Owner, owned: 60, free: 0);

    [Fact]
    public void Serials_end_with_the_voucher() =>
        Given(Issued(100))
            .When(Transfer(Owner, Buyer, Named(95, 101)))
            .ThenRefused(new Refusal.SerialsBeyondVoucher(FirstVoucher, Range(95, 101), Kg(100)));

    [Fact]
    public void Units_of_another_account_do_not_move() =>
        Given(Issued(100), Transferred(Owner, Buyer, Named(50, 50)))
            .When(Transfer(Owner, Other, Named(40, 60)))
            .ThenRefused(new Refusal.UnitsNotHeld(FirstVoucher, Owner, Range(40, 60)));

    [Fact]
    public void Retired_units_never_move_again() =>
        Given(Issued(100), Retired(Owner, Named(1, 10)))
            .When(Transfer(Owner, Buyer, Named(10, 10)))
            .ThenRefused(new Refusal.UnitsNotHeld(FirstVoucher, Owner, Range(10, 10)));

    [Fact]
    public void Retired_units_are_owned_no_more() =>
        Given(Issued(100), Retired(Owner, All(30)))
            .When(Transfer(Owner, Buyer, All(71)))
            .ThenRefused(new Refusal.InsufficientUnits(FirstVoucher, Kg(71), Kg(70)));

    [Fact]
    public void Several_vouchers_move_together() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher))
            .When(Transfer(Owner, Buyer, All(100), All(50, SecondVoucher)))
            .ThenAccepted()
            .ThenHolds(Buyer, 100, 100)
            .ThenHolds(Buyer, 50, 50, SecondVoucher);

    [Fact]
    public void Several_vouchers_move_together_or_not_at_all() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher))
            .When(Transfer(Owner, Buyer, All(100), All(51, SecondVoucher)))
            .ThenRefused(new Refusal.InsufficientUnits(SecondVoucher, Kg(51), Kg(50)))
            .ThenHolds(Owner, 100, 100)
            .ThenHolds(Buyer, 0, 0);

    [Fact]
    public void An_account_on_both_sides_is_told_before_authority() =>
        Given(Issued(100)).When(Transfer(Owner, Owner, All(1)), As(Stranger)).ThenRefused(new Refusal.SameAccount(Owner));

    [Fact]
    public void Authority_is_told_before_a_closed_account() =>
        Given(Issued(100), Closed(Buyer))
            .When(Transfer(Buyer, Owner, All(1)), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "A transfer", $"the holder of account {Buyer}"));

    [Fact]
    public void Owning_too_little_is_told_before_a_lien() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Transfer(Owner, Buyer, All(101)))
            .ThenRefused(new Refusal.InsufficientUnits(FirstVoucher, Kg(101), Kg(100)));

    [Fact]
    public void Units_not_held_are_told_before_a_lien() =>
        Given(Issued(100), Pledged(10, by: Owner, to: Bank), Transferred(Owner, Buyer, Named(50, 60)))
            .When(Transfer(Owner, Buyer, Named(5, 55)))
            .ThenRefused(new Refusal.UnitsNotHeld(FirstVoucher, Owner, Range(5, 55)));

    [Fact]
    public void The_first_line_that_fails_is_told() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher))
            .When(Transfer(Owner, Buyer, All(51, SecondVoucher), All(101)))
            .ThenRefused(new Refusal.InsufficientUnits(SecondVoucher, Kg(51), Kg(50)));

    private static VoucherEvent.UnitsTransferred Moved(long at, SerialRanges serials) =>
        new(FirstVoucher, TransferId.At(at, FirstVoucher), null, Owner, Buyer, serials, "by agreement");

    /// <summary>Taking looks on from where the last free unit was; what comes back below must be seen again.</summary>
    [Fact]
    public void Units_that_come_back_below_are_the_lowest_again() =>
        Given(
                Issued(100),
                Transferred(Owner, Buyer, All(30)),
                Transferred(Owner, Other, All(10)),
                Transferred(Buyer, Owner, Named(11, 20)),
                Pledged(5, by: Owner, to: Bank),
                Transferred(Owner, Other, All(1)),
                Released())
            .When(Transfer(Owner, Other, All(12)))
            .ThenAccepted(at => [new VoucherEvent.UnitsTransferred(FirstVoucher, TransferId.At(at, FirstVoucher), null, Owner, Other, Serials((11, 15), (17, 20), (41, 43)), "by agreement")]);
}
