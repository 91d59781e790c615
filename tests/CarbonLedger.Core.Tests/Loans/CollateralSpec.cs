using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

/// <summary>A kilogram counts once, however many pledges of a loan lie on it (D3, P5).</summary>
public sealed class CollateralSpec
{
    private static readonly PriceQuote AtForty = new(ValuationRule.ReferencePrice, Price(40), "exchange", Today, null);
    private static readonly PledgeId ThirdLien = new(Id(0x50, 3));

    [Fact]
    public void Two_ranks_over_the_same_units_count_them_once() =>
        Assert.Equal((Kg(1_000), Yuan(40)), Collateral.Of(Under(Ranked(Lien, 41.94m, Named(1, 1_000)), Ranked(SecondLien, 41.94m, Named(1, 1_000))), AtForty));

    [Fact]
    public void Ranks_that_overlap_in_part_count_what_is_under_either() =>
        Assert.Equal((Kg(1_500), Yuan(60)), Collateral.Of(Under(Ranked(Lien, 41.94m, Named(1, 1_000)), Ranked(SecondLien, 41.94m, Named(501, 1_500))), AtForty));

    [Theory]
    [InlineData(30, 40)]
    [InlineData(40, 30)]
    public void Units_under_several_valuations_count_at_the_lowest(decimal first, decimal second)
    {
        // 500 t under one alone and 500 t under the other alone at their own, 500 t under both at 30.00
        var pledges = Under(Ranked(Lien, first, Named(1, 1_000_000)), Ranked(SecondLien, second, Named(500_001, 1_500_000)));
        Assert.Equal((Kg(1_500_000), Yuan(50_000)), Collateral.Of(pledges, PriceQuote.Contract()));
        Assert.Equal((Kg(1_500_000), Yuan(50_000)), Collateral.Of(pledges.Reverse(), PriceQuote.Contract()));
    }

    [Fact]
    public void The_same_serials_of_two_vouchers_are_not_the_same_units() =>
        Assert.Equal(
            (Kg(2_000), Yuan(80)),
            Collateral.Of(Under(Ranked(Lien, 41.94m, Named(1, 1_000)), Ranked(SecondLien, 41.94m, Named(1, 1_000, SecondVoucher))), AtForty));

    [Fact]
    public void What_is_released_under_one_still_counts_under_the_other()
    {
        var ledger = Given(
            Issued(1_000, to: Buyer), Ranked(Lien, 41.94m, Named(1, 1_000)), Ranked(SecondLien, 41.94m, Named(1, 1_000)), Released(Named(1, 600)));
        Assert.Equal(Kg(1_000), Collateral.Of([ledger.State<PledgeState>(Lien.Value), ledger.State<PledgeState>(SecondLien.Value)], AtForty).Kilograms);
    }

    [Fact]
    public void The_kilograms_and_prices_are_those_of_a_naive_count()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (steps, cells) = (new List<Step>(), new Dictionary<(VoucherId, long), decimal>());
            for (var i = 1; i <= 5; i++)
            {
                var (voucher, first, price) = (random.Next(2) == 0 ? FirstVoucher : SecondVoucher, random.Next(1, 41), random.Next(1, 9) * 1_000m);
                var last = first + random.Next(0, 20);
                steps.Add(Ranked(new PledgeId(Id(0x50, i)), price, Named(first, last, voucher)));
                for (var serial = first; serial <= last; serial++)
                {
                    cells[(voucher, serial)] = Math.Min(price, cells.GetValueOrDefault((voucher, serial), decimal.MaxValue));
                }
            }

