namespace CarbonLedger.Core.Tests.Pledges;

/// <summary>Enforcement: a sale at a recorded price, a waterfall, and never a forfeiture (P3, P4).</summary>
public sealed class EnforcePledgeSpec
{
    private static readonly AccountId Lender = new(Id(0x20, 8));
    private static readonly MarketPrice Market = new(Price(41.94m), Exchange, Today);

    private static readonly Step[] InDefault =
    [
        Issued(12_000, to: Buyer), Done(new OpenAccount(Lender, Bank, "bank")), Pledged(12_000, by: Buyer, to: Bank),
        Done(Lend(400, pledges: Lien)), Done(Notify(), As(Bank)),
    ];

    [Fact]
    public void Cuts_that_freezes_left_behind_change_no_figure()
    {
        // 10 kg at 5.00 a tonne are 5 fen for two lenders of equal rank: the odd fen goes to the first. Stretch by stretch the odd ones would add up.
        var both = EncumberRanked(Buyer, Bank, Lien, 1, Named(1, 10)) with { Others = [new CoPledge(SecondLien, SecondBank, Yuan(1), "C-2", null)] };
        Step[] cuts = [.. new[] { 3, 5, 7, 9 }.SelectMany(s => new[] { Done(FreezeUnits(new FreezeId(Id(0xB0, s)), Named(s, s))), Done(Lift(new FreezeId(Id(0xB0, s)))) })];
        foreach (var given in new Step[][] { [Issued(100, to: Buyer), Done(both)], [Issued(100, to: Buyer), Done(both), .. cuts] })
        {
            var ledger = Ledger.Given([.. given, Done(Notify(), As(Bank))]);
            ledger.When(Enforce(Other, 5), As(Bank)).ThenAccepted();
            var enforced = ledger.Log.Select(r => r.Fact).OfType<PledgeEvent.PledgeEnforced>().Single();
            Assert.Equal([Yuan(0.03m), Yuan(0.02m)], enforced.Distribution.Select(p => p.Paid));
        }
    }

