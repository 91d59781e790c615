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
        Assert.Equal([33, 67], Waterfall.Shares(100, [100, 200]));

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
        Assert.Equal([14, 0, 0], Waterfall.Shares(14, [40, 1, 1])); // 13⅓, ⅓ and ⅓

    [Fact]
    public void Half_a_fen_is_rounded_away_from_zero_in_any_stretch() =>
        Assert.Equal([0m, 7.53m, 1.50m], Paid(Distribute(Yuan(9.03m), Money.Zero, [On(5, [A]), On(1)], [Owes(A, 100)]))); // 9.03 × 5 / 6 = 7.525

    [Fact]
    public void Each_stretch_is_distributed_to_the_pledges_on_it() =>
        Assert.Equal([0m, 50m, 50m, 100m], Paid(Distribute(Yuan(200), Money.Zero, [On(1, [A]), On(1, [B]), On(2)], [Owes(A, 70), Owes(B, 70)])));

    /// <summary>A stands first on all units, B behind it on a part: A is paid out of the rest, wherever that lies, as far as B needs it.</summary>
    [Fact]
    public void A_pledge_is_paid_where_nobody_behind_it_goes_without()
    {
        Waterfall.Claim[] claims = [Owes(A, 60), Owes(B, 50)];
        Assert.Equal([0m, 60m, 40m, 0m], Paid(Distribute(Yuan(100), Money.Zero, [On(1, [A], [B]), On(1, [A])], claims)));
        Assert.Equal([0m, 60m, 40m, 0m], Paid(Distribute(Yuan(100), Money.Zero, [On(1, [A]), On(1, [A], [B])], claims)));
        Assert.Equal([0m, 60m, 10m, 30m], Paid(Distribute(Yuan(100), Money.Zero, [On(9, [A]), On(1, [A], [B])], claims)));
    }

    [Fact]
    public void What_moves_may_move_over_several_stretches() => // C is paid on 3 when B leaves it for 2, which A leaves for 1
        Assert.Equal(
            [0m, 50m, 50m, 50m, 0m],
            Paid(Distribute(Yuan(150), Money.Zero, [On(1, [A]), On(1, [A], [B]), On(1, [B], [C])], [Owes(A, 50), Owes(B, 50), Owes(C, 50)])));

    [Fact]
    public void Those_behind_one_that_takes_from_all_share_what_it_leaves()
    {
        Waterfall.Claim[] claims = [Owes(A, 60), Owes(B, 60), Owes(C, 30)];
        Assert.Equal([0m, 60m, 26.67m, 13.33m, 0m], Paid(Distribute(Yuan(100), Money.Zero, [On(1, [A], [B]), On(1, [A], [C])], claims)));
        Assert.Equal([0m, 60m, 26.67m, 13.33m, 0m], Paid(Distribute(Yuan(100), Money.Zero, [On(1, [A], [C]), On(1, [A], [B])], claims)));
    }

    [Fact]
    public void Equal_ranks_on_different_units_are_paid_as_far_as_the_units_allow()
    {
        Waterfall.Claim[] claims = [Owes(B, 100), Owes(C, 100)];
        Assert.Equal([0m, 100m, 100m, 0m], Paid(Distribute(Yuan(200), Money.Zero, [On(1, [B, C]), On(1, [B])], claims)));
        Assert.Equal([0m, 60m, 60m, 0m], Paid(Distribute(Yuan(120), Money.Zero, [On(1, [B]), On(5, [B, C])], claims)));
        Assert.Equal([0m, 80m, 40m, 0m], Paid(Distribute(Yuan(120), Money.Zero, [On(2, [B]), On(1, [B, C])], claims))); // C has no more than its own stretch brings
    }

    /// <summary>By a substitution A may come to stand behind B on new units, and B behind A on the old ones.</summary>
    [Fact]
    public void Where_two_stand_before_each_other_each_is_first_paid_where_it_stands_first()
    {
        Waterfall.Claim[] claims = [Owes(A, 60), Owes(B, 60)];
        Assert.Equal([0m, 60m, 40m, 0m], Paid(Distribute(Yuan(100), Money.Zero, [On(9, [A], [B]), On(1, [B], [A])], claims)));
        Assert.Equal([0m, 50m, 50m, 0m], Paid(Distribute(Yuan(100), Money.Zero, [On(1, [A], [B]), On(1, [B], [A])], claims)));
        Assert.Equal([0m, 60m, 60m, 80m], Paid(Distribute(Yuan(200), Money.Zero, [On(19, [A], [B]), On(1, [B], [A])], claims)));
    }

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
            var turned = Distribute(proceeds, costs, [.. stretches.Reverse()], claims);
            Assert.True(result.Payouts.All(p => Math.Abs(p.Paid.Amount - turned.Payouts.Single(t => t.Pledge == p.Pledge).Paid.Amount) <= 0.02m * stretches.Length), $"seed {seed}: the order of the stretches decides");
        }
    }

    /// <summary>What must hold of any distribution, asked of every set of pledges: nothing here knows how money moves.</summary>
    [Fact]
    public void Nobody_could_have_more_without_taking_it_from_whom_it_is_due_to()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(2, 6);
            PledgeId[] pledges = [.. Enumerable.Range(1, count).Select(n => new PledgeId(Id(0x51, n)))];
            var rank = Enumerable.Range(0, count).Select(n => random.Next(3) == 0 ? Math.Max(0, n - 1) : n).ToArray();
            var stretches = Enumerable.Range(0, random.Next(1, 6))
                .Select(_ => (Fen: random.Next(1, 60), On: Enumerable.Range(0, count).Where(_ => random.Next(3) > 0).ToArray())).ToArray();
            var due = pledges.Select(_ => random.Next(0, 80)).ToArray();
            var result = Distribute(
                Yuan(stretches.Sum(s => s.Fen) / 100m), Money.Zero, [.. stretches.Select(s => On(s.Fen, [.. s.On.GroupBy(p => rank[p]).Select(g => g.Select(p => pledges[p]).ToArray())]))],
                [.. pledges.Select((p, i) => Owes(p, due[i] / 100m))]);
            var paid = pledges.Select(p => (int)(result.Payouts.Single(o => o.Pledge == p).Paid.Amount * 100)).ToArray();
            var sets = Enumerable.Range(1, (1 << count) - 1).Select(bits => Enumerable.Range(0, count).Where(p => (bits >> p & 1) == 1).ToArray()).ToArray();

            // What is left of the stretches under a set when its members have what they were paid.
            int Room(int[] set) => stretches.Where(s => s.On.Intersect(set).Any()).Sum(s => s.Fen) - set.Sum(p => paid[p]);
            bool CouldHaveMore(int pledge, int? butNotFrom = null) => sets.Where(s => s.Contains(pledge) && (butNotFrom is null || !s.Contains(butNotFrom.Value))).Min(Room) > 0;

            Assert.True(sets.All(s => Room(s) >= 0), $"seed {seed}: more was paid than the stretches under some brought");
            foreach (var unpaid in Enumerable.Range(0, count).Where(p => paid[p] < due[p]))
            {
                Assert.False(CouldHaveMore(unpaid), $"seed {seed}: {unpaid} goes without what the pledgor has");
                foreach (var other in Enumerable.Range(0, count).Where(p => p != unpaid && paid[p] > 0 && stretches.Any(s => s.On.Contains(p) && s.On.Contains(unpaid))))
                {
                    if (rank[unpaid] < rank[other])
                    {
                        Assert.False(CouldHaveMore(unpaid, butNotFrom: other), $"seed {seed}: {unpaid} goes without what {other} has, which stands behind it");
                    }
                    else if (rank[unpaid] == rank[other] && CouldHaveMore(unpaid, butNotFrom: other))
                    {
                        Assert.True((paid[unpaid] + 1) * due[other] >= (paid[other] - 1) * due[unpaid], $"seed {seed}: {unpaid} and {other} do not share in proportion");
                    }
                }
            }
        }
    }
}
