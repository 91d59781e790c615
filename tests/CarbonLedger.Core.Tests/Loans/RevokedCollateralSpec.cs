using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

/// <summary>
/// 60,000 kg of one voucher and 40,000 kg of another under one pledge secure 4,000.00 CNY; at 60.00 they are worth 6,000.00, the first alone 3,600.00. The warning level is 0.8.
/// </summary>
public sealed class RevokedCollateralSpec
{
    private static readonly MarginRunId Run = new(Id(0xB1, 1));
    private static readonly MarginCallId Call = new(Id(0xB0, 1));
    private static readonly PriceQuote Sixty = new(ValuationRule.ReferencePrice, Price(60), "exchange", Today, null);

    [Fact]
    public void A_run_calls_a_loan_whose_collateral_was_revoked() =>
        Lent()
            .When(Held, As(Bank))
            .ThenAccepted(
                new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Sixty, 1),
                new LoanEvent.MarginCalled(Debt, Call, Run, Today, Yuan(4_000), Yuan(3_600), 0.8m, null, false, Sixty));

    [Fact]
    public void Collateral_that_stands_is_called_for_nothing() =>
        Lent(revoked: false).When(Held, As(Bank)).ThenAccepted(new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Sixty, 1));

    [Fact]
    public void A_repayment_cures_by_what_is_left_to_sell()
    {
        // 0.8 × 3,600.00 = 2,880.00
        var ledger = Lent(revoked: true, Done(Held, As(Bank)));
        ledger.When(new RepayLoan(Debt, Yuan(1_119.99m), null), As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.NotNull(l.MarginCall));
        ledger.When(new RepayLoan(Debt, Yuan(0.01m), null), As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.Null(l.MarginCall));
    }

    [Fact]
    public void A_further_pledge_of_units_that_are_revoked_too_cures_nothing()
    {
        var ledger = Lent(
            revoked: true, Done(Held, As(Bank)), Issued(50_000, to: Buyer, new VoucherId(Id(0x40, 3))),
            Pledged(50_000, by: Buyer, to: Bank, SecondLien, new VoucherId(Id(0x40, 3))), Done(Revoke(new VoucherId(Id(0x40, 3)))));
        ledger.When(new SecureLoan(Debt, SecondLien), As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.NotNull(l.MarginCall));
    }

    [Fact]
    public void Good_units_for_revoked_ones_cure_though_they_are_no_more()
    {
        var ledger = Lent(revoked: true, Done(Held, As(Bank)), Issued(50_000, to: Buyer, new VoucherId(Id(0x40, 3))));
        ledger.When(new SubstituteUnits(Lien, [All(40_000, new VoucherId(Id(0x40, 3)))], [All(40_000, SecondVoucher)], null, Sixty), As(Bank))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Null(l.MarginCall));
        Assert.Equal(
            (MarginCure.Collateral, Yuan(6_000)),
            ledger.Log.Select(r => r.Fact).OfType<LoanEvent.MarginCallCured>().Select(c => (c.Cure, c.CollateralValue)).Single());
    }

    [Fact]
    public void A_loan_is_not_opened_on_what_was_revoked()
    {
        // 0.7 × 3,600.00 = 2,520.00
        var ledger = Given(
            Issued(60_000, to: Buyer), Issued(40_000, to: Buyer, SecondVoucher), Done(Encumber(Buyer, Bank, Lien, All(60_000), All(40_000, SecondVoucher))),
            Done(new SetCollateralPolicy(Bank, 0.7m, null, null, ValuationRule.ReferencePrice, null), As(Bank)), Done(Revoke(SecondVoucher)));
        ledger.When(Lend(2_520.01m, 0.0435m, DayCount.Actual360, Lien) with { Quote = Sixty }, As(Bank)).ThenRefused(new Refusal.LoanToValueAboveLimit(Bank, Yuan(2_520.01m), Yuan(3_600), 0.7m));
        ledger.When(Lend(2_520, 0.0435m, DayCount.Actual360, Lien) with { Quote = Sixty }, As(Bank)).ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(2_520), l.Principal));
    }

    private static RunMargin Held => new(Run, Bank, [new MarginCandidate(Debt, Call)], Sixty, 1);

    private static Ledger Lent(bool revoked = true, params Step[] steps) => Given(
    [
        Issued(60_000, to: Buyer), Issued(40_000, to: Buyer, SecondVoucher), Done(Encumber(Buyer, Bank, Lien, All(60_000), All(40_000, SecondVoucher))),
        Done(new SetCollateralPolicy(Bank, null, 0.8m, null, ValuationRule.ReferencePrice, null), As(Bank)), Done(Lend(4_000, 0.0435m, DayCount.Actual360, Lien), As(Bank)),
        .. revoked ? [Done(Revoke(SecondVoucher))] : Array.Empty<Step>(), .. steps,
    ]);
}
