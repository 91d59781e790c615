namespace CarbonLedger.Core.Tests.Pledges;

/// <summary>The distribution of proceeds, to the fen.</summary>
public sealed class WaterfallSpec
{
    private static readonly PledgeId A = new(Id(0x50, 1));
    private static readonly PledgeId B = new(Id(0x50, 2));
    private static readonly PledgeId C = new(Id(0x50, 3));
    private static readonly PledgeId D = new(Id(0x50, 4));

    private static readonly IReadOnlyDictionary<LoanId, DebtParts> NoDebts = new Dictionary<LoanId, DebtParts>();

    private static Waterfall.Claim Owes(PledgeId pledge, decimal due) => new(pledge, Parts(due));

    private static DebtParts Parts(decimal principal, decimal interest = 0, decimal costs = 0) => new(Yuan(costs), Yuan(interest), Yuan(principal));

    private static Waterfall.Result Distribute(Money proceeds, Money costs, IReadOnlyList<Waterfall.Stretch> stretches, IReadOnlyList<Waterfall.Claim> claims, DebtParts? debt = null) =>
        Waterfall.Distribute(proceeds, costs, stretches, claims, debt is { } owed ? new Dictionary<LoanId, DebtParts> { [Debt] = owed } : NoDebts);

    private static Waterfall.Stretch On(long kilograms, params PledgeId[][] ranks) => new(Kg(kilograms), ranks);

    private static decimal[] Paid(Waterfall.Result result) => [result.Costs.Amount, .. result.Payouts.Select(p => p.Paid.Amount), result.Surplus.Amount];

    [Fact]
    public void Costs_come_first_then_rank_after_rank_then_the_pledgor() =>
        Assert.Equal([50m, 300m, 100m, 50m], Paid(Distribute(Yuan(500), Yuan(50), [On(1, [A], [B])], [Owes(A, 300), Owes(B, 100)])));

    [Fact]
    public void Costs_take_no_more_than_there_is() =>
        Assert.Equal([500m, 0m, 0m], Paid(Distribute(Yuan(500), Yuan(501), [On(1, [A])], [Owes(A, 300)])));

    [Fact]
    public void A_later_rank_gets_what_an_earlier_one_leaves() =>
        Assert.Equal([0m, 300m, 33.33m, 0m], Paid(Distribute(Yuan(333.33m), Money.Zero, [On(1, [A], [B])], [Owes(A, 300), Owes(B, 100)])));

    [Fact]
    public void Within_a_rank_all_share_pro_rata_and_an_odd_fen_goes_to_the_earlier_pledge() =>
        Assert.Equal([0m, 33.34m, 33.33m, 33.33m, 0m], Paid(Distribute(Yuan(100), Money.Zero, [On(1, [A, B, C])], [Owes(A, 60), Owes(B, 60), Owes(C, 60)])));

    [Fact]
    public void The_greatest_remainder_gets_the_odd_fen() =>
        Assert.Equal([Yuan(0.33m), Yuan(0.67m)], Waterfall.ProRata(Yuan(1), [Yuan(1), Yuan(2)]));

    [Fact]
    public void One_debt_is_paid_once_whatever_secures_it()
    {
        Waterfall.Claim[] claims = [new(A, Parts(80), Debt), new(B, Parts(80), Debt)];
        Assert.Equal([0m, 80m, 20m, 100m], Paid(Distribute(Yuan(200), Money.Zero, [On(1, [A], [B])], claims, Parts(100))));
        Assert.Equal([0m, 80m, 20m, 100m], Paid(Distribute(Yuan(200), Money.Zero, [On(1, [A, B])], claims, Parts(100))));
    }

    [Fact]
    public void What_a_debt_secured_twice_does_not_need_is_for_the_rank_before_any_later_one()
    {
        Waterfall.Claim[] claims = [new(A, Parts(80), Debt), new(B, Parts(80), Debt), Owes(C, 100), Owes(D, 50)];
        Assert.Equal([0m, 61.54m, 38.46m, 100m, 0m, 0m], Paid(Distribute(Yuan(200), Money.Zero, [On(1, [A, B, C], [D])], claims, Parts(100))));
    }

