using System.Globalization;
using System.Numerics;

namespace CarbonLedger.Core.Inventories;

/// <summary>A mass in kilograms with every decimal: sums and products of decimals lose nothing, however long they get.</summary>
public readonly record struct ExactMass
{
    /// <summary>More decimals than a quantity, a ratio and a factor can have together.</summary>
    private const int Decimals = 84;

    private static readonly BigInteger One = BigInteger.Pow(10, Decimals);

    private readonly BigInteger scaled;

    private ExactMass(BigInteger scaled) => this.scaled = scaled;

    public static ExactMass Zero => default;

    public static ExactMass Product(decimal quantity, decimal ratio, decimal factor)
    {
        var ((a, aDecimals), (b, bDecimals), (c, cDecimals)) = (Parts(quantity), Parts(ratio), Parts(factor));
        return new ExactMass(a * b * c * BigInteger.Pow(10, Decimals - aDecimals - bDecimals - cDecimals));
    }

    public static ExactMass operator +(ExactMass a, ExactMass b) => new(a.scaled + b.scaled);
    public static ExactMass operator -(ExactMass a, ExactMass b) => new(a.scaled - b.scaled);
    public static bool operator <(ExactMass a, ExactMass b) => a.scaled < b.scaled;
    public static bool operator >(ExactMass a, ExactMass b) => a.scaled > b.scaled;

    /// <summary>Emissions round up, once, at the end; null beyond the greatest that an inventory may have.</summary>
    public Kilograms? RoundedUp()
    {
        var up = BigInteger.DivRem(scaled, One, out var rest) + (rest.Sign > 0 ? 1 : 0);
        return up >= 0 && up <= Inventory.EmissionsKilogramsMax ? Kilograms.FromKilograms((long)up) : null;
    }

    /// <summary>Every decimal, and no zero at the end: <c>43244</c>, <c>0.4955</c>.</summary>
    public override string ToString()
    {
        var whole = BigInteger.DivRem(BigInteger.Abs(scaled), One, out var rest);
        var text = rest.ToString(CultureInfo.InvariantCulture).PadLeft(Decimals, '0').TrimEnd('0');
        return (scaled.Sign < 0 ? "-" : "") + whole.ToString(CultureInfo.InvariantCulture) + (text.Length == 0 ? "" : "." + text);
    }

    private static (BigInteger Mantissa, int Decimals) Parts(decimal value)
    {
        var bits = decimal.GetBits(value);
        var mantissa = unchecked(((BigInteger)(uint)bits[2] << 64) | ((BigInteger)(uint)bits[1] << 32) | (uint)bits[0]);
        return (value < 0 ? -mantissa : mantissa, (bits[3] >> 16) & 0xFF);
    }
}
