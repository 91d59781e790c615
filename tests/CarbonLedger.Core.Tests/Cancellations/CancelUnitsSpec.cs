using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Cancellations;

/// <summary>Removal without a claim: who may, on what grounds, and that it needs free units (D4) and is for ever (D5).</summary>
public sealed class CancelUnitsSpec
{
    private static readonly CancellationReason[] Reasons = Enum.GetValues<CancellationReason>();

    [Fact]
    public void Cancelled_units_are_gone_for_ever()
    {
        var ledger = Given(Issued(100))
            .When(Cancel(Owner, CancellationReason.ErrorCorrection, All(30)))
            .ThenAccepted(
                new CancellationEvent.CancellationRecorded(
                    Removal, Owner, [new(FirstVoucher, Serials((1, 30)))], CancellationReason.ErrorCorrection, "measured twice", null, null, null, null),
                new VoucherEvent.UnitsCancelled(FirstVoucher, Removal, Owner, Serials((1, 30))))
            .ThenHolds(Owner, owned: 70, free: 70);

        Assert.Equal([UnitStatus.Cancelled, UnitStatus.Live], ledger.Register.Units(FirstVoucher)!.Pieces.Select(p => p.Status));
        ledger.When(Retire(Owner, Named(30, 31))).ThenRefused(new Refusal.UnitsNotHeld(FirstVoucher, Owner, Range(30, 31)));
        ledger.When(Cancel(Owner, CancellationReason.OverIssuance, Named(1, 1))).ThenRefused(new Refusal.UnitsNotHeld(FirstVoucher, Owner, Range(1, 1)));
    }

    [Fact]
    public void The_registrar_may_cancel_for_every_reason() =>
        Assert.All(Reasons, reason => Given(Issued(100)).When(Cancel(Owner, reason, All(1)), AsBureau).ThenAccepted());

    [Fact]
    public void The_holder_may_export_and_nothing_else() =>
        Assert.All(Reasons, reason =>
        {
            var ledger = Given(Issued(100)).When(Cancel(Owner, reason, All(1)), As(Forest));
            if (reason == CancellationReason.Exported)
            {
                ledger.ThenAccepted();
            }
            else
            {
                ledger.ThenRefused(new Refusal.NotAuthorized(As(Forest), $"A cancellation for {Names.Of(reason)}", "the registrar"));
            }
        });

