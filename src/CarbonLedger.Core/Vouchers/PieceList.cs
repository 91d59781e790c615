namespace CarbonLedger.Core.Vouchers;

/// <summary>Pieces of one voucher in ascending order that never overlap. Kept in chunks: an exchange's holding of 100,000 pieces takes one more as fast as one of ten.</summary>
public sealed class PieceList
{
    private const int ChunkMax = 256;

    // Never empty but for the first one of an empty list.
    private readonly List<List<Piece>> chunks = [[]];

    public int Count { get; private set; }

    public IEnumerable<Piece> All => chunks.SelectMany(chunk => chunk);

    /// <summary>The last piece that starts at or before the serial; false when there is none.</summary>
    public bool TryFind(long serial, out Piece piece)
    {
        var (chunk, index) = Floor(serial);
        piece = index < 0 ? default : chunks[chunk][index];
        return index >= 0;
    }

    /// <summary>Puts a piece in its place; one with the same first serial gives way.</summary>
    public void Put(Piece piece)
    {
        var (at, index) = Floor(piece.Range.First);
        var chunk = chunks[at];
        if (index >= 0 && chunk[index].Range.First == piece.Range.First)
        {
            chunk[index] = piece;
            return;
        }

        chunk.Splice(index + 1, 0, piece);
        Count++;
        if (chunk.Count > ChunkMax)
        {
            chunks.Insert(at + 1, chunk[(ChunkMax / 2)..]);
            chunk.RemoveRange(ChunkMax / 2, chunk.Count - (ChunkMax / 2));
        }
    }

    /// <summary>Takes out the piece with this first serial.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public void Remove(long first)
    {
        var (at, index) = Floor(first);
        var chunk = chunks[at];
        if (index < 0 || chunk[index].Range.First != first)
        {
            throw new InvalidOperationException($"No piece starts at {first}.");
        }

        chunk.Splice(index, 1);
        Count--;
        if (chunk.Count == 0 && chunks.Count > 1)
        {
            chunks.RemoveAt(at);
        }
    }

    /// <summary>The pieces from the last one that starts at or before the serial on. Pieces may be put in place of those that are there meanwhile, not between them.</summary>
    public Walk From(long serial)
    {
        var (chunk, index) = Floor(serial);
        return new Walk(chunks, chunk, Math.Max(0, index) - 1);
    }

    /// <summary>Where the last piece that starts at or before the serial stands; index −1 in chunk 0 when there is none.</summary>
    private (int Chunk, int Index) Floor(long serial)
    {
        var chunk = Math.Max(0, Last(chunks, static c => c.Count == 0 ? long.MaxValue : c[0].Range.First, serial));
        return (chunk, Last(chunks[chunk], static p => p.Range.First, serial));
    }

    /// <summary>The index of the last item that starts at or before the serial; −1 when there is none.</summary>
    private static int Last<T>(List<T> items, Func<T, long> first, long serial)
    {
        var (low, high) = (0, items.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (first(items[middle]) <= serial)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    /// <summary>A walk over pieces in ascending order, without an allocation.</summary>
    public struct Walk(List<List<Piece>> chunks, int chunk, int index)
    {
        public readonly Piece Current => chunks[chunk][index];

        public bool MoveNext()
        {
            if (++index < chunks[chunk].Count)
            {
                return true;
            }

            index = 0;
            return ++chunk < chunks.Count;
        }

        public readonly Walk GetEnumerator() => this;
    }
}
