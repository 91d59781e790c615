namespace CarbonLedger.Core.Tests.Loans;

/// <summary>What earlier ranks leave of a collateral's value.</summary>
public sealed class PriorRanksSpec
{
    private static readonly PledgeId A = new(Id(0x50, 1));
    private static readonly PledgeId B = new(Id(0x50, 2));

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
    public void The_same_serials_of_two_vouchers_are_not_the_same_units() =>
        Assert.Equal((2_000m, 320m), Left(400, Before(A, 1_000, 1, 1_000), Before(B, 1_000, 1, 1_000, SecondVoucher)));

    [Fact]
    public void Less_than_nothing_is_not_left() => Assert.Equal((600m, 0m), Left(400, Before(A, 300, 1, 10_000), Before(B, 300, 1, 10_000)));
}
