using FsCheck;
using FsCheck.Fluent;

namespace CarbonLedger.Core.Tests.Values;

/// <summary>Says that something holds for all generated values. A failure shows the seed (StdGen) and the smallest value found.</summary>
internal static class Properties
{
    public static void ForAll<T>(Gen<T> values, Func<T, bool> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(values.ToArbitrary(), holds));

    /// <summary>Any sets of serials from 1 to 60, as the naive model of ranges.</summary>
    public static Gen<HashSet<long>> Sets { get; } =
        Gen.Choose(1, 60).ArrayOf().Select(numbers => numbers.Select(n => (long)n).ToHashSet());

    /// <summary>Every serial as a range of its own, in no order: joining them is the product's task.</summary>
    public static SerialRanges Joined(IEnumerable<long> serials) => SerialRanges.Of(serials.Select(s => SerialRange.Inclusive(s, s)));

    public static long[] Expanded(SerialRanges ranges)
    {
        var serials = new List<long>();
        foreach (var range in ranges)
        {
            for (var serial = range.First; serial <= range.Last; serial++)
            {
                serials.Add(serial);
            }
        }

        return [.. serials];
    }
}
