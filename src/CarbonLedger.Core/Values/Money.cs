using System.Globalization;
using System.Text.Json.Serialization;

namespace CarbonLedger.Core.Values;

/// <summary>An amount in Chinese yuan (CNY), exact to the fen (two decimals). Never a binary fraction.</summary>
/// <remarks>Range: 0.00 to 999,999,999,999.99. <c>default</c> is <see cref="Zero"/>.</remarks>
[JsonConverter(typeof(Log.MoneyJson))]
public readonly record struct Money : IComparable<Money>
{
    /// <summary>The greatest amount: twelve digits before the point keep every product with kilograms far inside a decimal.</summary>
    public const decimal AmountMax = 999_999_999_999.99m;

    private Money(decimal amount) => Amount = amount;

    public static Money Zero => default;

    /// <summary>The amount in yuan.</summary>
    public decimal Amount { get; }

    /// <summary>Null when the amount is negative, too great, or has a third decimal that is not zero.</summary>
    public static Money? Exactly(decimal amount) =>
        amount is >= 0 and <= AmountMax && decimal.Round(amount, 2) == amount ? new Money(amount) : null;

    /// <summary>Rounds half away from zero to the fen, as every computed amount of the register is.</summary>
    public static Money Rounded(decimal amount) =>
        Exactly(decimal.Round(amount, 2, MidpointRounding.AwayFromZero))
        ?? throw new OverflowException($"{amount} yuan is outside the range of an amount.");

    /// <summary>Reads a decimal string such as <c>"495000.00"</c> or <c>"41.9"</c>: digits, a point, at most two decimals; no sign, exponent or blanks.</summary>
    public static Money? Parse(string text) => DecimalText.Read(text, decimalsMax: 2) is { } amount ? Exactly(amount) : null;

    public static Money Lesser(Money a, Money b) => a < b ? a : b;

    public static Money operator +(Money a, Money b) => Rounded(a.Amount + b.Amount);
    public static Money operator -(Money a, Money b) => Rounded(a.Amount - b.Amount);
    public static bool operator <(Money a, Money b) => a.Amount < b.Amount;
    public static bool operator >(Money a, Money b) => a.Amount > b.Amount;
    public static bool operator <=(Money a, Money b) => a.Amount <= b.Amount;
    public static bool operator >=(Money a, Money b) => a.Amount >= b.Amount;
    public int CompareTo(Money other) => Amount.CompareTo(other.Amount);

    /// <summary>Two decimals always: <c>503280.00</c>.</summary>
    public override string ToString() => Amount.ToString("0.00", CultureInfo.InvariantCulture);
}

/// <summary>A price in CNY per tonne of CO₂ equivalent, with up to four decimals.</summary>
/// <remarks>Range: above 0 to 999,999.9999.</remarks>
[JsonConverter(typeof(Log.PricePerTonneJson))]
public readonly record struct PricePerTonne
{
    public const decimal AmountMax = 999_999.9999m;

    private PricePerTonne(decimal amount) => Amount = amount;

    /// <summary>Yuan per tonne.</summary>
    public decimal Amount { get; }

    public static PricePerTonne? Exactly(decimal amount) =>
        amount is > 0 and <= AmountMax && decimal.Round(amount, 4) == amount ? new PricePerTonne(amount) : null;

    /// <summary>Reads a decimal string such as <c>"41.94"</c>, with at most four decimals.</summary>
    public static PricePerTonne? Parse(string text) => DecimalText.Read(text, decimalsMax: 4) is { } amount ? Exactly(amount) : null;

    /// <summary>price × tonnes, rounded half away from zero to the fen.</summary>
    /// <exception cref="OverflowException">The product is more than an amount can be; <see cref="YuanOf"/> tells before.</exception>
    public Money Of(Kilograms quantity) => Money.Rounded(YuanOf(quantity));

    /// <summary>As <see cref="Of"/>, but a plain number of yuan: it may be more than an amount can be.</summary>
    public decimal YuanOf(Kilograms quantity) => decimal.Round(Amount * quantity.Tonnes, 2, MidpointRounding.AwayFromZero);

    /// <summary>At least two decimals: <c>41.94</c>, <c>41.9375</c>.</summary>
    public override string ToString() => Amount.ToString("0.00##", CultureInfo.InvariantCulture);
}

/// <summary>A yearly rate of interest as a ratio: 0.0435 is 4.35 %.</summary>
/// <remarks>Range: 0 to 1, with up to six decimals.</remarks>
[JsonConverter(typeof(Log.AnnualRateJson))]
public readonly record struct AnnualRate
{
    private AnnualRate(decimal ratio) => Ratio = ratio;

    public decimal Ratio { get; }

    public static AnnualRate? Exactly(decimal ratio) =>
        ratio is >= 0 and <= 1 && decimal.Round(ratio, 6) == ratio ? new AnnualRate(ratio) : null;

    public override string ToString() => Ratio.ToString("0.00####", CultureInfo.InvariantCulture);
}

/// <summary>Decimal text as the wire and the log write it.</summary>
internal static class DecimalText
{
    /// <summary>Null unless the text is one to twelve digits and, after a point, one to <paramref name="decimalsMax"/> digits.</summary>
    public static decimal? Read(string text, int decimalsMax)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? "" : text[(point + 1)..];
        if (whole.Length is 0 or > 12 || (point >= 0 && (fraction.Length == 0 || fraction.Length > decimalsMax)))
        {
            return null;
        }

        return whole.All(char.IsAsciiDigit) && fraction.All(char.IsAsciiDigit)
            ? decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture)
            : null;
    }
}
