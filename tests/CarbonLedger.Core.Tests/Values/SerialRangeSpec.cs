using FsCheck.Fluent;
using static CarbonLedger.Core.Tests.Values.Properties;

namespace CarbonLedger.Core.Tests.Values;

public sealed class SerialRangeSpec
{
    [Fact]
    public void Quantity_is_last_minus_first_plus_one() =>
        ForAll(
            from first in Gen.Choose(1, 1_000_000) from count in Gen.Choose(1, 1_000_000) select (first, count),
            x => SerialRange.Inclusive(x.first, x.first + x.count - 1) is var range
                && range.Count == range.Last - range.First + 1
                && range.Count == x.count
                && range == SerialRange.HalfOpen(x.first, x.first + x.count));

    [Fact]
    public void Two_ranges_overlap_when_they_share_a_serial() =>
        ForAll(
            from a in Gen.Choose(1, 12) from b in Gen.Choose(0, 5) from c in Gen.Choose(1, 12) from d in Gen.Choose(0, 5) select (a, b, c, d),
            x => Range(x.a, x.a + x.b).Overlaps(Range(x.c, x.c + x.d))
                == Enumerable.Range(x.a, x.b + 1).Intersect(Enumerable.Range(x.c, x.d + 1)).Any());

    [Fact]
    public void What_two_ranges_share_is_a_range_or_nothing() =>
        ForAll(
            from a in Gen.Choose(1, 12) from b in Gen.Choose(0, 5) from c in Gen.Choose(1, 12) from d in Gen.Choose(0, 5) select (a, b, c, d),
            x =>
            {
                var (left, right) = (Range(x.a, x.a + x.b), Range(x.c, x.c + x.d));
                if (!left.Overlaps(right))
                {
                    Assert.Throws<ArgumentOutOfRangeException>(() => left.Common(right));
                    return true;
                }

                var shared = Enumerable.Range(x.a, x.b + 1).Intersect(Enumerable.Range(x.c, x.d + 1)).Select(n => (long)n).ToArray();
                return left.Common(right) == Range(shared.Min(), shared.Max());
            });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(2, 1)]
    [InlineData(1, 10_000_000_000)]
    public void A_range_has_serials_of_at_most_ten_digits_and_is_never_empty(long first, long last) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SerialRange.Inclusive(first, last));

    [Fact]
    public void The_greatest_serial_has_ten_digits() => Assert.Equal(9_999_999_999, SerialRange.Inclusive(1, SerialRange.SerialMax).Count);

    [Fact]
    public void Ranges_are_ordered_by_their_first_serial()
    {
        Assert.True(Range(1, 9) < Range(2, 3) && Range(2, 3) > Range(1, 9) && Range(1, 1) <= Range(1, 2) && Range(1, 1) >= Range(1, 2));
        Assert.Equal(-1, Range(1, 9).CompareTo(Range(2, 3)));
    }

    [Fact]
    public void It_reads_inclusively() => Assert.Equal(("3", "3–5"), (Range(3, 3).ToString(), Range(3, 5).ToString()));
}