    [Fact]
    public void What_another_pledge_brought_of_a_debt_is_no_shortfall()
    {
        Waterfall.Claim[] claims = [new(A, Parts(80), Debt), new(B, Parts(80), Debt)];
        Assert.Equal([Yuan(0), Yuan(0)], Distribute(Yuan(200), Money.Zero, [On(1, [A], [B])], claims, Parts(100)).Payouts.Select(p => p.Shortfall));
        Assert.Equal([Yuan(10), Yuan(30)], Distribute(Yuan(70), Money.Zero, [On(1, [A], [B])], claims, Parts(100)).Payouts.Select(p => p.Shortfall));
        Assert.Equal([Yuan(0), Yuan(30)], Distribute(Yuan(70), Money.Zero, [On(1, [A], [B])], [Owes(A, 60), Owes(B, 40)]).Payouts.Select(p => p.Shortfall));
    }

    [Fact]
    public void Each_part_of_a_debt_is_paid_once_and_costs_and_interest_come_before_principal()
    {
        Waterfall.Claim[] claims = [new(A, Parts(30, 10, 5), Debt), new(B, Parts(30, 10, 5), Debt)];
        var result = Distribute(Yuan(200), Money.Zero, [On(1, [A], [B])], claims, Parts(100, 10, 5));
        Assert.Equal([0m, 45m, 30m, 125m], Paid(result));
        Assert.Equal(Parts(60, 10, 5), result.Repaid[Debt]);
        Assert.Equal([Yuan(30), null], result.Payouts.Select(p => p.ToPrincipal));
        Assert.Equal(Parts(0, 7, 5), Distribute(Yuan(12), Money.Zero, [On(1, [A], [B])], claims, Parts(100, 10, 5)).Repaid[Debt]);
    }

    [Fact]
    public void What_a_pledge_does_not_secure_it_does_not_pay()
    {
        Waterfall.Claim[] claims = [new(A, Parts(100), Debt), new(B, Parts(0, 10), Debt)];
        Assert.Equal(Parts(80), Distribute(Yuan(80), Money.Zero, [On(1, [A], [B])], claims, Parts(100, 10, 5)).Repaid[Debt]);
        Assert.Equal(Parts(100, 10), Distribute(Yuan(200), Money.Zero, [On(1, [A], [B])], claims, Parts(100, 10, 5)).Repaid[Debt]);
    }

    [Fact]
    public void Claims_that_together_pass_the_greatest_amount_are_shared_all_the_same() =>
        Assert.Equal(
            [0m, 150m, 150m, 0m, 0m],
            Paid(Distribute(Yuan(300), Money.Zero, [On(1, [A, B], [C])], [Owes(A, Money.AmountMax), Owes(B, Money.AmountMax), Owes(C, 1)])));

    [Fact]
    public void Of_equal_remainders_the_earlier_pledge_gets_the_odd_fen_whatever_their_size() =>
        Assert.Equal([Yuan(0.14m), Yuan(0), Yuan(0)], Waterfall.ProRata(Yuan(0.14m), [Yuan(0.40m), Yuan(0.01m), Yuan(0.01m)])); // 13⅓, ⅓ and ⅓ of a fen

    [Fact]
    public void Half_a_fen_is_rounded_away_from_zero_in_any_stretch() =>
        Assert.Equal([0m, 7.53m, 1.50m], Paid(Distribute(Yuan(9.03m), Money.Zero, [On(5, [A]), On(1)], [Owes(A, 100)]))); // 9.03 × 5 / 6 = 7.525

    [Fact]
    public void Each_stretch_is_distributed_to_the_pledges_on_it() =>
        Assert.Equal([0m, 50m, 50m, 100m], Paid(Distribute(Yuan(200), Money.Zero, [On(1, [A]), On(1, [B]), On(2)], [Owes(A, 70), Owes(B, 70)])));

    [Fact]
    public void Whatever_happens_the_parts_add_up_and_nobody_gets_more_than_is_due()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            PledgeId[] pledges = [.. Enumerable.Range(1, random.Next(1, 6)).Select(n => new PledgeId(Id(0x50, n)))];
            var claims = pledges.Select(p => Owes(p, random.Next(0, 100_000) / 100m)).ToArray();
            var stretches = Enumerable.Range(0, random.Next(1, 5))
                .Select(_ => On(random.Next(1, 1_000), [.. pledges.Where(_ => random.Next(3) > 0).Chunk(random.Next(1, 3))])).ToArray();
            var (proceeds, costs) = (Yuan(random.Next(0, 300_000) / 100m), Yuan(random.Next(0, 10_000) / 100m));
            var result = Distribute(proceeds, costs, stretches, claims);
            var total = Paid(result).Sum();
            Assert.True(total == proceeds.Amount, $"seed {seed}: {total} of {proceeds}");
            Assert.True(result.Payouts.All(p => p.Paid <= p.Due), $"seed {seed}: {string.Join(", ", result.Payouts)}");
        }
    }
}
