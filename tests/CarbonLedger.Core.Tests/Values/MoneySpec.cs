using FsCheck.Fluent;
using static CarbonLedger.Core.Tests.Values.Properties;

namespace CarbonLedger.Core.Tests.Values;

public sealed class MoneySpec
{
    [Theory]
    [InlineData("0", "0.00")]
    [InlineData("41.9", "41.90")]
    [InlineData("495000.00", "495000.00")]
    [InlineData("007.5", "7.50")]
    [InlineData("999999999999.99", "999999999999.99")]
    public void Amounts_are_read_from_decimal_text(string text, string written) => Assert.Equal(written, Money.Parse(text)!.Value.ToString());

    [Theory]
    [InlineData("")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1.234")]
    [InlineData("1.000")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1e3")]
    [InlineData(" 1")]
    [InlineData("1,000.00")]
    [InlineData("1.2.3")]
    [InlineData("１")]
    [InlineData("1000000000000")]
    public void Anything_else_is_not_an_amount(string text) => Assert.Null(Money.Parse(text));

    [Fact]
    public void Text_and_amount_agree() =>
        ForAll(Gen.Choose(0, int.MaxValue), fen => Money.Parse(Yuan(fen / 100m).ToString()) == Yuan(fen / 100m));

    [Theory]
    [InlineData("0.004", "0.00")]
    [InlineData("0.005", "0.01")]
    [InlineData("0.015", "0.02")]
    [InlineData("0.025", "0.03")] // to even it would be 0.02
    [InlineData("2.4949999", "2.49")]
    public void Half_a_fen_is_rounded_away_from_zero(string amount, string rounded) =>
        Assert.Equal(rounded, Money.Rounded(decimal.Parse(amount)).ToString());

    [Fact]
    public void Sums_and_differences_are_exact() =>
        ForAll(
            from a in Gen.Choose(0, int.MaxValue) from b in Gen.Choose(0, int.MaxValue) select (a, b),
            x => (Yuan(x.a / 100m) + Yuan(x.b / 100m)).Amount * 100 == (long)x.a + x.b
                && Yuan(x.a / 100m) + Yuan(x.b / 100m) - Yuan(x.b / 100m) == Yuan(x.a / 100m)
                && Yuan(x.a / 100m).CompareTo(Yuan(x.b / 100m)) == x.a.CompareTo(x.b)
                && Yuan(x.a / 100m) < Yuan(x.b / 100m) == x.a < x.b
                && Yuan(x.a / 100m) >= Yuan(x.b / 100m) == x.a >= x.b
                && Yuan(x.a / 100m) > Yuan(x.b / 100m) == x.a > x.b
                && Yuan(x.a / 100m) <= Yuan(x.b / 100m) == x.a <= x.b);

    [Fact]
    public void Amounts_have_bounds()
    {
        Assert.Null(Money.Exactly(-0.01m));
        Assert.Null(Money.Exactly(0.001m));
        Assert.Null(Money.Exactly(Money.AmountMax + 0.01m));
        Assert.Throws<OverflowException>(() => Yuan(1) - Yuan(2));
        Assert.Throws<OverflowException>(() => Yuan(Money.AmountMax) + Yuan(0.01m));
    }

    [Theory]
    [InlineData("41.94", "41.94")]
    [InlineData("41.9375", "41.9375")]
    [InlineData("42", "42.00")]
    [InlineData("0.0001", "0.0001")]
    public void Prices_have_up_to_four_decimals(string text, string written) => Assert.Equal(written, PricePerTonne.Parse(text)!.Value.ToString());

    [Theory]
    [InlineData("0")]
    [InlineData("0.0000")]
    [InlineData("1.00001")]
    [InlineData("1000000")]
    [InlineData("-1")]
    public void A_price_is_above_zero_and_bounded(string text) => Assert.Null(PricePerTonne.Parse(text));

    [Theory]
    [InlineData("41.94", 12_000_000, "503280.00")]
    [InlineData("41.94", 1, "0.04")]
    [InlineData("41.9375", 3_885_080, "162930.54")] // 162,930.5425
    [InlineData("1", 5, "0.01")] // 0.005
    public void An_amount_is_price_times_tonnes(string price, long kilograms, string amount) =>
        Assert.Equal(amount, PricePerTonne.Parse(price)!.Value.Of(Kg(kilograms)).ToString());

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(0.0435, true)]
    [InlineData(0.000001, true)]
    [InlineData(0.0000001, false)]
    [InlineData(1.000001, false)]
    [InlineData(-0.01, false)]
    public void A_rate_is_a_ratio_with_six_decimals(decimal ratio, bool isRate) => Assert.Equal(isRate, AnnualRate.Exactly(ratio) is not null);
}
