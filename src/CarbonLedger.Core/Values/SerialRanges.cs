using System.Collections;
using System.Text.Json.Serialization;

namespace CarbonLedger.Core.Values;

/// <summary>Serial ranges of one voucher: ascending, disjoint, adjacent ones joined. Equal by content.</summary>
[JsonConverter(typeof(Log.SerialRangesJson))]
public sealed class SerialRanges : IReadOnlyList<SerialRange>, IEquatable<SerialRanges>
{
    public static readonly SerialRanges Empty = new([]);

    private readonly SerialRange[] ranges;

    private SerialRanges(SerialRange[] ranges) => this.ranges = ranges;

    public int Count => ranges.Length;

    public SerialRange this[int index] => ranges[index];

    public Kilograms Kilograms
    {
        get
        {
            var sum = 0L;
            foreach (var range in ranges)
            {
                sum += range.Count;
            }

            return Kilograms.FromKilograms(sum);
        }
    }

    /// <summary>Sorts and joins. Null when two of the ranges overlap.</summary>
    public static SerialRanges? Disjoint(IEnumerable<SerialRange> ranges)
    {
        var sorted = ranges.ToArray();
        Array.Sort(sorted);
        var joined = new List<SerialRange>(sorted.Length);
        foreach (var range in sorted)
        {
            if (joined.Count > 0 && range.First < joined[^1].EndExclusive)
            {
                return null;
            }

            if (joined.Count > 0 && range.First == joined[^1].EndExclusive)
            {
                joined[^1] = SerialRange.HalfOpen(joined[^1].First, range.EndExclusive);
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined.Count == 0 ? Empty : new SerialRanges([.. joined]);
    }

    /// <exception cref="ArgumentException">Two of the ranges overlap.</exception>
    public static SerialRanges Of(params IEnumerable<SerialRange> ranges) =>
        Disjoint(ranges) ?? throw new ArgumentException("Serial ranges overlap.", nameof(ranges));

    /// <summary>The serials of this that are not in <paramref name="other"/>.</summary>
    public SerialRanges Except(SerialRanges other)
    {
        var left = new List<SerialRange>(ranges.Length);
        var next = 0;
        foreach (var range in ranges)
        {
            var first = range.First;
            while (next < other.Count && other[next].EndExclusive <= first)
            {
                next++;
            }

            for (var i = next; i < other.Count && other[i].First < range.EndExclusive; i++)
            {
                if (other[i].First > first)
                {
                    left.Add(SerialRange.HalfOpen(first, other[i].First));
                }

                first = Math.Max(first, other[i].EndExclusive);
            }

            if (first < range.EndExclusive)
            {
                left.Add(SerialRange.HalfOpen(first, range.EndExclusive));
            }
        }

        return Of(left);
    }

    /// <summary>The serials of both.</summary>
    public SerialRanges Common(SerialRanges other) => Except(Except(other));

    /// <summary>True when every serial of <paramref name="other"/> is in this.</summary>
    public bool Contains(SerialRanges other) => other.Except(this).Count == 0;

    /// <summary>The lowest serials that make up <paramref name="quantity"/>; null when there are fewer.</summary>
    public SerialRanges? TakeLowest(Kilograms quantity)
    {
        var need = quantity.Value;
        var taken = new List<SerialRange>();
        foreach (var range in ranges)
        {
            if (need == 0)
            {
                break;
            }

            var count = Math.Min(need, range.Count);
            taken.Add(SerialRange.HalfOpen(range.First, range.First + count));
            need -= count;
        }

        return need == 0 ? Of(taken) : null;
    }

    public IEnumerator<SerialRange> GetEnumerator() => ((IEnumerable<SerialRange>)ranges).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(SerialRanges? other) => other is not null && ranges.AsSpan().SequenceEqual(other.ranges);

    public override bool Equals(object? obj) => Equals(obj as SerialRanges);

    public override int GetHashCode() => ranges.Length == 0 ? 0 : HashCode.Combine(ranges.Length, ranges[0], ranges[^1]);

    public override string ToString() => string.Join(", ", ranges);
}
