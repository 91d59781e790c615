using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

public sealed class SetCollateralPolicySpec
{
    private static readonly SetCollateralPolicy Cautious = new(Bank, 0.7m, 0.8m, 0.9m, ValuationRule.Average, 30);

    [Fact]
    public void A_bank_sets_its_own_policy() =>
        Given()
            .When(Cautious, As(Bank))
            .ThenAccepted(new CollateralPolicyEvent.CollateralPolicySet(Bank, 0.7m, 0.8m, 0.9m, ValuationRule.Average, 30))
            .ThenStands<CollateralPolicyState>(CollateralPolicy.IdOf(Bank), p => Assert.Equal((0.7m, 30), (p.MaxLoanToValue, p.AverageDays)));

    [Fact]
    public void A_later_policy_replaces_the_earlier_one() =>
        Given(Done(Cautious, As(Bank)), Done(new SetCollateralPolicy(Bank, null, null, null, ValuationRule.ContractPrice, null), As(Bank)))
            .ThenStands<CollateralPolicyState>(CollateralPolicy.IdOf(Bank), p => Assert.Equal(new CollateralPolicyState(Bank, null, null, null, ValuationRule.ContractPrice, null), p));

    [Fact]
    public void Banks_have_policies_of_their_own() => Assert.NotEqual(CollateralPolicy.IdOf(Bank), CollateralPolicy.IdOf(SecondBank));

    [Fact]
    public void Not_even_the_registrar_sets_it_for_the_bank() => Refused(Registrar);

    [Fact]
    public void Another_bank_does_not_set_it() => Refused(As(SecondBank));

    [Fact]
    public void Who_is_no_bank_has_no_policy() =>
        Given().When(Cautious with { Bank = Stranger }, As(Stranger)).ThenRefused(new Refusal.OrganizationLacksRole(Stranger, Role.Bank));

    [Fact]
    public void A_loan_at_the_limit_is_opened() => AtLimit().When(Lend(4_194, pledges: Lien), As(Bank)).ThenAccepted();

    [Fact]
    public void A_loan_one_fen_above_the_limit_is_refused() =>
        AtLimit().When(Lend(4_194.01m, pledges: Lien), As(Bank)).ThenRefused(new Refusal.LoanToValueAboveLimit(Bank, Yuan(4_194.01m), Yuan(4_194), 1m));

    [Fact]
    public void The_limit_is_held_against_the_quoted_price() =>
        AtLimit()
            .When(Lend(4_194, pledges: Lien) with { Quote = Quote(41.93m) }, As(Bank))
            .ThenRefused(new Refusal.LoanToValueAboveLimit(Bank, Yuan(4_194), Yuan(4_193), 1m));

    [Fact]
    public void Interest_since_an_earlier_start_counts_against_the_limit()
    {
        // 4,000.00 at 4.35 % bear 0.48 a day: 193.82 in 401 days, 194.30 in 402. The principal itself is below the limit.
        Decision Opened(int days) => AtLimit().Try(Lend(4_000, pledges: Lien) with { StartDate = Today.PlusDays(-days) }, As(Bank));
        Assert.IsType<Decision.Accepted>(Opened(401));
        Assert.Equal(new Refusal.LoanToValueAboveLimit(Bank, Yuan(4_194.30m), Yuan(4_194), 1m), Assert.IsType<Decision.Refused>(Opened(402)).Refusal);
    }

    [Fact]
    public void An_override_tells_the_ratio_with_that_interest() =>
        AtLimit()
            .When(Lend(4_000, pledges: Lien) with { StartDate = Today.PlusDays(-1_000), OverrideReason = "approved" }, As(Bank))
            .ThenAccepted(
                new LoanEvent.LoanOpened( // 4,483.33 ÷ 4,194.00
                    Debt, Bank, Group, Yuan(4_000), Rate(0.0435m), DayCount.Actual360, Today.PlusDays(-1_000), Today.PlusYears(1), [Lien], new LimitOverride("approved", 1.0690m, 1m, PriceQuote.Contract())),
                new PledgeEvent.PledgeSecuredLoan(Lien, Debt));

    [Fact]
    public void A_loan_that_starts_later_is_held_against_its_principal() =>
        AtLimit().When(Lend(4_194, pledges: Lien) with { StartDate = Today.PlusDays(30) }, As(Bank)).ThenAccepted();

    [Fact]
    public void An_override_passes_the_limit_and_is_recorded_with_its_reason() =>
        AtLimit()
            .When(Lend(4_194, pledges: Lien) with { Quote = Quote(40m), OverrideReason = "approved" }, As(Bank))
            .ThenAccepted(
                new LoanEvent.LoanOpened(
                    Debt, Bank, Group, Yuan(4_194), Rate(0.0435m), DayCount.Actual360, Today, Today.PlusYears(1), [Lien], new LimitOverride("approved", 1.0485m, 1m, Quote(40m))),
                new PledgeEvent.PledgeSecuredLoan(Lien, Debt));

    [Fact]
    public void An_override_that_is_not_needed_leaves_no_trace() =>
        AtLimit()
            .When(Lend(4_194, pledges: Lien) with { OverrideReason = "approved" }, As(Bank))
            .ThenAccepted(
                new LoanEvent.LoanOpened(Debt, Bank, Group, Yuan(4_194), Rate(0.0435m), DayCount.Actual360, Today, Today.PlusYears(1), [Lien]),
                new PledgeEvent.PledgeSecuredLoan(Lien, Debt));

    [Fact]
    public void Without_a_limit_any_ratio_is_opened() =>
        Given(Issued(1000, to: Buyer), Pledged(1000, by: Buyer, to: Bank)).When(Lend(pledges: Lien), As(Bank)).ThenAccepted();

    [Fact]
    public void Another_banks_limit_does_not_bind() =>
        Given(Issued(1000, to: Buyer), Pledged(1000, by: Buyer, to: Bank), Done(Cautious with { Bank = SecondBank }, As(SecondBank)))
            .When(Lend(pledges: Lien), As(Bank))
            .ThenAccepted();

    /// <summary>100,000 kg at the pledge's own 41.94 are 4,194.00, and the bank lends all of it.</summary>
    private static Ledger AtLimit() => Given(
        Issued(100_000, to: Buyer),
        Pledged(100_000, by: Buyer, to: Bank),
        Done(new SetCollateralPolicy(Bank, 1m, null, null, ValuationRule.ReferencePrice, null), As(Bank)));

    private static PriceQuote Quote(decimal price) => new(ValuationRule.ReferencePrice, Price(price), "exchange", Today, null);

    private static void Refused(Actor by) =>
        Given().When(Cautious, by).ThenRefused(new Refusal.NotAuthorized(by, "Setting a collateral policy", "the bank itself"));
}