    [Fact]
    public void The_units_go_to_the_buyer_free_of_liens_and_the_proceeds_pay_the_loan() =>
        Ledger.Given(InDefault)
            .When(Enforce(Other, 41.94m, costs: 3.28m), As(Bank))
            .ThenAccepted(
                new PledgeEvent.PledgeEnforced(
                    Lien, [new(FirstVoucher, Serials((1, 12_000)))], EnforcementMethod.Auction, Other, Price(41.94m), null, Yuan(503.28m), Yuan(3.28m),
                    [new Payout(Lien, 1, Yuan(400), Yuan(400), Debt)], Yuan(100), "auction"),
                new LoanEvent.LoanRepaid(Debt, Today, Money.Zero, Yuan(400), null, Lien.Value),
                new VoucherEvent.UnitsReleased(FirstVoucher, Lien, Buyer, Serials((1, 12_000))),
                new VoucherEvent.UnitsTransferred(FirstVoucher, null, null, Buyer, Other, Serials((1, 12_000)), "auction", Lien))
            .ThenHolds(Other, 12_000, 12_000)
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.Enforced, Yuan(400)), (p.Status, p.Recovered)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.True(l.IsRepaid));

    [Fact]
    public void A_shortfall_stays_a_debt_and_interest_is_paid_before_principal() =>
        Ledger.Given([.. InDefault, On(Today.PlusDays(360))])
            .When(Enforce(Other, 10m), As(Bank))
            .ThenAccepted()
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Yuan(297.40m), Money.Zero), (l.Principal, l.UnpaidInterest))); // 400 + 17.40 − 120

    [Fact]
    public void A_part_may_be_enforced_and_the_rest_stays_under_the_pledge() =>
        Ledger.Given(InDefault)
            .When(Enforce(Other, 41.94m, lines: Named(1, 1_000)), As(Bank)).ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.Enforcing, Kg(11_000), Yuan(41.94m)), (p.Status, p.Kilograms, p.Recovered)))
            .When(Enforce(Other, 41.94m), As(Bank)).ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(PledgeStatus.Enforced, p.Status));

    [Fact]
    public void Without_a_default_notice_nothing_is_enforced_whatever_else_is_said()
    {
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank)).When(Enforce(NoAccount, 1m), As(Bank)).ThenRefused(new Refusal.DefaultNotNotified(Lien));
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Released()).When(Enforce(Other, 1m), As(Bank))
            .ThenRefused(new Refusal.PledgeNotInState(Lien, PledgeStatus.Released, "enforcement"));
        Ledger.Given().When(Enforce(Other, 1m), As(Bank)).ThenRefused(new Refusal.PledgeNotFound(Lien));
    }

    [Fact]
    public void Only_the_pledgee_enforces()
    {
        Ledger.Given(InDefault).When(Enforce(Other, 41.94m), As(SecondBank)).ThenRefused(new Refusal.NotThePledgee(As(SecondBank), Lien));
        Ledger.Given(InDefault).When(Enforce(Other, 41.94m), Registrar).ThenRefused(new Refusal.NotThePledgee(Registrar, Lien));
    }

    [Fact]
    public void Buyer_and_price_are_named() =>
        Ledger.Given(InDefault).When(Enforce(Other, 41.94m) with { Buyer = null }, As(Bank)).ThenRefused(new Refusal.EnforcementIncomplete(Lien));

    [Fact]
    public void The_buyer_can_receive_and_is_not_the_pledgor()
    {
        Ledger.Given(InDefault).When(Enforce(Buyer, 41.94m), As(Bank)).ThenRefused(new Refusal.SameAccount(Buyer));
        Ledger.Given(InDefault).When(Enforce(NoAccount, 41.94m), As(Bank)).ThenRefused(new Refusal.AccountNotFound(NoAccount));
        Ledger.Given([.. InDefault, Closed(Other)]).When(Enforce(Other, 41.94m), As(Bank)).ThenRefused(new Refusal.AccountClosed(Other));
    }

    [Fact]
    public void No_other_account_of_the_pledgors_organization_buys_not_even_at_the_market_price()
    {
        // A later rank would strip the first of its security: the sale ends every pledge on the units.
        var second = new AccountId(Id(0x20, 9));
        Step[] given =
        [
            Issued(100, to: Buyer), Done(new OpenAccount(second, Group, "another")), Done(EncumberRanked(Buyer, Bank, Lien, 9, All(100))),
            Done(EncumberRanked(Buyer, SecondBank, SecondLien, 9, Named(1, 100))), Done(Notify(SecondLien), As(SecondBank)),
        ];
        Ledger.Given(given).When(Enforce(second, 0.0001m, 0, SecondLien), As(SecondBank)).ThenRefused(new Refusal.BuyerIsThePledgor(SecondLien, second, Group));
        Ledger.Given(given).When(Enforce(second, 41.94m, 0, SecondLien), As(SecondBank)).ThenRefused(new Refusal.BuyerIsThePledgor(SecondLien, second, Group))
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(PledgeStatus.Registered, p.Status));
        Ledger.Given(given).When(Enforce(second, 41.94m, 0, SecondLien) with { Method = EnforcementMethod.ToLender, Market = Market }, As(SecondBank))
            .ThenRefused(new Refusal.BuyerIsThePledgor(SecondLien, second, Group));
        Ledger.Given([.. given, Closed(second)]).When(Enforce(second, 1m, 0, SecondLien), As(SecondBank)).ThenRefused(new Refusal.AccountClosed(second));
    }

    [Fact]
    public void The_lender_buys_only_by_agreement_at_the_market_price_or_above()
    {
        var toLender = Enforce(Lender, 41.94m) with { Method = EnforcementMethod.ToLender, Market = Market };
        Ledger.Given(InDefault).When(Enforce(Lender, 41.94m), As(Bank)).ThenRefused(new Refusal.NoForfeiture(Lien));
        Ledger.Given(InDefault).When(toLender with { Buyer = Other }, As(Bank)).ThenRefused(new Refusal.BuyerNotTheLender(Lien, Other));
        Ledger.Given(InDefault).When(toLender with { Market = null }, As(Bank)).ThenRefused(new Refusal.NoMarketPrice(Lien));
        Ledger.Given(InDefault).When(toLender with { PricePerTonne = Price(41.93m) }, As(Bank)).ThenRefused(new Refusal.PriceBelowMarket(Lien, Price(41.93m), Price(41.94m), Today));
        Ledger.Given(InDefault).When(toLender, As(Bank)).ThenAccepted().ThenHolds(Lender, 12_000, 12_000);
    }

    [Fact]
    public void A_quantity_is_enforced_out_of_what_is_not_frozen()
    {
        Ledger.Given([.. InDefault, Done(FreezeUnits(null, Named(3, 5)))])
            .When(Enforce(Other, 41.94m, lines: All(10)), As(Bank))
            .ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(Serials((3, 5), (14, 12_000)), Assert.Single(p.Units).Serials));
        Ledger.Given([.. InDefault, Done(FreezeUnits(null, Named(3, 5)))])
            .When(Enforce(Other, 41.94m, lines: All(11_998)), As(Bank))
            .ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(11_998), Kg(11_997)));
    }

    [Fact]
    public void Frozen_units_and_a_frozen_account_are_enforced_by_no_one()
    {
        Ledger.Given([.. InDefault, Done(FreezeUnits(null, Named(1, 5)))]).When(Enforce(Other, 41.94m), As(Bank)).ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(12_000), Kg(11_995)));
        Ledger.Given([.. InDefault, Done(FreezeUnits(null, Named(1, 5)))]).When(Enforce(Other, 41.94m, lines: Named(6, 10)), As(Bank)).ThenAccepted();
        Ledger.Given([.. InDefault, Done(FreezeAccount(Buyer))]).When(Enforce(Other, 41.94m), As(Bank)).ThenRefused(new Refusal.AccountFrozen(Buyer, Stop));
    }

    [Fact]
    public void More_than_is_pledged_is_not_sold() =>
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(Notify(), As(Bank)))
            .When(Enforce(Other, 1m, lines: Named(60, 61)), As(Bank))
            .ThenRefused(new Refusal.ReleaseExceedsPledge(Lien, FirstVoucher, Kg(2), Kg(60)));

    [Fact]
    public void A_sale_brings_no_more_than_an_amount_can_be()
    {
        var ledger = Ledger.Given(Issued(9_999_999_999, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 1, All(9_999_999_999))), Done(Notify(), As(Bank)));
        ledger.When(Enforce(Other, 999_999m), As(Bank)).ThenRefused(new Refusal.AmountTooGreat("The proceeds"));
        ledger.When(Enforce(Other, 999_999m, lines: Named(1, 1_000_000_000)), As(Bank)).ThenAccepted();
    }

    [Fact]
    public void Every_pledge_on_the_sold_units_ends_and_is_paid_by_rank()
    {
        var ledger = Ledger.Given(
            Issued(10_000, to: Buyer),
            Done(EncumberRanked(Buyer, Bank, Lien, 100, Named(1, 6_000))),
            Done(EncumberRanked(Buyer, SecondBank, SecondLien, 300, Named(1, 10_000))),
            Done(Notify(SecondLien), As(SecondBank)));

        // 10 t at 30.00: 180.00 stand on serials 1–6,000, where the first rank takes its 100.00, and 120.00 on the others.
        ledger.When(Enforce(Other, 30m, costs: 0, SecondLien), As(SecondBank)).ThenAccepted();
        var enforced = ledger.Log.Select(e => e.Fact).OfType<PledgeEvent.PledgeEnforced>().Single();
        Assert.Equal([new Payout(Lien, 1, Yuan(100), Yuan(100), null), new Payout(SecondLien, 1, Yuan(300), Yuan(200), null)], enforced.Distribution);
        Assert.Equal(Money.Zero, enforced.Surplus);
        ledger.ThenHolds(Other, 10_000, 10_000)
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.Released, Yuan(100)), (p.Status, p.Recovered)))
            .ThenStands<PledgeState>(SecondLien.Value, p => Assert.Equal((PledgeStatus.Enforced, Yuan(200)), (p.Status, p.Recovered)));
    }

    [Fact]
    public void A_loan_that_is_not_disbursed_yet_is_paid_nothing_out_of_another_s_sale()
    {
        var later = Lend(50, pledges: SecondLien) with { Loan = SecondDebt, Bank = SecondBank, StartDate = Today.PlusDays(1), MaturityDate = Today.PlusYears(1) };
        Step[] given =
        [
            Issued(10_000, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 100, All(10_000))), Done(EncumberRanked(Buyer, SecondBank, SecondLien, 50, All(10_000))),
            Done(Lend(100, rate: 0, pledges: Lien)), Done(later), Done(Notify(), As(Bank)),
        ];
        foreach (var (day, paid, surplus) in new[] { (0, 0, 200), (1, 50, 150) })
        {
            var ledger = Ledger.Given([.. given, On(Today.PlusDays(day))]);
            ledger.When(Enforce(Other, 30m), As(Bank)).ThenAccepted()
                .ThenStands<LoanState>(SecondDebt.Value, l => Assert.Equal(Yuan(50 - paid), l.Principal))
                .ThenStands<PledgeState>(SecondLien.Value, p => Assert.Equal((PledgeStatus.Released, Yuan(paid)), (p.Status, p.Recovered)));
            var enforced = ledger.Log.Select(r => r.Fact).OfType<PledgeEvent.PledgeEnforced>().Single();
            Assert.Equal((new Payout(SecondLien, 2, Yuan(paid), Yuan(paid), SecondDebt), Yuan(surplus)), (enforced.Distribution[1], enforced.Surplus));
        }
    }

    [Fact]
    public void A_pledge_that_secures_principal_only_is_paid_no_interest()
    {
        var ledger = Ledger.Given(
            Issued(12_000, to: Buyer),
            Done(Encumber(Buyer, Bank, null, All(12_000)) with { Contract = new PledgeContract(null, null, [SecuredPart.Principal], null) }),
            Done(Lend(400, pledges: Lien)), Done(Notify(), As(Bank)), On(Today.PlusDays(360)));

        ledger.When(Enforce(Other, 41.94m), As(Bank)).ThenAccepted();
        Assert.Equal(Yuan(400), ledger.State<PledgeState>(Lien.Value).Recovered);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void How_a_sale_is_cut_changes_nothing_about_what_a_pledge_brings(bool cut)
    {
        // 10 t at 30.00 are 300.00; the first rank secures 100.00 of a loan of 300.00, the second 150.00, and 50.00 go back.
        var ledger = Ledger.Given(
            Issued(10_000, to: Buyer),
            Done(EncumberRanked(Buyer, Bank, Lien, 100, All(10_000))),
            Done(EncumberRanked(Buyer, SecondBank, SecondLien, 150, All(10_000))),
            Done(Lend(300, pledges: Lien)), Done(Notify(), As(Bank)));
        ledger.When(Enforce(Other, 30m, lines: cut ? [Named(1, 5_000)] : []), As(Bank)).ThenAccepted();
        if (cut)
        {
            // The first half paid all that the first rank secures; the rest is the second's to sell.
            ledger.When(Enforce(Other, 30m), As(Bank)).ThenRefused(new Refusal.NothingSecured(Lien, Debt));
            ledger.Do(Notify(SecondLien), As(SecondBank));
            ledger.When(Enforce(Other, 30m, 0, SecondLien), As(SecondBank)).ThenAccepted();
        }

        ledger.ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((Yuan(100), Money.Zero), (p.Recovered, p.SecuredLeft)))
            .ThenStands<PledgeState>(SecondLien.Value, p => Assert.Equal((Yuan(150), Money.Zero), (p.Recovered, p.SecuredLeft)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal(Yuan(200), l.Principal));
        Assert.Equal(50m, ledger.Log.Select(r => r.Fact).OfType<PledgeEvent.PledgeEnforced>().Sum(e => e.Surplus.Amount));
    }

    [Fact]
    public void Interest_that_a_sale_brought_leaves_the_secured_principal_as_it_was()
    {
        // 400.00 at 4.35 % for 360 days: 17.40. The first half pays it and 132.60 of the 200.00; the second half the 67.40 that are left.
        var ledger = Ledger.Given(
            Issued(10_000, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 200, All(10_000))), Done(Lend(400, pledges: Lien)), Done(Notify(), As(Bank)), On(Today.PlusDays(360)));
        ledger.When(Enforce(Other, 30m, lines: Named(1, 5_000)), As(Bank)).ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((Yuan(150), Yuan(67.40m)), (p.Recovered, p.SecuredLeft)));
        ledger.When(Enforce(Other, 30m), As(Bank)).ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((Yuan(217.40m), Money.Zero), (p.Recovered, p.SecuredLeft)))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Yuan(200), Money.Zero), (l.Principal, l.UnpaidInterest)));
    }

    [Fact]
    public void What_a_pledge_brought_before_it_secured_a_loan_it_does_not_bring_again()
    {
        var ledger = Ledger.Given(
            Issued(10_000, to: Buyer),
            Done(EncumberRanked(Buyer, Bank, Lien, 200, All(10_000))),
            Done(EncumberRanked(Buyer, SecondBank, SecondLien, 150, Named(1, 5_000))),
            Done(Notify(SecondLien), As(SecondBank)), Done(Enforce(Other, 30m, 0, SecondLien), As(SecondBank)),
            Done(Lend(300, pledges: Lien)), Done(Notify(), As(Bank)));
        ledger.When(Enforce(Other, 30m), As(Bank)).ThenAccepted();
        Assert.Equal([Yuan(150), Yuan(50)], ledger.Log.Select(r => r.Fact).OfType<PledgeEvent.PledgeEnforced>().Select(e => e.Distribution.First(p => p.Pledge == Lien).Paid));
    }

    [Fact]
    public void A_margin_call_ends_with_the_enforcement_that_repays_its_loan()
    {
        var (run, call, quote) = (new MarginRunId(Id(0xB1, 1)), new MarginCallId(Id(0xB0, 1)), new PriceQuote(ValuationRule.ReferencePrice, Price(30m), "exchange", Today, null));
        var ledger = Ledger.Given(
            Issued(12_000, to: Buyer), Pledged(12_000, by: Buyer, to: Bank), Done(new SetCollateralPolicy(Bank, null, 0.8m, 1m, ValuationRule.ReferencePrice, null), As(Bank)),
            Done(Lend(400, pledges: Lien)), Done(new RunMargin(run, Bank, [new MarginCandidate(Debt, call)], quote, 1), As(Bank)), Done(Notify(), As(Bank)));
        ledger.When(Enforce(Other, 30m, lines: Named(1, 1_000)), As(Bank)).ThenAccepted().ThenStands<LoanState>(Debt.Value, l => Assert.NotNull(l.MarginCall));
        ledger.When(Enforce(Other, 41.94m), As(Bank)).ThenAccepted().ThenStands<LoanState>(Debt.Value, l => Assert.Null(l.MarginCall));
        var cured = Assert.Single(ledger.Log.Select(r => r.Fact).OfType<LoanEvent.MarginCallCured>());
        Assert.Equal((MarginCure.Repayment, Money.Zero, Money.Zero), (cured.Cure, cured.Outstanding, cured.CollateralValue)); // all of it is sold
    }

    [Fact]
    public void Of_a_distribution_of_before_that_names_no_principal_all_counts_against_the_secured_amount()
    {
        var ledger = Ledger.Given(InDefault);
        var before = new PledgeEvent.PledgeEnforced(
            Lien, [new(FirstVoucher, Serials((1, 1_000)))], EnforcementMethod.Auction, Other, Price(41.94m), null, Yuan(41.94m), Money.Zero, [new Payout(Lien, 1, Yuan(400), Yuan(41.94m), Debt)], Money.Zero, null);
        Assert.Equal(Yuan(495_000 - 41.94m), Pledge.Evolve(ledger.State<PledgeState>(Lien.Value), before).SecuredLeft);
    }

    [Fact]
    public void What_a_pledge_on_principal_brings_falls_on_principal_alone()
    {
        // 400.00 at 4.35 % for 360 days: 17.40 of interest stay owed, and no second sale brings principal twice.
        var ledger = Ledger.Given(
            Issued(12_000, to: Buyer),
            Done(EncumberRanked(Buyer, Bank, Lien, 1_000, All(12_000)) with { Contract = new PledgeContract(null, null, [SecuredPart.Principal], null) }),
            Done(Lend(400, pledges: Lien)), Done(Notify(), As(Bank)), On(Today.PlusDays(360)));
        ledger.When(Enforce(Other, 50m, lines: Named(1, 9_000)), As(Bank)).ThenAccepted()
            .ThenStands<LoanState>(Debt.Value, l => Assert.Equal((Money.Zero, Yuan(17.40m)), (l.Principal, l.UnpaidInterest)));
        ledger.When(Enforce(Other, 50m), As(Bank)).ThenRefused(new Refusal.NothingSecured(Lien, Debt)).ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(Yuan(400), p.Recovered));
    }

    [Fact]
    public void What_is_paid_since_the_notice_is_not_enforced()
    {
        // Art. 386: the debt must be unperformed.
        var ledger = Ledger.Given([.. InDefault, Done(new RepayLoan(Debt, Yuan(400), null))]);
        ledger.When(Enforce(Other, 41.94m), As(Bank)).ThenRefused(new Refusal.NothingSecured(Lien, Debt)).ThenHolds(Buyer, 12_000, 0);
        ledger.When(Enforce(Other, 41.94m) with { Buyer = null }, As(Bank)).ThenRefused(new Refusal.NothingSecured(Lien, Debt));
        ledger.Do(Release(), As(Bank));
        ledger.ThenHolds(Buyer, 12_000, 12_000);
    }

    [Fact]
    public void Without_a_loan_a_pledge_whose_amount_was_brought_is_not_enforced()
    {
        var ledger = Ledger.Given(Issued(100, to: Buyer), Done(EncumberRanked(Buyer, Bank, Lien, 1, Named(1, 100))), Done(Notify(), As(Bank)));
        ledger.When(Enforce(Other, 20m, lines: Named(1, 49)), As(Bank)).ThenAccepted(); // 0.98
        ledger.When(Enforce(Other, 20m, lines: Named(50, 51)), As(Bank)).ThenAccepted(); // 0.02 of 0.04
        ledger.When(Enforce(Other, 20m, lines: Named(52, 100)), As(Bank)).ThenRefused(new Refusal.NothingSecured(Lien, null));
    }
}
