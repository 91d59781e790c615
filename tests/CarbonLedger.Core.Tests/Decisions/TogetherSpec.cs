using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Decisions;

/// <summary>Several commands in one decision: all or none (D6).</summary>
public sealed class TogetherSpec
{
    private static readonly Guid Whole = Id(0xB0, 1);

    [Fact]
    public void Each_command_sees_what_the_ones_before_it_would_do() =>
        Given(Issued(100))
            .When(new Together(Whole, [Transfer(Owner, Buyer, All(60)), Transfer(Buyer, Other, All(50)), Transfer(Owner, Other, All(40))]))
            .ThenAccepted(at =>
            [
                Moved(at, Owner, Buyer, (1, 60)),
                Moved(at + 1, Buyer, Other, (1, 50)),
                Moved(at + 2, Owner, Other, (61, 100)),
            ])
            .ThenHolds(Owner, 0, 0)
            .ThenHolds(Buyer, 10, 10)
            .ThenHolds(Other, 90, 90);

    [Fact]
    public void One_refused_command_keeps_all_others_from_happening() =>
        Given(Issued(100))
            .When(new Together(Whole, [Transfer(Owner, Buyer, All(60)), Transfer(Owner, Buyer, All(41))]))
            .ThenRefused(new Refusal.RowRefused(2, "insufficient-units", new Refusal.InsufficientUnits(FirstVoucher, Kg(41), Kg(40)).Detail))
            .ThenHolds(Owner, 100, 100);

    [Fact]
    public void Named_serials_are_given_once() =>
        Given(Issued(100))
            .When(new Together(Whole, [Transfer(Owner, Buyer, Named(1, 10)), Transfer(Owner, Other, Named(10, 11))]))
            .ThenRefused(new Refusal.RowRefused(2, "units-not-held", new Refusal.UnitsNotHeld(FirstVoucher, Owner, Range(10, 11)).Detail));

    [Fact]
    public void Retirements_happen_together_too() =>
        Given(Issued(100))
            .When(new Together(Whole, [Retire(Owner, All(1)), Retire(Owner, All(2)) with { Retirement = new RetirementId(Id(0x80, 2)) }]))
            .ThenAccepted()
            .ThenHolds(Owner, 97, 97);

    [Fact]
    public void It_is_decided_alone() => Assert.True(new Together(Whole, []).Alone);

    private static VoucherEvent.UnitsTransferred Moved(long at, AccountId from, AccountId to, (long First, long Last) serials) =>
        new(FirstVoucher, TransferId.At(at, FirstVoucher), null, from, to, Serials(serials), "by agreement");
}