            var parts = Collateral.Parts(Under([.. steps]), PriceQuote.Contract());
            var counted = parts.SelectMany(p => Values.Properties.Expanded(p.Serials), (p, serial) => ((p.Voucher, serial), p.Price.Amount)).OrderBy(c => c.Item1.Voucher.Value).ThenBy(c => c.Item1.serial);
            Assert.Equal(cells.OrderBy(c => c.Key.Item1.Value).ThenBy(c => c.Key.Item2).Select(c => (c.Key, c.Value)), counted);
            Assert.All(parts, p => Assert.True(p.Pledge.Units.Single().Serials.Contains(p.Serials), $"Seed {seed}"));
            Assert.Equal((Kg(cells.Count), Yuan(cells.Values.Sum() / 1_000)), Collateral.Of(parts));
        }
    }

    [Fact]
    public void What_secures_several_loans_counts_with_the_first()
    {
        var (first, second) = (Under(Ranked(Lien, 40, Named(1, 1_000)), Ranked(SecondLien, 30, Named(501, 2_000))), Under(Ranked(ThirdLien, 20, Named(1, 2_500))));
        var once = Collateral.EachOnce([.. Collateral.Parts(first, PriceQuote.Contract()), .. Collateral.Parts(second, PriceQuote.Contract())]);
        Assert.Equal(
            [(SecondLien, Serials((501, 2_000)), 30m), (Lien, Serials((1, 500)), 40m), (ThirdLien, Serials((2_001, 2_500)), 20m)],
            once.Select(p => (p.Pledge.Pledge, p.Serials, p.Price.Amount)));
    }

    [Fact]
    public void A_limit_holds_where_two_pledges_lie_on_the_same_units() =>
        // 100 t at 40.00 are 4,000.00, and 70 % of it 2,800.00.
        Twice()
            .When(Lend(2_800.01m, pledges: [Lien, SecondLien]) with { Quote = AtForty }, As(Bank))
            .ThenRefused(new Refusal.LoanToValueAboveLimit(Bank, Yuan(2_800.01m), Yuan(4_000), 0.7m))
            .When(Lend(2_800, pledges: [Lien, SecondLien]) with { Quote = AtForty }, As(Bank))
            .ThenAccepted();

    [Fact]
    public void A_second_pledge_over_the_same_units_cures_no_call() =>
        Called()
            .When(new SecureLoan(Debt, SecondLien), As(Bank))
            .ThenAccepted(new LoanEvent.LoanCollateralAdded(Debt, SecondLien), new PledgeEvent.PledgeSecuredLoan(SecondLien, Debt))
            .ThenStands<LoanState>(Debt.Value, l => Assert.NotNull(l.MarginCall));

    [Fact]
    public void A_run_calls_the_loan_that_two_pledges_over_the_same_units_secure() =>
        Twice()
            .When(Lend(2_800, pledges: [Lien, SecondLien]) with { Quote = AtForty }, As(Bank))
            .ThenAccepted()
            .When(At(34.99m), As(Bank))
            .ThenStands<LoanState>(Debt.Value, l => Assert.NotNull(l.MarginCall));

    private static Ledger Called()
    {
        var ledger = Twice();
        ledger.Do(Lend(2_800, pledges: Lien) with { Quote = AtForty }, As(Bank));
        ledger.Do(At(34.99m), As(Bank));
        Assert.NotNull(ledger.State<LoanState>(Debt.Value).MarginCall);
        return ledger;
    }

    private static RunMargin At(decimal price) =>
        new(new(Id(0xB1, 1)), Bank, [new MarginCandidate(Debt, new(Id(0xB0, 1)))], AtForty with { PricePerTonne = Price(price) }, 1);

    /// <summary>100 t of which each kilogram is under two pledges of the same bank.</summary>
    private static Ledger Twice() => Given(
        Issued(100_000, to: Buyer),
        Ranked(Lien, 41.94m, Named(1, 100_000)),
        Ranked(SecondLien, 41.94m, Named(1, 100_000)),
        Done(new SetCollateralPolicy(Bank, 0.7m, 0.8m, 0.9m, ValuationRule.ReferencePrice, null), As(Bank)));

    private static Step Ranked(PledgeId pledge, decimal price, Line line) =>
        Done(EncumberRanked(Buyer, Bank, pledge, 1_000, line) with { Valuation = new Valuation(Price(price), "exchange", Today) });

    private static PledgeState[] Under(params Step[] pledges)
    {
        var ledger = Given([Issued(1_500_000, to: Buyer), Issued(1_500_000, to: Buyer, SecondVoucher), .. pledges]);
        return [.. ledger.Log.Select(r => r.Fact).OfType<PledgeEvent.PledgeRegistered>().Select(e => ledger.State<PledgeState>(e.Pledge.Value))];
    }
}
