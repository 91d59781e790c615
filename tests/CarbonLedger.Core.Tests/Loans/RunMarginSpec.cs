using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

/// <summary>100,000 kg secure 4,000.00 CNY; the warning level is 0.8, the liquidation level 1. At 50.00 the ratio is 0.8, at 40.00 it is 1.</summary>
public sealed class RunMarginSpec
{
    private static readonly MarginRunId Run = new(Id(0xB1, 1));
    private static readonly MarginCallId Call = new(Id(0xB0, 1));
    private static readonly MarginCallId NextCall = new(Id(0xB0, 2));

    [Fact]
    public void A_loan_above_the_warning_level_is_called() =>
        Lent()
            .When(At(49.99m), As(Bank))
            .ThenAccepted(
                new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Quote(49.99m), 1),
                new LoanEvent.MarginCalled(Debt, Call, Run, Today, Yuan(4_000), Yuan(4_999), 0.8m, 1m, false, Quote(49.99m)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(new MarginCall(Call, Today, false, 0.8m, Quote(49.99m)), l.MarginCall));

    [Fact]
    public void At_the_level_nothing_happens() =>
        Lent().When(At(50m), As(Bank)).ThenAccepted(new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Quote(50m), 1));

    [Fact]
    public void A_loan_under_a_call_is_not_called_again() =>
        Lent(Done(At(49m)))
            .When(At(48m) with { Candidates = [new MarginCandidate(Debt, NextCall)] }, As(Bank))
            .ThenAccepted(new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Quote(48m), 1))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Call, l.MarginCall!.Call));

    [Fact]
    public void The_liquidation_level_is_marked_once()
    {
        var ledger = Lent(Done(At(49m)));
        ledger.When(At(39.99m), As(Bank)).ThenAccepted(
            new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Quote(39.99m), 1),
            new LoanEvent.LiquidationLevelPassed(Debt, Call, Run, Today, Yuan(4_000), Yuan(3_999), 1m, Quote(39.99m)));
        ledger.When(At(39m), As(Bank)).ThenAccepted(new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Quote(39m), 1));
    }

    [Fact]
    public void A_call_far_above_is_marked_at_once() =>
        Lent().When(At(10m), As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.True(l.MarginCall!.PastLiquidation));

    [Fact]
    public void A_higher_price_cures() =>
        Lent(Done(At(49m)))
            .When(At(50m), As(Bank))
            .ThenAccepted(
                new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Quote(50m), 1),
                new LoanEvent.MarginCallCured(Debt, Call, Today, MarginCure.Valuation, Yuan(4_000), Yuan(5_000), Quote(50m)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Null(l.MarginCall));

    [Fact]
    public void A_higher_level_cures() =>
        Lent(Done(At(49m)), Done(Levels(0.9m), As(Bank))).When(At(49m), As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.Null(l.MarginCall));

    [Fact]
    public void A_policy_without_a_level_cures_and_calls_nothing()
    {
        var ledger = Lent(Done(At(49m)), Done(Levels(null), As(Bank)));
        ledger.When(At(10m), As(Bank)).ThenAccepted(
            new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Quote(10m), 1),
            new LoanEvent.MarginCallCured(Debt, Call, Today, MarginCure.Policy, Yuan(4_000), Yuan(1_000), Quote(10m)));
        ledger.When(At(10m), As(Bank)).ThenAccepted(new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Quote(10m), 1));
    }

    [Fact]
    public void A_repayment_that_suffices_cures_at_the_price_of_the_call() =>
        // 0.8 × 4,900.00 = 3,920.00
        Lent(Done(At(49m)))
            .When(new RepayLoan(Debt, Yuan(80), null), As(Bank))
            .ThenAccepted(
                new LoanEvent.LoanRepaid(Debt, Today, Money.Zero, Yuan(80)),
                new LoanEvent.MarginCallCured(Debt, Call, Today, MarginCure.Repayment, Yuan(3_920), Yuan(4_900), Quote(49m)));

    [Fact]
    public void A_repayment_one_fen_short_does_not_cure() =>
        Lent(Done(At(49m))).When(new RepayLoan(Debt, Yuan(79.99m), null), As(Bank)).ThenAccepted(new LoanEvent.LoanRepaid(Debt, Today, Money.Zero, Yuan(79.99m)));

    [Fact]
    public void A_repayment_is_held_against_the_price_it_brings() =>
        Lent(Done(At(49m)))
            .When(new RepayLoan(Debt, Yuan(80), null, Quote(48m)), As(Bank))
            .ThenAccepted(new LoanEvent.LoanRepaid(Debt, Today, Money.Zero, Yuan(80)));

    [Fact]
    public void A_full_repayment_cures_whatever_the_price() =>
        Lent(Done(At(49m))).When(new RepayLoan(Debt, Yuan(4_000), null), As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.Equal((true, true), (l.IsRepaid, l.MarginCall is null)));

    [Fact]
    public void A_further_pledge_that_suffices_cures() =>
        Lent(Done(At(49m)), Pledged(2_050, by: Buyer, to: Bank, SecondLien))
            .When(new SecureLoan(Debt, SecondLien), As(Bank))
            .ThenAccepted(
                new LoanEvent.LoanCollateralAdded(Debt, SecondLien),
                new PledgeEvent.PledgeSecuredLoan(SecondLien, Debt),
                new LoanEvent.MarginCallCured(Debt, Call, Today, MarginCure.Collateral, Yuan(4_000), Yuan(5_000.45m), Quote(49m)));

    [Fact]
    public void A_substitution_that_adds_enough_cures() =>
        Lent(Done(At(49m)))
            .When(Swap(2_051, 1), As(Bank))
            .ThenAccepted(
                new PledgeEvent.PledgeSubstituted(Lien, [new(FirstVoucher, Serials((100_001, 102_051)))], [new(FirstVoucher, Serials((1, 1)))], null),
                new VoucherEvent.UnitsPledged(FirstVoucher, Lien, Buyer, Serials((100_001, 102_051))),
                new VoucherEvent.UnitsReleased(FirstVoucher, Lien, Buyer, Serials((1, 1))),
                new LoanEvent.MarginCallCured(Debt, Call, Today, MarginCure.Collateral, Yuan(4_000), Yuan(5_000.45m), Quote(49m)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Null(l.MarginCall));

    [Fact]
    public void A_substitution_counts_with_the_loans_other_pledges() =>
        // 2,040 kg of the further pledge are too few, and ten more make it.
        Lent(Done(At(49m)), Pledged(2_040, by: Buyer, to: Bank, SecondLien), Done(new SecureLoan(Debt, SecondLien), As(Bank)))
            .When(new SubstituteUnits(SecondLien, [Named(150_001, 150_020)], [All(10)], null), As(Bank))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Null(l.MarginCall));

    [Fact]
    public void A_substitution_that_adds_too_little_does_not_cure()
    {
        var ledger = Lent(Done(At(49m)));
        ledger.When(Swap(2_040, 1), As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.NotNull(l.MarginCall)); // 102,039 kg × 49.00 = 4,999.91
        ledger.When(Swap(2_051, 1) with { In = [Named(110_001, 110_020)], Out = [All(1)], Quote = Quote(48m) }, As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.NotNull(l.MarginCall));
    }

    [Fact]
    public void A_substitution_that_adds_nothing_cures_nothing_and_a_run_says_what_the_price_did()
    {
        var ledger = Lent(Done(At(49m)));
        ledger.When(Swap(10, 10) with { Quote = Quote(60m) }, As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.NotNull(l.MarginCall));
        ledger.When(At(60m), As(Bank));
        Assert.Equal(MarginCure.Valuation, Assert.Single(ledger.Log.Select(r => r.Fact).OfType<LoanEvent.MarginCallCured>()).Cure);
    }

    [Fact]
    public void A_substitution_under_a_pledge_without_a_loan_or_a_call_changes_no_loan()
    {
        Lent().When(Swap(2_051, 1), As(Bank)).ThenAccepted().ThenStands<LoanState>(Debt.Value, l => Assert.Null(l.MarginCall));
        Lent(Done(At(49m)), Pledged(10, by: Buyer, to: Bank, SecondLien))
            .When(new SubstituteUnits(SecondLien, [Named(150_001, 160_000)], [All(1)], null), As(Bank))
            .ThenStands<LoanState>(Debt.Value, l => Assert.NotNull(l.MarginCall));
    }

    [Fact]
    public void Interest_alone_crosses_the_level() =>
        // 4,000 × 0.0435 ÷ 360 = 0.4833… a day
        Lent(On(Today.PlusDays(1)))
            .When(At(50m), As(Bank))
            .ThenAccepted(
                new MarginRunEvent.MarginRunRecorded(Run, Bank, Today.PlusDays(1), Quote(50m), 1),
                new LoanEvent.MarginCalled(Debt, Call, Run, Today.PlusDays(1), Yuan(4_000.48m), Yuan(5_000), 0.8m, 1m, false, Quote(50m)));

    [Fact]
    public void Without_collateral_every_level_is_passed() =>
        Lent(Released()).When(At(50m), As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.True(l.MarginCall!.PastLiquidation));

    [Fact]
    public void A_loan_of_another_bank_and_one_that_is_not_there_are_passed_over() =>
        Lent(Done(new SetCollateralPolicy(SecondBank, null, 0.1m, null, ValuationRule.ReferencePrice, null), As(SecondBank)))
            .When(At(1m) with { Bank = SecondBank, Candidates = [new(Debt, Call), new(SecondDebt, NextCall)] }, As(SecondBank))
            .ThenAccepted(new MarginRunEvent.MarginRunRecorded(Run, SecondBank, Today, Quote(1m), 1));

    [Fact]
    public void The_register_may_run_it() => Lent().When(At(49m)).ThenAccepted();

    [Fact]
    public void The_borrower_may_not() => Lent().When(At(49m), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "A margin run", "the bank"));

    [Fact]
    public void There_must_be_a_policy() => Given().When(At(49m), As(Bank)).ThenRefused(new Refusal.NoCollateralPolicy(Bank));

    [Fact]
    public void The_bank_is_a_bank() => Given().When(At(49m) with { Bank = Stranger }, As(Stranger)).ThenRefused(new Refusal.OrganizationLacksRole(Stranger, Role.Bank));

    private static Ledger Lent(params Step[] steps) => Given(
        [Issued(200_000, to: Buyer), Pledged(100_000, by: Buyer, to: Bank), Done(Levels(0.8m), As(Bank)), Done(Lend(4_000, pledges: Lien)), .. steps]);

    private static SubstituteUnits Swap(long come, long gone) => new(Lien, [Named(100_001, 100_000 + come)], [All(gone)], null);

    private static SetCollateralPolicy Levels(decimal? warning) => new(Bank, null, warning, 1m, ValuationRule.ReferencePrice, null);

    private static RunMargin At(decimal price) => new(Run, Bank, [new MarginCandidate(Debt, Call)], Quote(price), 1);

    private static PriceQuote Quote(decimal price) => new(ValuationRule.ReferencePrice, Price(price), "exchange", Today, null);
}
