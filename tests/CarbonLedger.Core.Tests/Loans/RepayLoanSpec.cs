using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

/// <summary>Interest is worked out by hand beside each case; the loan is 100,000.00 CNY at 4.35 % from 15 September 2021.</summary>
public sealed class RepayLoanSpec
{
    private static readonly LocalDate AfterThirtyDays = new(2021, 10, 15);

    [Fact]
    public void Actual_over_360_counts_days_by_a_year_of_360() =>
        // 100,000 × 0.0435 × 30 ÷ 360 = 362.50
        Given(Done(Lend()))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Yuan(362.50m), Yuan(100_362.50m)), (l.InterestOn(AfterThirtyDays), l.OutstandingOn(AfterThirtyDays))));

    [Fact]
    public void Actual_over_365_counts_days_by_a_year_of_365() =>
        // 100,000 × 0.0435 × 30 ÷ 365 = 357.534… → 357.53
        Given(Done(Lend(count: DayCount.Actual365))).ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(357.53m), l.InterestOn(AfterThirtyDays)));

    [Theory]
    [InlineData(360, 0, "0.00")]
    [InlineData(360, 1, "12.08")] // 12.0833…
    [InlineData(360, 7, "84.58")] // 84.5833…
    [InlineData(360, 365, "4410.42")] // 4410.41666…
    [InlineData(365, 1, "11.92")] // 11.9178…
    [InlineData(365, 365, "4350.00")]
    [InlineData(365, 366, "4361.92")] // 4361.9178…
    public void Interest_is_actual_days_over_the_day_count(int count, int days, string interest) =>
        Given(Done(Lend(count: (DayCount)count)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(interest, l.InterestOn(Today.PlusDays(days)).ToString()));

    [Fact]
    public void Half_a_fen_of_interest_is_rounded_away_from_zero() =>
        // 100 × 0.018 × 1 ÷ 360 = 0.005
        Given(Done(Lend(principal: 100, rate: 0.018m))).ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(0.01m), l.InterestOn(Today.PlusDays(1))));

    [Fact]
    public void The_leap_day_is_a_day() =>
        // From 28 February to 1 March 2024 are two days: 100,000 × 0.0435 × 2 ÷ 360 = 24.1666… → 24.17
        Given(On(new LocalDate(2024, 2, 28)), Done(Lend() with { StartDate = new LocalDate(2024, 2, 28) }))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(24.17m), l.InterestOn(new LocalDate(2024, 3, 1))));

    [Fact]
    public void Where_an_older_log_paid_more_than_the_exact_interest_none_is_owed_until_as_much_has_accrued() =>
        // 1,000 × 0.0435 × 30 ÷ 360 = 3.625, and twice that is 7.25; rounded at each repayment, 3.63 was paid twice.
        Given(
                Done(Lend(principal: 1_000)),
                Did(Today.PlusDays(30)),
                Did(Today.PlusDays(60)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(
                (Money.Zero, Yuan(1_000), Yuan(0.11m)), (l.UnpaidInterest, l.OutstandingOn(Today.PlusDays(60)), l.InterestOn(Today.PlusDays(61))))); // 7.3708… → 7.37

    private static Step Did(LocalDate date) => ledger => ledger.Did(new RepayLoan(Debt, Yuan(3.63m), date), new LoanEvent.LoanRepaid(Debt, date, Yuan(3.63m), Money.Zero));

    [Fact]
    public void A_repayment_pays_interest_first() =>
        Given(Done(Lend()), On(AfterThirtyDays))
            .When(new RepayLoan(Debt, Yuan(10_362.50m), null), As(Bank))
            .ThenAccepted(new LoanEvent.LoanRepaid(Debt, AfterThirtyDays, Yuan(362.50m), Yuan(10_000)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Yuan(90_000), Money.Zero, AfterThirtyDays), (l.Principal, l.UnpaidInterest, l.SettledTo)));

    [Fact]
    public void A_repayment_below_the_interest_leaves_the_principal_and_the_rest_of_the_interest() =>
        Given(Done(Lend()), On(AfterThirtyDays))
            .When(new RepayLoan(Debt, Yuan(62.50m), null), As(Bank))
            .ThenAccepted(new LoanEvent.LoanRepaid(Debt, AfterThirtyDays, Yuan(62.50m), Money.Zero))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Yuan(100_000), Yuan(300)), (l.Principal, l.UnpaidInterest)));

    [Fact]
    public void Unpaid_interest_bears_no_interest() =>
        // 300.00 left, and 100,000 × 0.0435 × 30 ÷ 360 = 362.50 more: 662.50
        Given(Done(Lend()), On(AfterThirtyDays), Done(new RepayLoan(Debt, Yuan(62.50m), null)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(662.50m), l.InterestOn(AfterThirtyDays.PlusDays(30))));

    [Fact]
    public void After_a_repayment_interest_runs_on_what_is_left() =>
        // 90,000 × 0.0435 × 30 ÷ 360 = 326.25
        Given(Done(Lend()), On(AfterThirtyDays), Done(new RepayLoan(Debt, Yuan(10_362.50m), null)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(326.25m), l.InterestOn(AfterThirtyDays.PlusDays(30))));

    [Fact]
    public void An_exact_repayment_ends_the_loan() =>
        Given(Done(Lend()), On(AfterThirtyDays))
            .When(new RepayLoan(Debt, Yuan(100_362.50m), AfterThirtyDays), As(Bank))
            .ThenAccepted(new LoanEvent.LoanRepaid(Debt, AfterThirtyDays, Yuan(362.50m), Yuan(100_000)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.True(l.IsRepaid));

    [Fact]
    public void Two_repayments_on_one_day_add_up() =>
        Given(Done(Lend()), On(AfterThirtyDays), Done(new RepayLoan(Debt, Yuan(100), null)))
            .When(new RepayLoan(Debt, Yuan(100_262.50m), null), As(Bank))
            .ThenAccepted(new LoanEvent.LoanRepaid(Debt, AfterThirtyDays, Yuan(262.50m), Yuan(100_000)));

    [Fact]
    public void One_fen_too_much_is_refused() =>
        Given(Done(Lend()), On(AfterThirtyDays))
            .When(new RepayLoan(Debt, Yuan(100_362.51m), null), As(Bank))
            .ThenRefused(new Refusal.RepaymentExceedsOutstanding(Debt, Yuan(100_362.51m), Yuan(100_362.50m)));

    [Fact]
    public void A_repaid_loan_takes_no_repayment() =>
        Given(Done(Lend()), Done(new RepayLoan(Debt, Yuan(100_000), null)))
            .When(new RepayLoan(Debt, Yuan(0.01m), null), As(Bank))
            .ThenRefused(new Refusal.LoanRepaid(Debt));

    [Fact]
    public void A_repaid_loan_bears_no_interest() =>
        Given(Done(Lend()), Done(new RepayLoan(Debt, Yuan(100_000), null)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Money.Zero, l.OutstandingOn(AfterThirtyDays)));

    [Fact]
    public void A_repayment_does_not_end_the_pledge() =>
        Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(Lend(pledges: Lien)))
            .When(new RepayLoan(Debt, Yuan(100_000), null), As(Bank))
            .ThenAccepted()
            .ThenHolds(Buyer, owned: 100, free: 40);

    [Fact]
    public void A_release_does_not_end_the_debt() =>
        Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(Lend(pledges: Lien)))
            .When(Release(), As(Bank))
            .ThenAccepted()
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(100_000), l.Principal));

    [Fact]
    public void The_loan_exists() => Given().When(new RepayLoan(Debt, Yuan(1), null), As(Bank)).ThenRefused(new Refusal.LoanNotFound(Debt));

    [Fact]
    public void The_borrower_does_not_record_a_repayment() => Refused(As(Group));

    [Fact]
    public void Another_bank_does_not_record_a_repayment() => Refused(As(SecondBank));

    [Fact]
    public void The_registrar_may_record_a_repayment() => Given(Done(Lend())).When(new RepayLoan(Debt, Yuan(1), null), AsBureau).ThenAccepted();

    [Fact]
    public void A_repayment_is_not_of_tomorrow() =>
        Given(Done(Lend()))
            .When(new RepayLoan(Debt, Yuan(1), Today.PlusDays(1)), As(Bank))
            .ThenRefused(new Refusal.DateInFuture("The repayment's date", Today.PlusDays(1), Today));

    [Fact]
    public void A_repayment_does_not_lie_before_the_last_entry() =>
        Given(Done(Lend()), On(AfterThirtyDays), Done(new RepayLoan(Debt, Yuan(1), null)))
            .When(new RepayLoan(Debt, Yuan(1), AfterThirtyDays.PlusDays(-1)), As(Bank))
            .ThenRefused(new Refusal.DateBeforeLastEntry(Debt, AfterThirtyDays.PlusDays(-1), AfterThirtyDays));

    [Fact]
    public void A_repayment_does_not_lie_before_the_loan() =>
        Given(Done(Lend()))
            .When(new RepayLoan(Debt, Yuan(1), Today.PlusDays(-1)), As(Bank))
            .ThenRefused(new Refusal.DateBeforeLastEntry(Debt, Today.PlusDays(-1), Today));

    [Fact]
    public void A_repaid_loan_is_told_before_an_early_date() =>
        Given(Done(Lend()), Done(new RepayLoan(Debt, Yuan(100_000), null)))
            .When(new RepayLoan(Debt, Yuan(1), Today.PlusDays(-1)), As(Bank))
            .ThenRefused(new Refusal.LoanRepaid(Debt));

    [Fact]
    public void Today_is_todays_date_in_Shanghai()
    {
        // 16:00 UTC is midnight in Asia/Shanghai.
        var ledger = Given(Done(Lend()));
        ledger.Now = Instant.FromUtc(2021, 10, 14, 16, 0);

        ledger.When(new RepayLoan(Debt, Yuan(1), null), As(Bank)).ThenAccepted(new LoanEvent.LoanRepaid(Debt, AfterThirtyDays, Yuan(1), Money.Zero));
    }

    private static void Refused(Actor by) =>
        Given(Done(Lend())).When(new RepayLoan(Debt, Yuan(1), null), by).ThenRefused(new Refusal.NotAuthorized(by, "Recording a repayment", "the loan's bank"));
}
