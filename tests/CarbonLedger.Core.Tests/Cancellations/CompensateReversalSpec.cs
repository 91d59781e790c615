using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Cancellations;

/// <summary>A reversal is made good from the scheme's buffer, wholly or not at all, and no holder loses anything.</summary>
public sealed class CompensateReversalSpec
{
    private static Step[] Buffered(params Step[] more) => [Done(Enter(share: 0.1m)), Issued(100), Issued(50, voucher: SecondVoucher), .. more];

    [Fact]
    public void Equal_kilograms_of_the_buffer_are_cancelled_the_earliest_issued_first() =>
        Given(Buffered())
            .When(Compensate(All(12, SecondVoucher)))
            .ThenAccepted(
                new CancellationEvent.CancellationRecorded(
                    Removal,
                    Other,
                    [new(FirstVoucher, Serials((91, 100))), new(SecondVoucher, Serials((46, 47)))],
                    CancellationReason.Reversal,
                    null,
                    new Paper("FIRE-1", null),
                    Today.PlusDays(-1),
                    null,
                    [new(SecondVoucher, Kg(12), null)]),
                new VoucherEvent.UnitsCancelled(FirstVoucher, Removal, Other, Serials((91, 100))),
                new VoucherEvent.UnitsCancelled(SecondVoucher, Removal, Other, Serials((46, 47))))
            .ThenHolds(Owner, 90, 90)
            .ThenHolds(Owner, 45, 45, SecondVoucher)
            .ThenHolds(Other, 3, 3, SecondVoucher);

    [Fact]
    public void What_was_struck_may_be_pledged_or_retired() =>
        Given(Buffered(Retired(Owner, Named(1, 10)), Pledged(60, by: Owner, to: Bank))).When(Compensate(Named(5, 15))).ThenAccepted();

    [Fact]
    public void A_buffer_that_is_short_pays_nothing() =>
        Given(Buffered()).When(Compensate(All(16))).ThenRefused(new Refusal.BufferShort(Bonus, Kg(16), Kg(15))).ThenHolds(Other, 10, 10);

    [Fact]
    public void Frozen_units_and_those_of_a_revoked_voucher_make_nothing_good()
    {
        Given(Buffered(Done(FreezeUnits(null, Named(92, 100))))).When(Compensate(All(7))).ThenRefused(new Refusal.BufferShort(Bonus, Kg(7), Kg(6)));
        Given(Buffered(Done(Revoke()))).When(Compensate(All(6, SecondVoucher))).ThenRefused(new Refusal.BufferShort(Bonus, Kg(6), Kg(5)));
        Given(Buffered(Done(Revoke()))).When(Compensate(All(6))).ThenRefused(new Refusal.VoucherRevoked(FirstVoucher));
        Given(Buffered(Done(FreezeAccount(Other)))).When(Compensate(All(1))).ThenRefused(new Refusal.AccountFrozen(Other, Stop));
    }

    [Fact]
    public void A_scheme_without_a_buffer_makes_nothing_good()
    {
        Given(Issued(100)).When(Compensate(All(1))).ThenRefused(new Refusal.SchemeHasNoBuffer(Bonus));
        Given(Done(Enter()), Issued(100)).When(Compensate(All(1))).ThenRefused(new Refusal.SchemeHasNoBuffer(Bonus));
    }

    [Fact]
    public void One_request_speaks_of_one_scheme()
    {
        var second = new ProjectId(Id(0x30, 2));
        Given(
            [
                .. Buffered(),
                Done(new RegisterProject(second, "W", "OTHER", Forest, "620171", "M", [new Parcel("620171-009", 1)])),
                ledger =>
                {
                    ledger.Do(Draft(50) with { Project = second }, Registrar);
                    Array.ForEach([ApplicationStep.Submit, ApplicationStep.Review, ApplicationStep.Approve, ApplicationStep.File], step => ledger.Do(Advance(50, step), Registrar));
                    ledger.Do(new IssueVoucher(Form(50), NoVoucher, Owner, null), Registrar);
                },
            ])
            .When(Compensate(All(1), All(1, NoVoucher)))
            .ThenRefused(new Refusal.SchemeDiffers(NoVoucher, SchemeId.Of("OTHER"), Bonus));
    }

    [Fact]
    public void What_cannot_have_been_struck_is_refused()
    {
        Given(Buffered()).When(Compensate(All(1, NoVoucher))).ThenRefused(new Refusal.VoucherNotFound(NoVoucher));
        Given(Buffered()).When(Compensate(All(1), All(2))).ThenRefused(new Refusal.DuplicateVoucherLine(FirstVoucher));
        Given(Buffered()).When(Compensate(All(101))).ThenRefused(new Refusal.SerialsBeyondVoucher(FirstVoucher, Range(1, 101), Kg(100)));
        Given(Buffered()).When(Compensate(Named(100, 101))).ThenRefused(new Refusal.SerialsBeyondVoucher(FirstVoucher, Range(100, 101), Kg(100)));
    }

    [Fact]
    public void It_is_the_registrars_act_and_has_a_reversals_grounds()
    {
        Given(Buffered()).When(Compensate(All(1)), As(Forest)).ThenRefused(new Refusal.NotAuthorized(As(Forest), "Compensating a reversal", "the registrar"));
        Given(Buffered())
            .When(Compensate(All(1)) with { Grounds = Grounds(CancellationReason.CourtOrder) })
            .ThenRefused(new Refusal.CancellationGrounds(CancellationReason.Reversal, "needs the eventDate"));
    }

    [Fact]
    public void A_buffer_in_too_many_pieces_is_taken_in_parts()
    {
        var ledger = Given(Done(Enter(share: 0.5m)), Issued(4_400));
        for (var first = 2_201; first < 4_400; first += 200)
        {
            // Every second kilogram of the buffer is frozen by one order per hundred pieces.
            ledger.Do(
                FreezeUnits(new FreezeId(Id(0xB3, first)), Line.Of(FirstVoucher, SerialRanges.Of(Enumerable.Range(0, 100).Select(i => Range(first + (2 * i), first + (2 * i)))))),
                Registrar);
        }

        ledger.When(Compensate(All(1_001))).ThenRefused(new Refusal.TooManyRanges(FirstVoucher, Kg(1_001)));
        ledger.When(Compensate(All(1_000))).ThenAccepted().ThenHolds(Other, 1_200, 100);
    }
}
