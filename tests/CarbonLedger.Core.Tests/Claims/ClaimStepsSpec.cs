using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Claims;

/// <summary>A claim of 50 kg out of a retirement of 50, and a second retirement of 30 from another voucher.</summary>
public abstract class ClaimSpec
{
    private protected static readonly RetirementId SecondUse = new(Id(0x80, 2));

    private protected static Ledger Claimed(params Step[] steps) => Given(
        [
            Issued(50), Issued(100, voucher: SecondVoucher), Retired(Owner, All(50)),
            Done(Retire(Owner, All(30, SecondVoucher)) with { Retirement = SecondUse }), Done(Counted(Emitted(50))), Done(Back(Use)), .. steps,
        ]);

    private protected static Step Published => Done(new PublishClaim(ZeroCarbon), As(Stranger));

    private protected static void Stands(Ledger ledger, ClaimStatus status, long covering) =>
        ledger.ThenStands<ClaimState>(ZeroCarbon.Value, c => Assert.Equal((status, Kg(covering)), (c.Status, c.Covering)));
}

public sealed class PublishClaimSpec : ClaimSpec
{
    [Fact]
    public void A_covered_draft_is_published() =>
        Stands(Claimed().When(new PublishClaim(ZeroCarbon), As(Stranger)).ThenAccepted(new ClaimEvent.ClaimPublished(ZeroCarbon, Kg(50))), ClaimStatus.Published, 50);

    [Fact]
    public void What_is_published_is_not_published_again() =>
        Claimed(Published).When(new PublishClaim(ZeroCarbon)).ThenRefused(new Refusal.ClaimNotInState(ZeroCarbon, ClaimStatus.Published, "publishing"));

    [Fact]
    public void The_claim_exists() => Given().When(new PublishClaim(ZeroCarbon)).ThenRefused(new Refusal.ClaimNotFound(ZeroCarbon));

    [Fact]
    public void Nobody_else_publishes() =>
        Claimed().When(new PublishClaim(ZeroCarbon), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Publishing a claim", "its organization"));
}

public sealed class TopUpClaimSpec : ClaimSpec
{
    [Fact]
    public void A_top_up_takes_what_is_lacking_and_covers_again() =>
        Stands(
            Claimed(Published, Done(Restate(Emitted(60))))
                .When(new TopUpClaim(ZeroCarbon, [SecondUse]), As(Stranger))
                .ThenAccepted(
                    new ClaimEvent.ClaimToppedUp(ZeroCarbon, [new ClaimPart(SecondUse, 1, 10, [new VoucherKilograms(SecondVoucher, Kg(10))])]),
                    new ClaimEvent.ClaimPublished(ZeroCarbon, Kg(60)),
                    new RetirementEvent.RetirementClaimed(SecondUse, ZeroCarbon, Stranger, 1, 10)),
            ClaimStatus.Published,
            60);

    [Fact]
    public void A_top_up_that_leaves_it_short_is_refused() =>
        Claimed(Published, Done(Restate(Emitted(81)))).When(new TopUpClaim(ZeroCarbon, [SecondUse])).ThenRefused(new Refusal.ClaimShortOfEmissions(Kg(80), Kg(81)));

    [Fact]
    public void A_draft_that_fell_short_is_topped_up_and_stays_a_draft() =>
        Stands(Claimed(Done(Restate(Emitted(51)))).When(new TopUpClaim(ZeroCarbon, [SecondUse])).ThenAccepted(), ClaimStatus.Draft, 51);

    [Fact]
    public void What_is_covered_takes_no_more() =>
        Claimed(Published).When(new TopUpClaim(ZeroCarbon, [SecondUse])).ThenRefused(new Refusal.ClaimNotInState(ZeroCarbon, ClaimStatus.Published, "topping up what is covered"));

