using System.Text.Json.Serialization;

namespace CarbonLedger.Core.Values;

/// <summary>A mass of greenhouse gas in whole kilograms of CO₂ equivalent (kgCO₂e).</summary>
/// <remarks>Range: 0 to 2⁶³−1. <c>default</c> is <see cref="Zero"/>. Arithmetic is checked.</remarks>
[JsonConverter(typeof(Log.KilogramsJson))]
public readonly record struct Kilograms : IComparable<Kilograms>
{
    private Kilograms(long value) => Value = value;

    public static Kilograms Zero => default;

    /// <summary>The number of kilograms.</summary>
    public long Value { get; }

    /// <summary>The mass in tonnes, with up to three decimals.</summary>
    public decimal Tonnes => Value / 1000m;

    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public static Kilograms FromKilograms(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return new Kilograms(value);
    }

    /// <exception cref="ArgumentOutOfRangeException">The value is negative or has a fourth decimal.</exception>
    public static Kilograms FromTonnes(decimal tonnes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tonnes);
        var kilograms = tonnes * 1000m;
        if (kilograms != decimal.Truncate(kilograms))
        {
            throw new ArgumentOutOfRangeException(nameof(tonnes), tonnes, "A mass has whole kilograms: at most three decimals of a tonne.");
        }

        return new Kilograms((long)kilograms);
    }

    public static Kilograms operator +(Kilograms a, Kilograms b) => new(a.Value + b.Value);
    public static Kilograms operator -(Kilograms a, Kilograms b) => FromKilograms(a.Value - b.Value);
    public static bool operator <(Kilograms a, Kilograms b) => a.Value < b.Value;
    public static bool operator >(Kilograms a, Kilograms b) => a.Value > b.Value;
    public static bool operator <=(Kilograms a, Kilograms b) => a.Value <= b.Value;
    public static bool operator >=(Kilograms a, Kilograms b) => a.Value >= b.Value;
    public int CompareTo(Kilograms other) => Value.CompareTo(other.Value);
    public override string ToString() => $"{Value} kg";
}
