using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Claims;

/// <summary>C6: a revoked voucher flags every claim built on it, and backs no further one.</summary>
public sealed class RevokedVoucherSpec : ClaimSpec
{
    private static readonly VoucherEvent Revoked = new VoucherEvent.VoucherRevoked(FirstVoucher, "forged", new Paper("D-3", null));

    [Fact]
    public void A_published_claim_is_flagged_and_uncovered_in_the_revocations_own_command() =>
        Stands(
            Claimed(Published)
                .When(Revoke())
                .ThenAccepted(Revoked, new ClaimEvent.ClaimFlagged(ZeroCarbon, FirstVoucher, "forged"), new ClaimEvent.ClaimUncovered(ZeroCarbon, Kg(50))),
            ClaimStatus.UnderCovered,
            0);

    [Fact]
    public void A_draft_is_flagged_and_a_withdrawn_claim_is_not()
    {
        Claimed().When(Revoke()).ThenAccepted(Revoked, new ClaimEvent.ClaimFlagged(ZeroCarbon, FirstVoucher, "forged")).When(new PublishClaim(ZeroCarbon)).ThenRefused(new Refusal.ClaimShortOfEmissions(Kg(0), Kg(50)));
        Claimed(Done(new WithdrawClaim(ZeroCarbon, "x"))).When(Revoke()).ThenAccepted(Revoked);
    }

    [Fact]
    public void A_claim_that_was_flagged_by_hand_is_not_flagged_again() =>
        Claimed(Done(new FlagClaim(ZeroCarbon, FirstVoucher, "suspected"))).When(Revoke()).ThenAccepted(Revoked);

    [Fact]
    public void A_claim_that_other_vouchers_cover_alone_is_flagged_and_stays_published()
    {
        var ledger = Claimed(Published, Done(new RestateInventory(Office, Lines(Emitted(80)), "grown")), Done(new TopUpClaim(ZeroCarbon, [SecondUse])), Done(new RestateInventory(Office, Lines(Emitted(30)), "shrunk")));
        Stands(ledger.When(Revoke()).ThenAccepted(Revoked, new ClaimEvent.ClaimFlagged(ZeroCarbon, FirstVoucher, "forged")), ClaimStatus.Published, 30);
    }

    [Fact]
    public void Cancelling_live_units_flags_nothing()
    {
        foreach (var reason in Enum.GetValues<CancellationReason>())
        {
            Stands(Claimed(Published).When(Cancel(Owner, reason, All(10, SecondVoucher))).ThenAccepted(), ClaimStatus.Published, 50);
        }
    }

    [Fact]
    public void A_reversal_that_the_buffer_makes_good_flags_nothing() =>
        Stands(
            Given(
                Done(Enter(share: 0.5m, buffer: Other)), Issued(100), Retired(Owner, All(50)), Done(Counted(Emitted(50))), Done(Back(Use)), Published)
                .When(Compensate(Named(1, 20))).ThenAccepted(),
            ClaimStatus.Published,
            50);

    [Fact]
    public void A_retirement_of_a_revoked_voucher_backs_no_claim() =>
        Given(Issued(100), Retired(Owner, All(60)), Done(Counted(Emitted(5))), Done(Revoke()))
            .When(Back(Use)).ThenRefused(new Refusal.RetirementOfRevokedVoucher(Use, FirstVoucher));

    [Fact]
    public void Of_a_retirement_of_two_vouchers_the_one_that_stands_is_taken() =>
        Given(Issued(30), Issued(40, voucher: SecondVoucher), Retired(Owner, All(30), All(10, SecondVoucher)), Done(Counted(Emitted(8))), Done(Revoke()))
            .When(Back(Use))
            .ThenAccepted()
            .ThenStands<ClaimState>(ZeroCarbon.Value, c => Assert.Equal([(31L, 38L, SecondVoucher)], c.Parts.Select(p => (p.First, p.Last, p.Units.Single().Voucher))));

    [Fact]
    public void What_a_withdrawal_gives_back_of_a_revoked_voucher_backs_nothing() =>
        Claimed(Done(Revoke()), Done(new WithdrawClaim(ZeroCarbon, "x")))
            .When(Back(Use) with { Claim = Another(2) }).ThenRefused(new Refusal.RetirementOfRevokedVoucher(Use, FirstVoucher))
            .When(Back(Use, SecondUse) with { Claim = Another(2) }).ThenRefused(new Refusal.RetirementOfRevokedVoucher(Use, FirstVoucher))
            .When(Back(SecondUse) with { Claim = Another(2) }).ThenRefused(new Refusal.ClaimShortOfEmissions(Kg(30), Kg(50)));

    [Fact]
    public void A_flagged_claim_is_topped_up_with_what_stands_and_not_with_what_does_not()
    {
        var ledger = Given(Issued(90), Issued(100, voucher: SecondVoucher), Retired(Owner, All(90)), Done(Retire(Owner, All(60, SecondVoucher)) with { Retirement = SecondUse }), Done(Counted(Emitted(50))), Done(Back(Use)), Published, Done(Revoke()));
        ledger.When(new TopUpClaim(ZeroCarbon, [Use])).ThenRefused(new Refusal.RetirementOfRevokedVoucher(Use, FirstVoucher));
        Stands(ledger.When(new TopUpClaim(ZeroCarbon, [SecondUse])).ThenAccepted(), ClaimStatus.Published, 50);
    }

    [Fact]
    public void More_claims_than_one_command_flags_take_further_steps()
    {
        var count = FlagClaim.ClaimsPerCommandMax + 5;
        var ledger = Given(Issued(count), Retired(Owner, All(count)));
        for (var i = 1; i <= count; i++)
        {
            ledger.Do(Counted(Emitted(1)) with { Inventory = Book(i) }, Registrar);
            ledger.Do(Back(Use) with { Claim = Another(i), Inventory = Book(i) }, Registrar);
        }

        ledger.When(Revoke()).ThenAccepted();
        Assert.Equal(FlagClaim.ClaimsPerCommandMax, Flagged());
        ledger.When(new CancelRevokedUnits(FirstVoucher)).ThenAccepted(
            [.. Enumerable.Range(FlagClaim.ClaimsPerCommandMax + 1, 5).Select(i => new ClaimEvent.ClaimFlagged(Another(i), FirstVoucher, "forged"))]);
        Assert.Equal(count, Flagged());
        ledger.When(new CancelRevokedUnits(FirstVoucher)).ThenRefused(new Refusal.NothingToCancel(FirstVoucher));

        int Flagged() => Enumerable.Range(1, count).Count(i => ledger.State<ClaimState>(Another(i).Value).Flags.Count == 1);
    }

    private static InventoryId Book(int number) => new(Id(0xB0, number));

    private static ClaimId Another(int number) => new(Id(0xC5, number));
}
