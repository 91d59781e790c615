using FsCheck.Fluent;
using static CarbonLedger.Core.Tests.Values.Properties;

namespace CarbonLedger.Core.Tests.Values;

public sealed class KilogramsSpec
{
    [Fact]
    public void Decimals_of_a_tonne_are_kilograms() => Assert.Equal(3_885_080, Kilograms.FromTonnes(3885.08m).Value);

    [Fact]
    public void Tonnes_and_kilograms_agree() =>
        ForAll(Gen.Choose(0, int.MaxValue), n => Kilograms.FromTonnes(Kg(n).Tonnes) == Kg(n) && Kg(n).Tonnes * 1000m == n);

    [Fact]
    public void Sums_and_differences_are_those_of_whole_numbers() =>
        ForAll(
            from a in Gen.Choose(0, 1_000_000) from b in Gen.Choose(0, 1_000_000) select (a, b),
            x => (Kg(x.a) + Kg(x.b)).Value == x.a + x.b
                && Kg(x.a) + Kg(x.b) - Kg(x.b) == Kg(x.a)
                && Kg(x.a) < Kg(x.b) == x.a < x.b
                && Kg(x.a) <= Kg(x.b) == x.a <= x.b
                && Kg(x.a) > Kg(x.b) == x.a > x.b
                && Kg(x.a) >= Kg(x.b) == x.a >= x.b
                && Kg(x.a).CompareTo(Kg(x.b)) == x.a.CompareTo(x.b));

    [Fact]
    public void A_fourth_decimal_of_a_tonne_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Kilograms.FromTonnes(1.0001m));

    [Fact]
    public void Mass_is_never_negative()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Kg(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Kilograms.FromTonnes(-0.001m));
        Assert.Throws<ArgumentOutOfRangeException>(() => Kg(1) - Kg(2));
    }

    [Fact]
    public void A_sum_never_wraps() => Assert.Throws<OverflowException>(() => Kg(long.MaxValue) + Kg(1));

    [Fact]
    public void The_default_is_zero() => Assert.Equal((Kilograms.Zero, "0 kg"), (default, Kilograms.Zero.ToString()));
}
