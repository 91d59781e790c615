using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

/// <summary>The loan is 100,000.00 CNY at 4.35 % over 360 from 15 September 2021.</summary>
public sealed class ChangeRateSpec
{
    private static readonly LocalDate InTen = Today.PlusDays(10);
    private static readonly LocalDate InThirty = Today.PlusDays(30);

    [Fact]
    public void A_rate_applies_from_its_date_on() =>
        // 100,000 × (0.0435 × 10 + 0.054 × 20) ÷ 360 = 420.8333…
        Given(Done(Lend()))
            .When(To(0.054m, InTen), As(Bank))
            .ThenAccepted(new LoanEvent.LoanRateChanged(Debt, Rate(0.054m), InTen, "agreed"))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(
                (Yuan(420.83m), Rate(0.0435m), Rate(0.054m)), (l.InterestOn(InThirty), l.RateOn(InTen.PlusDays(-1)), l.RateOn(InTen))));

    [Fact]
    public void A_rate_from_the_start_replaces_the_first_one() =>
        Given(Done(Lend()), Done(To(0.036m, Today))).ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Yuan(300), 0), (l.InterestOn(InThirty), l.RateSteps.Count)));

    [Fact]
    public void A_rate_back_to_the_last_entry_is_possible_while_nothing_was_settled() =>
        Given(Done(Lend()), On(InThirty), Done(To(0.054m, InTen))).ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(420.83m), l.InterestOn(InThirty)));

    [Fact]
    public void A_rate_of_the_same_date_supersedes_and_one_between_leaves_the_later_one() =>
        // 0.0435 × 5 + 0.09 × 5 + 0.036 × 20 = 1.3875; × 100,000 ÷ 360 = 385.4166…
        Given(Done(Lend()), Done(To(0.5m, InTen)), Done(To(0.036m, InTen)), Done(To(0.09m, Today.PlusDays(5))))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(385.42m), l.InterestOn(InThirty)));

    [Fact]
    public void A_settlement_takes_in_the_rates_before_it() =>
        Given(Done(Lend()), Done(To(0.054m, InTen)), Done(To(0.06m, InThirty.PlusDays(1))), On(InThirty), Done(new RepayLoan(Debt, Yuan(420.83m), null)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Rate(0.054m), 1, Money.Zero), (l.AnnualRate, l.RateSteps.Count, l.UnpaidInterest)));

    [Fact]
    public void A_rate_before_the_last_entry_is_refused() =>
        Given(Done(Lend()), On(InThirty), Done(new RepayLoan(Debt, Yuan(1), null)))
            .When(To(0.05m, InTen), As(Bank))
            .ThenRefused(new Refusal.DateBeforeLastEntry(Debt, InTen, InThirty));

    [Fact]
    public void A_repaid_loan_has_no_rate_to_change() =>
        Given(Done(Lend()), Done(new RepayLoan(Debt, Yuan(100_000), null))).When(To(0.05m, InTen), As(Bank)).ThenRefused(new Refusal.LoanRepaid(Debt));

    [Fact]
    public void A_hundred_rates_may_wait_and_not_one_more()
    {
        var ledger = Given([Done(Lend()), .. Enumerable.Range(1, ChangeRate.RateStepsMax).Select(i => Done(To(0.05m, Today.PlusDays(i))))]);

        ledger.When(To(0.05m, Today.PlusDays(101)), As(Bank)).ThenRefused(new Refusal.TooManyRateChanges(Debt));
        ledger.When(To(0.06m, Today.PlusDays(100)), As(Bank)).ThenAccepted();
        ledger.When(To(0.06m, Today), As(Bank)).ThenAccepted();
    }

    [Fact]
    public void The_loan_exists() => Given().When(To(0.05m, InTen), As(Bank)).ThenRefused(new Refusal.LoanNotFound(Debt));

    [Fact]
    public void The_borrower_does_not_change_the_rate() =>
        Given(Done(Lend())).When(To(0.05m, InTen), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Changing a loan's rate", "the loan's bank"));

    private static ChangeRate To(decimal rate, LocalDate from) => new(Debt, Rate(rate), from, "agreed");
}
