using System.Text.Json.Serialization;

namespace CarbonLedger.Core.Values;

/// <summary>Consecutive serials of one voucher, <c>[First, EndExclusive)</c>, never empty; inclusive only in text and on the wire.</summary>
/// <remarks>Serials start at 1; a serial has at most ten digits.</remarks>
[JsonConverter(typeof(Log.SerialRangeJson))]
public readonly record struct SerialRange : IComparable<SerialRange>
{
    /// <summary>The greatest serial: ten digits in the canonical text.</summary>
    public const long SerialMax = 9_999_999_999;

    private SerialRange(long first, long endExclusive) => (First, EndExclusive) = (first, endExclusive);

    public long First { get; }

    public long EndExclusive { get; }

    /// <summary>The last serial, inclusive.</summary>
    public long Last => EndExclusive - 1;

    public long Count => EndExclusive - First;

    /// <exception cref="ArgumentOutOfRangeException">Not 1 ≤ first ≤ last ≤ <see cref="SerialMax"/>.</exception>
    public static SerialRange Inclusive(long first, long last)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, SerialMax);
        return new SerialRange(first, last + 1);
    }

    public static SerialRange HalfOpen(long first, long endExclusive) => Inclusive(first, endExclusive - 1);

    public bool Overlaps(SerialRange other) => First < other.EndExclusive && other.First < EndExclusive;

    /// <summary>The serials of both.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They share none.</exception>
    public SerialRange Common(SerialRange other) => HalfOpen(Math.Max(First, other.First), Math.Min(EndExclusive, other.EndExclusive));

    public static bool operator <(SerialRange a, SerialRange b) => a.First < b.First;
    public static bool operator >(SerialRange a, SerialRange b) => a.First > b.First;
    public static bool operator <=(SerialRange a, SerialRange b) => a.First <= b.First;
    public static bool operator >=(SerialRange a, SerialRange b) => a.First >= b.First;
    public int CompareTo(SerialRange other) => First.CompareTo(other.First);
    public override string ToString() => First == Last ? $"{First}" : $"{First}–{Last}";
}
