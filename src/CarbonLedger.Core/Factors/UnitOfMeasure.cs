namespace CarbonLedger.Core.Factors;

/// <summary>Units of activity quantities, and what one is in another by the field's definitions. Every ratio is exact.</summary>
public static class UnitOfMeasure
{
    /// <summary>1 kg of standard coal (标准煤) is 29,307.6 kJ (GB/T 2589), so 1 tce is 29.3076 GJ.</summary>
    public const decimal GigajoulesPerTonneOfStandardCoal = 29.3076m;

    private enum Dimension
    {
        Energy,
        Volume,
        Liquid,
        Mass,
        StandardCoal,
    }

    // In base units: MJ of energy, m³ of gas, L of liquid, kg of mass, tce.
    private static readonly Dictionary<string, (Dimension Of, decimal Base)> Known = new(StringComparer.Ordinal)
    {
        ["kWh"] = (Dimension.Energy, 3.6m),
        ["MWh"] = (Dimension.Energy, 3_600m),
        ["万kWh"] = (Dimension.Energy, 36_000m),
        ["MJ"] = (Dimension.Energy, 1m),
        ["GJ"] = (Dimension.Energy, 1_000m),
        ["m3"] = (Dimension.Volume, 1m),
        ["万m3"] = (Dimension.Volume, 10_000m),
        ["L"] = (Dimension.Liquid, 1m),
        ["kg"] = (Dimension.Mass, 1m),
        ["t"] = (Dimension.Mass, 1_000m),
        ["tce"] = (Dimension.StandardCoal, 1m),
    };

    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>The unit as it is kept (<c>m³</c> is <c>m3</c>, <c>度</c> is <c>kWh</c>); null when it is unknown.</summary>
    public static string? Parse(string text)
    {
        var unit = text switch
        {
            "m³" or "Nm3" or "Nm³" or "立方米" => "m3",
            "万m³" or "万立方米" => "万m3",
            "度" or "千瓦时" or "kwh" or "KWH" => "kWh",
            "兆瓦时" => "MWh",
            "万度" or "万千瓦时" => "万kWh",
            "吉焦" => "GJ",
            "兆焦" => "MJ",
            "千克" or "公斤" => "kg",
            "吨" => "t",
            "升" => "L",
            "吨标准煤" => "tce",
            _ => text,
        };
        return Known.ContainsKey(unit) ? unit : null;
    }

    /// <summary>How many of <paramref name="to"/> one <paramref name="from"/> is; null when it does not convert exactly.</summary>
    /// <param name="density">Kilograms per litre, for litres into a mass.</param>
    public static decimal? Ratio(string from, string to, decimal? density = null)
    {
        var ((source, sourceBase), (target, targetBase)) = (Known[from], Known[to]);
        return (source, target) switch
        {
            _ when source == target => Exactly(sourceBase, targetBase),
            (Dimension.Liquid, Dimension.Mass) when density is { } kilograms => Exactly(sourceBase * kilograms, targetBase),
            (Dimension.StandardCoal, Dimension.Energy) => Exactly(GigajoulesPerTonneOfStandardCoal * 1_000m, targetBase),
            _ => null,
        };
    }

    /// <summary>One GJ is 277.77… kWh: such a ratio is no decimal, so it does not convert.</summary>
    private static decimal? Exactly(decimal dividend, decimal divisor)
    {
        var ratio = dividend / divisor;
        return decimal.Round(ratio, 12) == ratio ? ratio / 1.000000000000000000000000000m : null;
    }
}
