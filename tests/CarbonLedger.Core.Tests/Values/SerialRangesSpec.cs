using FsCheck.Fluent;
using static CarbonLedger.Core.Tests.Values.Properties;

namespace CarbonLedger.Core.Tests.Values;

public sealed class SerialRangesSpec
{
    [Fact]
    public void Joined_ranges_are_ascending_disjoint_and_never_adjacent() =>
        ForAll(Sets, set =>
        {
            var ranges = Joined(set);
            return Enumerable.Range(1, Math.Max(0, ranges.Count - 1)).All(i => ranges[i - 1].EndExclusive < ranges[i].First)
                && Expanded(ranges).SequenceEqual(set.Order());
        });

    [Fact]
    public void The_kilograms_are_the_number_of_serials() => ForAll(Sets, set => Joined(set).Kilograms == Kg(set.Count));

    [Fact]
    public void Except_leaves_what_is_not_in_the_other() =>
        ForAll(
            from a in Sets from b in Sets select (a, b),
            x => Expanded(Joined(x.a).Except(Joined(x.b))).SequenceEqual(x.a.Except(x.b).Order()));

    [Fact]
    public void Common_is_what_is_in_both() =>
        ForAll(
            from a in Sets from b in Sets select (a, b),
            x => Expanded(Joined(x.a).Common(Joined(x.b))).SequenceEqual(x.a.Intersect(x.b).Order()));

    [Fact]
    public void Contains_is_the_subset_relation() =>
        ForAll(from a in Sets from b in Sets select (a, b), x => Joined(x.a).Contains(Joined(x.b)) == x.b.IsSubsetOf(x.a));

    [Fact]
    public void Everything_contains_its_own_parts() =>
        ForAll(
            from a in Sets from b in Sets select (a, b),
            x => Joined(x.a).Contains(Joined(x.a.Intersect(x.b))) && Joined(x.a).Contains(SerialRanges.Empty));

    [Fact]
    public void Take_lowest_takes_exactly_the_lowest() =>
        ForAll(
            from a in Sets from n in Gen.Choose(0, 70) select (a, n),
            x =>
            {
                var taken = Joined(x.a).TakeLowest(Kg(x.n));
                return x.n > x.a.Count ? taken is null : Expanded(taken!).SequenceEqual(x.a.Order().Take(x.n));
            });

    [Fact]
    public void Take_lowest_and_the_rest_make_up_the_whole() =>
        ForAll(Sets, set =>
        {
            var whole = Joined(set);
            var part = whole.TakeLowest(Kg(set.Count / 2))!;
            return SerialRanges.Of([.. part, .. whole.Except(part)]).Equals(whole);
        });

    [Fact]
    public void Equality_is_by_content() =>
        ForAll(
            from a in Sets from b in Sets select (a, b),
            x => Joined(x.a).Equals(Joined(x.b)) == x.a.SetEquals(x.b)
                && Joined(x.a).GetHashCode() == Joined(x.a.Reverse()).GetHashCode()
                && Joined(x.a).Equals((object)Joined(x.a)));

    [Fact]
    public void Overlapping_ranges_are_refused()
    {
        Assert.Null(SerialRanges.Disjoint([Range(1, 5), Range(5, 9)]));
        Assert.Throws<ArgumentException>(() => SerialRanges.Of(Range(5, 9), Range(1, 5)));
    }

    [Fact]
    public void Adjacent_ranges_become_one() => Assert.Equal(Serials((1, 9)), SerialRanges.Of(Range(5, 9), Range(1, 4)));

    [Fact]
    public void They_read_like_a_list() => Assert.Equal("1–4, 7", Serials((7, 7), (1, 4)).ToString());
}
