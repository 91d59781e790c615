using System.Runtime.InteropServices;

namespace CarbonLedger.Core.Values;

/// <summary>Has its place in an order.</summary>
public interface IOrdered<TPlace> where TPlace : struct, IComparable<TPlace>
{
    TPlace Place { get; }
}

/// <summary>Items in ascending order, one at a place. Kept in chunks: a list of 100,000 takes one more as fast as one of ten.</summary>
public sealed class SortedChunks<T, TPlace>
    where T : struct, IOrdered<TPlace>
    where TPlace : struct, IComparable<TPlace>
{
    private const int ChunkMax = 256;

    // Never empty but for the first one of an empty list.
    private readonly List<List<T>> chunks = [[]];

    public int Count { get; private set; }

    public IEnumerable<T> All => chunks.SelectMany(chunk => chunk);

    /// <summary>The last item at or before the place; false when there is none.</summary>
    public bool TryFind(TPlace place, out T item)
    {
        var (chunk, index) = Floor(place);
        item = index < 0 ? default : chunks[chunk][index];
        return index >= 0;
    }

    /// <summary>Puts an item in its place and returns the one that gave way to it, if there was one.</summary>
    public T? Put(T item)
    {
        var (at, index) = Floor(item.Place);
        var chunk = chunks[at];
        if (index >= 0 && chunk[index] is var before && before.Place.CompareTo(item.Place) == 0)
        {
            chunk[index] = item;
            return before;
        }

        chunk.Splice(index + 1, 0, item);
        Count++;
        if (chunk.Count > ChunkMax)
        {
            chunks.Insert(at + 1, chunk[(ChunkMax / 2)..]);
            chunk.RemoveRange(ChunkMax / 2, chunk.Count - (ChunkMax / 2));
        }

        return null;
    }

    /// <summary>Takes out the item at this place.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Remove(TPlace place)
    {
        var (at, index) = Floor(place);
        var chunk = chunks[at];
        if (index < 0 || chunk[index].Place.CompareTo(place) != 0)
        {
            throw new InvalidOperationException($"Nothing stands at {place}.");
        }

        var item = chunk[index];
        chunk.Splice(index, 1);
        Count--;
        if (chunk.Count == 0 && chunks.Count > 1)
        {
            chunks.RemoveAt(at);
        }

        return item;
    }

    /// <summary>The items from the last one at or before the place on. Items may be put in place of those that are there meanwhile, not between them.</summary>
    public Walk From(TPlace place)
    {
        var (chunk, index) = Floor(place);
        return new Walk(chunks, chunk, Math.Max(0, index) - 1);
    }

    /// <summary>The items after the place.</summary>
    public Walk After(TPlace place)
    {
        var (chunk, index) = Floor(place);
        return new Walk(chunks, chunk, index);
    }

    /// <summary>Where the last item at or before the place stands; index −1 in chunk 0 when there is none.</summary>
    private (int Chunk, int Index) Floor(TPlace place)
    {
        var (low, high) = (1, chunks.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            (low, high) = chunks[middle][0].Place.CompareTo(place) <= 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return (high, Last(CollectionsMarshal.AsSpan(chunks[high]), place));
    }

    /// <summary>The index of the last item at or before the place; −1 when there is none.</summary>
    private static int Last(ReadOnlySpan<T> items, TPlace place)
    {
        var (low, high) = (0, items.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            (low, high) = items[middle].Place.CompareTo(place) <= 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return high;
    }

    /// <summary>A walk over items in ascending order, without an allocation.</summary>
    public struct Walk(List<List<T>> chunks, int chunk, int index)
    {
        public readonly T Current => chunks[chunk][index];

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
