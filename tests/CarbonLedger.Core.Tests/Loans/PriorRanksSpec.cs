namespace CarbonLedger.Core.Tests.Loans;

/// <summary>What earlier ranks leave of a collateral's value.</summary>
public sealed class PriorRanksSpec
{
    private static readonly PledgeId A = new(Id(0x50, 11));
    private static readonly PledgeId B = new(Id(0x50, 12));
    private static readonly PledgeId C = new(Id(0x50, 13));

    private static PriorStretch Before(PledgeId pledge, decimal secured, long first, long last, VoucherId? voucher = null) =>
        new(pledge, Yuan(secured), voucher ?? FirstVoucher, Range(first, last), Price(40));

    private static (decimal, decimal) Left(decimal value, params PriorStretch[] stretches) =>
        PriorRanks.Of(Yuan(value), stretches) is var (secured, after) ? (secured.Amount, after.Amount) : default;

    [Fact]
    public void Nothing_before_leaves_all() => Assert.Equal((0m, 400m), Left(400));

    [Fact]
    public void An_earlier_pledge_takes_what_it_secures_once_however_many_stretches_it_has() =>
        Assert.Equal((100m, 300m), Left(400, Before(A, 100, 1, 3_000), Before(A, 100, 5_001, 8_000)));

    [Fact]
    public void It_takes_no_more_than_its_units_are_worth() =>
        Assert.Equal((1_000m, 360m), Left(400, Before(A, 1_000, 1, 1_000)));

    [Fact]
    public void Several_on_the_same_units_take_them_once() =>
        Assert.Equal((2_000m, 360m), Left(400, Before(A, 1_000, 1, 1_000), Before(B, 1_000, 1, 1_000)));

    [Fact]
    public void Several_on_units_that_overlap_take_each_kilogram_once() =>
        Assert.Equal((2_000m, 320m), Left(400, Before(A, 1_000, 1, 1_500), Before(B, 1_000, 501, 2_000)));

    [Fact]
    public void One_that_wants_little_takes_that_however_much_those_beside_it_lack() =>
        Assert.Equal((2_005m, 355m), Left(400, Before(A, 1_000, 1, 1_000), Before(B, 1_000, 1, 1_000), Before(C, 5, 2_001, 3_000)));

    [Fact]
    public void What_they_take_is_rounded_once() =>
        Assert.Equal((2_000m, 393.33m), Left(400, Before(A, 1_000, 1, 100) with { Price = Price(33.335m) }, Before(B, 1_000, 201, 300) with { Price = Price(33.335m) }));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void They_take_as_much_as_any_set_of_them_leaves_for_the_others(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var stands = new bool[5, 8]; // pledges on stretches of a tonne
            var secured = Enumerable.Range(0, 5).Select(_ => (decimal)random.Next(1, 200)).ToArray();
            foreach (var (pledge, tonne) in Enumerable.Range(0, 5).SelectMany(p => Enumerable.Range(0, 8), (p, t) => (p, t)))
            {
                stands[pledge, tonne] = random.Next(4) == 0;
            }

            // The greatest flow is the least cut: these pledges take all they secure, the units under the others are taken whole.
            var least = Enumerable.Range(0, 32).Min(set => Enumerable.Range(0, 5).Where(p => (set & (1 << p)) != 0 && Enumerable.Range(0, 8).Any(t => stands[p, t])).Sum(p => secured[p])
                + (40 * Enumerable.Range(0, 8).Count(t => Enumerable.Range(0, 5).Any(p => (set & (1 << p)) == 0 && stands[p, t]))));
            var stretches = from p in Enumerable.Range(0, 5)
                            from t in Enumerable.Range(0, 8)
                            where stands[p, t]
                            select Before(new PledgeId(Id(0x50, 20 + p)), secured[p], (1_000 * t) + 1, 1_000 * (t + 1));
            Assert.Equal((round, 320 - least), (round, Left(320, [.. stretches]).Item2));
        }
    }

    [Fact]
    public void The_same_serials_of_two_vouchers_are_not_the_same_units() =>
        Assert.Equal((2_000m, 320m), Left(400, Before(A, 1_000, 1, 1_000), Before(B, 1_000, 1, 1_000, SecondVoucher)));

    [Fact]
    public void Less_than_nothing_is_not_left() => Assert.Equal((600m, 0m), Left(400, Before(A, 300, 1, 10_000), Before(B, 300, 1, 10_000)));

    [Fact]
    public void Pledges_that_secure_one_debt_do_not_stand_before_one_another()
    {
        var stretches = new[] { Before(Lien, 1_000, 1, 1_000), Before(A, 300, 501, 1_000) };
        Assert.Equal(stretches[1..], PriorRanks.Before([SecondLien, Lien], [Counted(1, 1_000, 40)], stretches));
        Assert.Equal(stretches, PriorRanks.Before([SecondLien], [Counted(1, 1_000, 40)], stretches));
    }

    [Fact]
    public void They_stand_before_what_counts_and_at_the_price_it_counts_at() =>
        Assert.Equal(
            [Before(A, 300, 1, 600) with { Price = Price(30) }, Before(A, 300, 601, 1_000), Before(A, 300, 1_101, 1_200), Before(B, 100, 701, 1_000)],
            PriorRanks.Before([], [Counted(1_101, 1_500, 40), Counted(1, 600, 30), Counted(601, 1_000, 40)], [Before(A, 300, 1, 1_200), Before(B, 100, 701, 1_050)]));

    private static CollateralPart Counted(long first, long last, decimal price) => new(
        new PledgeState(SecondLien, Buyer, Bank, [], Money.Zero, "", null, Year(2021), new Valuation(Price(41.94m), "exchange", Today), PledgeStatus.Registered, Debt, PledgeMode.Ranked),
        FirstVoucher,
        Serials((first, last)),
        Price(price));
}
