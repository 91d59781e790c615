using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Vouchers;

/// <summary>A revocation goes on: locked units are cancelled after their locks end, many pieces in several steps.</summary>
public sealed class CancelRevokedUnitsSpec
{
    private static readonly CancelRevokedUnits Step = new(FirstVoucher);

    [Fact]
    public void What_a_release_has_made_free_is_cancelled() =>
        Given(Issued(100), Pledged(20, by: Owner, to: Bank), Done(Revoke()))
            .When(Step)
            .ThenRefused(new Refusal.NothingToCancel(FirstVoucher))
            .When(Release(Named(1, 5)), As(Bank))
            .When(Step)
            .ThenAccepted(new VoucherEvent.UnitsCancelled(FirstVoucher, null, Owner, Serials((1, 5))))
            .ThenHolds(Owner, 15, 0);

    [Fact]
    public void Many_pieces_take_several_steps_and_stand_still_meanwhile()
    {
        var ledger = Given(Issued(2_200));
        for (var first = 1; first < 2_200; first += 200)
        {
            ledger.Do(Transfer(Owner, Buyer, Line.Of(FirstVoucher, SerialRanges.Of(Enumerable.Range(0, 100).Select(i => Range(first + (2 * i), first + (2 * i)))))), Registrar);
        }

        ledger.When(Revoke()).ThenAccepted().ThenHolds(Owner, 600, 600).ThenHolds(Buyer, 600, 600);
        ledger.When(Transfer(Owner, Buyer, All(1))).ThenRefused(new Refusal.VoucherRevoked(FirstVoucher));
        ledger.When(Step).ThenAccepted().When(Step).ThenAccepted().ThenHolds(Owner, 0, 0).ThenHolds(Buyer, 0, 0);
        ledger.When(Step).ThenRefused(new Refusal.NothingToCancel(FirstVoucher));
    }

    [Fact]
    public void It_is_for_the_registrar_and_for_revoked_vouchers()
    {
        Given(Issued(100), Done(Revoke())).When(Step, As(Forest)).ThenRefused(new Refusal.NotAuthorized(As(Forest), "Cancelling a revoked voucher's units", "the registrar"));
        Given(Issued(100)).When(Step).ThenRefused(new Refusal.VoucherNotRevoked(FirstVoucher));
        Given().When(Step).ThenRefused(new Refusal.VoucherNotFound(FirstVoucher));
    }
}
