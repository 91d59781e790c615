using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Vouchers;

/// <summary>A revoked voucher stands still at once; what is free of it is cancelled.</summary>
public sealed class RevokeVoucherSpec
{
    [Fact]
    public void What_is_free_is_cancelled_and_what_is_retired_or_locked_stays()
    {
        var ledger = Given(Issued(100), Transferred(Owner, Buyer, Named(41, 60)), Retired(Owner, Named(1, 10)), Pledged(20, by: Owner, to: Bank))
            .When(Revoke())
            .ThenAccepted(
                new VoucherEvent.VoucherRevoked(FirstVoucher, "forged", new Paper("D-3", null)),
                new VoucherEvent.UnitsCancelled(FirstVoucher, null, Owner, Serials((31, 40), (61, 100))),
                new VoucherEvent.UnitsCancelled(FirstVoucher, null, Buyer, Serials((41, 60))))
            .ThenHolds(Owner, owned: 20, free: 0)
            .ThenStands<VoucherState>(FirstVoucher.Value, v => Assert.Equal("D-3", v.Revoked!.Document.Number));

        Assert.Equal(10, ledger.Register.Units(FirstVoucher)!.Pieces.Where(p => p.Status == UnitStatus.Retired).Sum(p => p.Range.Count));
    }

    [Fact]
    public void Nothing_of_a_revoked_voucher_moves_any_more()
    {
        var ledger = Given(Issued(100), Pledged(20, by: Owner, to: Bank), Done(Revoke()), Released());
        Command[] takings =
        [
            Transfer(Owner, Buyer, All(1)), Retire(Owner, All(1)), Encumber(Owner, Bank, SecondLien, All(1)), Sell(Owner, Buyer, All(1)), Cancel(Owner, CancellationReason.Exported, All(1)),
        ];
        Assert.All(takings, taking => ledger.When(taking).ThenRefused(new Refusal.VoucherRevoked(FirstVoucher)));
    }

    [Fact]
    public void A_lender_still_releases_and_a_court_still_freezes() =>
        Given(Issued(100), Pledged(20, by: Owner, to: Bank), Done(Revoke()))
            .When(FreezeUnits(null, Named(11, 20))).ThenAccepted()
            .When(Release(), As(Bank)).ThenAccepted()
            .ThenHolds(Owner, 20, 10);

    [Fact]
    public void A_voucher_that_is_wholly_retired_is_revoked_all_the_same() =>
        Given(Issued(100), Retired(Owner, All(100))).When(Revoke()).ThenAccepted(new VoucherEvent.VoucherRevoked(FirstVoucher, "forged", new Paper("D-3", null)));

    [Fact]
    public void What_stands_in_a_frozen_account_is_not_touched() =>
        Given(Issued(100), Transferred(Owner, Buyer, All(40)), Done(FreezeAccount(Buyer))).When(Revoke()).ThenAccepted().ThenHolds(Buyer, 40, 40).ThenHolds(Owner, 0, 0);

    [Fact]
    public void Only_the_registrar_revokes_and_only_once()
    {
        Given(Issued(100)).When(Revoke(), As(Forest)).ThenRefused(new Refusal.NotAuthorized(As(Forest), "Revoking a voucher", "the registrar"));
        Given(Issued(100), Done(Revoke())).When(Revoke()).ThenRefused(new Refusal.VoucherRevoked(FirstVoucher));
        Given().When(Revoke(NoVoucher)).ThenRefused(new Refusal.VoucherNotFound(NoVoucher));
    }
}