    [Fact]
    public void A_flagged_voucher_covers_nothing_more() =>
        Claimed(Published, Done(Restate(Emitted(60))), Done(new TopUpClaim(ZeroCarbon, [SecondUse])), Done(new FlagClaim(ZeroCarbon, SecondVoucher, "revoked")))
            .When(new TopUpClaim(ZeroCarbon, [SecondUse]))
            .ThenRefused(new Refusal.VoucherNotInClaim(ZeroCarbon, SecondVoucher));

    [Fact]
    public void The_claim_exists() => Given().When(new TopUpClaim(ZeroCarbon, [Use])).ThenRefused(new Refusal.ClaimNotFound(ZeroCarbon));

    [Fact]
    public void Nobody_else_tops_up() =>
        Claimed().When(new TopUpClaim(ZeroCarbon, [SecondUse]), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Topping up a claim", "its organization"));
}

public sealed class WithdrawClaimSpec : ClaimSpec
{
    [Fact]
    public void A_withdrawn_claims_kilograms_may_back_another() =>
        Claimed(Published, Done(new WithdrawClaim(ZeroCarbon, "wrong boundary"), As(Stranger)))
            .When(Back(Use) with { Claim = new ClaimId(Id(0xC0, 2)) })
            .ThenAccepted()
            .ThenStands<ClaimState>(ZeroCarbon.Value, c => Assert.Equal(ClaimStatus.Withdrawn, c.Status));

    [Fact]
    public void Withdrawn_is_final() =>
        Claimed(Done(new WithdrawClaim(ZeroCarbon, "x"))).When(new WithdrawClaim(ZeroCarbon, "x")).ThenRefused(new Refusal.ClaimNotInState(ZeroCarbon, ClaimStatus.Withdrawn, "withdrawing"));

    [Fact]
    public void The_claim_exists() => Given().When(new WithdrawClaim(ZeroCarbon, "x")).ThenRefused(new Refusal.ClaimNotFound(ZeroCarbon));

    [Fact]
    public void Nobody_else_withdraws() =>
        Claimed().When(new WithdrawClaim(ZeroCarbon, "x"), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Withdrawing a claim", "its organization"));
}

public sealed class FlagClaimSpec : ClaimSpec
{
    [Fact]
    public void A_voucher_that_falls_away_uncovers_the_claim() =>
        Stands(
            Claimed(Published)
                .When(new FlagClaim(ZeroCarbon, FirstVoucher, "revoked"))
                .ThenAccepted(new ClaimEvent.ClaimFlagged(ZeroCarbon, FirstVoucher, "revoked"), new ClaimEvent.ClaimUncovered(ZeroCarbon, Kg(50))),
            ClaimStatus.UnderCovered,
            0);

    [Fact]
    public void A_draft_is_flagged_and_cannot_be_published() =>
        Claimed(Done(new FlagClaim(ZeroCarbon, FirstVoucher, "revoked"))).When(new PublishClaim(ZeroCarbon)).ThenRefused(new Refusal.ClaimShortOfEmissions(Kg(0), Kg(50)));

    [Fact]
    public void A_voucher_behind_it_not_at_all_flags_nothing() =>
        Claimed().When(new FlagClaim(ZeroCarbon, SecondVoucher, "revoked")).ThenRefused(new Refusal.VoucherNotInClaim(ZeroCarbon, SecondVoucher));

    [Fact]
    public void A_withdrawn_claim_is_not_flagged() =>
        Claimed(Done(new WithdrawClaim(ZeroCarbon, "x"))).When(new FlagClaim(ZeroCarbon, FirstVoucher, "x")).ThenRefused(new Refusal.ClaimNotInState(ZeroCarbon, ClaimStatus.Withdrawn, "flagging"));

    [Fact]
    public void The_claim_exists() => Given().When(new FlagClaim(ZeroCarbon, FirstVoucher, "x")).ThenRefused(new Refusal.ClaimNotFound(ZeroCarbon));

    [Fact]
    public void Only_the_registrar_flags() =>
        Claimed().When(new FlagClaim(ZeroCarbon, FirstVoucher, "x"), As(Stranger)).ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Flagging a claim", "the registrar"));
}
