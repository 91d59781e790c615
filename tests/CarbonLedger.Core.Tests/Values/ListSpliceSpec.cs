using System.Globalization;
using FsCheck.Fluent;
using static CarbonLedger.Core.Tests.Values.Properties;

namespace CarbonLedger.Core.Tests.Values;

public sealed class ListSpliceSpec
{
    [Fact]
    public void A_splice_is_a_removal_and_an_insertion() =>
        ForAll(
            from list in Gen.Choose(0, 99).ArrayOf()
            from index in Gen.Choose(0, list.Length)
            from removed in Gen.Choose(0, list.Length - index)
            from put in Gen.Choose(0, 99).ArrayOf()
            select (list, index, removed, put),
            x =>
            {
                List<string> expected = [.. x.list.Select(Text)], spliced = [.. expected];
                string[] put = [.. x.put.Select(Text)];
                expected.RemoveRange(x.index, x.removed);
                expected.InsertRange(x.index, put);
                spliced.Splice(x.index, x.removed, put);
                return spliced.SequenceEqual(expected);
            });

    [Theory]
    [InlineData(4, 0)]
    [InlineData(2, 2)]
    [InlineData(0, 4)]
    [InlineData(-1, 1)]
    public void What_is_not_in_the_list_cannot_be_taken_out_of_it(int index, int removed)
    {
        var list = new List<string> { "a", "b", "c" };
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Splice(index, removed, "d"));
        Assert.Equal(["a", "b", "c"], list);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
