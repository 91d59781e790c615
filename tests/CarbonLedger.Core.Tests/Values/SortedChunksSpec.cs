namespace CarbonLedger.Core.Tests.Values;

/// <summary>Many items, here pieces of one voucher, found and walked like in a plain sorted list.</summary>
public sealed class SortedChunksSpec
{
    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(3_000)]
    public void Pieces_are_found_and_walked_as_in_a_sorted_list(int count)
    {
        const int seed = 20_261_121;
        var random = new Random(seed + count);
        var (list, naive) = (new SortedChunks<Piece, long>(), new SortedList<long, Piece>());
        Assert.False(list.TryFind(long.MaxValue, out _));
        for (var i = 0; i < 2 * count; i++)
        {
            // Some come again, and give way.
            var first = 2 * random.Next(1, count + 1);
            var piece = new Piece(Range(first, first), random.Next(2) == 0 ? Owner : Buyer, UnitStatus.Live, Locks.None);
            Assert.Equal(naive.TryGetValue(first, out var there) ? there : default(Piece?), list.Put(piece));
            naive[first] = piece;
            if (random.Next(3) == 0)
            {
                var gone = naive.Keys[random.Next(naive.Count)];
                Assert.Equal(naive[gone], list.Remove(gone));
                naive.Remove(gone);
                Assert.Throws<InvalidOperationException>(() => list.Remove(gone));
            }
        }

        Assert.Equal(naive.Values, list.All);
        Assert.Equal(naive.Count, list.Count);
        for (var serial = 1L; serial <= (2 * count) + 2; serial++)
        {
            var before = naive.Keys.TakeWhile(k => k <= serial).Count();
            Assert.True(list.TryFind(serial, out var found) == before > 0, $"seed {seed}, serial {serial}");
            Assert.True(before == 0 || found == naive.Values[before - 1], $"seed {seed}, serial {serial}");
            if (serial % 97 == 1 || serial > 2 * count)
            {
                Assert.Equal(naive.Values.Skip(Math.Max(0, before - 1)), Walked(list.From(serial)));
                Assert.Equal(naive.Values.Skip(before), Walked(list.After(serial)));
            }
        }
    }

    private static List<Piece> Walked(SortedChunks<Piece, long>.Walk walk)
    {
        var walked = new List<Piece>();
        foreach (var piece in walk)
        {
            walked.Add(piece);
        }

        return walked;
    }
}