    [Fact]
    public void A_stranger_exports_nothing() =>
        Given(Issued(100))
            .When(Cancel(Owner, CancellationReason.Exported, All(1)), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "A cancellation for exported", $"the holder of account {Owner}"));

    [Theory]
    [InlineData(CancellationReason.ErrorCorrection, "needs an explanation")]
    [InlineData(CancellationReason.OverIssuance, "needs an explanation")]
    [InlineData(CancellationReason.Reversal, "needs the eventDate")]
    [InlineData(CancellationReason.Exported, "needs the destination: the other register and its reference")]
    [InlineData(CancellationReason.CourtOrder, "needs the court's document")]
    [InlineData(CancellationReason.Expiry, "needs the document with the rule")]
    public void Every_reason_has_its_grounds(CancellationReason reason, string rule) =>
        Given(Issued(100))
            .When(Cancel(Owner, reason, All(1)) with { Grounds = new(null, null, null, null) })
            .ThenRefused(new Refusal.CancellationGrounds(reason, rule));

    [Fact]
    public void A_reversal_has_a_document_too() =>
        Given(Issued(100))
            .When(Cancel(Owner, CancellationReason.Reversal, All(1)) with { Grounds = Grounds(CancellationReason.Reversal) with { Document = null } })
            .ThenRefused(new Refusal.CancellationGrounds(CancellationReason.Reversal, "needs a document"));

    [Fact]
    public void What_does_not_belong_to_a_reason_is_refused()
    {
        var court = Grounds(CancellationReason.CourtOrder);
        Given(Issued(100))
            .When(Cancel(Owner, CancellationReason.CourtOrder, All(1)) with { Grounds = court with { EventDate = Today } })
            .ThenRefused(new Refusal.CancellationGrounds(CancellationReason.CourtOrder, "has no eventDate"));
        Given(Issued(100))
            .When(Cancel(Owner, CancellationReason.CourtOrder, All(1)) with { Grounds = court with { Destination = new Destination("r", "1") } })
            .ThenRefused(new Refusal.CancellationGrounds(CancellationReason.CourtOrder, "has no destination"));
    }

    [Fact]
    public void No_fire_is_reported_before_it_burns()
    {
        var grounds = Grounds(CancellationReason.Reversal);
        Given(Issued(100)).When(Cancel(Owner, CancellationReason.Reversal, All(1)) with { Grounds = grounds with { EventDate = Today } }).ThenAccepted();
        Given(Issued(100))
            .When(Cancel(Owner, CancellationReason.Reversal, All(1)) with { Grounds = grounds with { EventDate = Today.PlusDays(1) } })
            .ThenRefused(new Refusal.DateInFuture("eventDate", Today.PlusDays(1), Today));
    }

    [Fact]
    public void Units_under_any_lock_cannot_be_cancelled_not_even_by_court_order() =>
        Assert.All(Reasons, reason =>
        {
            Given(Issued(100), Pledged(60, by: Owner, to: Bank)).When(Cancel(Owner, reason, All(41))).ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(41), Kg(40), Lien));
            Given(Issued(100), Done(FreezeUnits(null, Named(1, 60)))).When(Cancel(Owner, reason, Named(60, 61))).ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(2), Kg(1)));
            Given(Issued(100), Done(FreezeAccount(Owner))).When(Cancel(Owner, reason, All(1))).ThenRefused(new Refusal.AccountFrozen(Owner, Stop));
        });

    [Fact]
    public void What_is_not_there_cannot_be_cancelled()
    {
        Given(Issued(100)).When(Cancel(NoAccount, CancellationReason.CourtOrder, All(1))).ThenRefused(new Refusal.AccountNotFound(NoAccount));
        Given(Issued(100)).When(Cancel(Owner, CancellationReason.CourtOrder, All(1, NoVoucher))).ThenRefused(new Refusal.VoucherNotFound(NoVoucher));
        Given(Issued(100)).When(Cancel(Owner, CancellationReason.CourtOrder, All(101))).ThenRefused(new Refusal.InsufficientUnits(FirstVoucher, Kg(101), Kg(100)));
        Given(Issued(100), Closed(Buyer)).When(Cancel(Buyer, CancellationReason.CourtOrder, All(1))).ThenRefused(new Refusal.AccountClosed(Buyer));
    }

    [Fact]
    public void Several_vouchers_are_cancelled_together_or_not_at_all() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher))
            .When(Cancel(Owner, CancellationReason.CourtOrder, All(100), All(51, SecondVoucher)))
            .ThenRefused(new Refusal.InsufficientUnits(SecondVoucher, Kg(51), Kg(50)))
            .ThenHolds(Owner, 100, 100);

    [Fact]
    public void Expiry_is_recorded_by_hand_only_where_the_register_does_not_compute_it() =>
        Given(Issued(100), Done(Enter(years: 10)))
            .When(Cancel(Owner, CancellationReason.Expiry, All(1)))
            .ThenRefused(new Refusal.SchemeHasLifetime(Bonus, 10));

    [Fact]
    public void The_registrar_corrects_a_buffer_too_but_nobody_exports_it()
    {
        var buffered = new[] { Done(Enter(share: 0.1m)), Issued(100) };
        Given(buffered).When(Cancel(Other, CancellationReason.OverIssuance, All(10))).ThenAccepted().ThenHolds(Other, 0, 0);
        Given(buffered).When(Cancel(Other, CancellationReason.Exported, All(10)), As(Stranger)).ThenRefused(new Refusal.BufferAccount(Other, Bonus));
    }
}
