using System.Security.Cryptography;
using System.Text;

namespace CarbonLedger.Core.Factors;

/// <summary>What a factor counts.</summary>
public enum Calibre
{
    /// <summary>Combustion at the place itself (scope 1).</summary>
    Direct,

    /// <summary>The average of the grid or network that supplies the place.</summary>
    LocationBased,

    /// <summary>What is left of the grid once non-fossil electricity sold under contract is taken out.</summary>
    MarketBased,

    /// <summary>The grid's fossil generation alone.</summary>
    FossilOnly,
}

/// <summary>A published emission factor.</summary>
/// <param name="Region">As <see cref="Factors.Region"/> keeps it.</param>
/// <param name="Year">The year it is for; null when it is for any.</param>
/// <param name="KilogramsPerUnit">Kilograms of CO₂ equivalent per <paramref name="Unit"/>.</param>
/// <param name="SourceGrade">How close to the primary notice the figure was taken: <c>primary</c>, or <c>secondary</c>.</param>
public sealed record EmissionFactor(
    string Activity,
    string Region,
    int? Year,
    decimal KilogramsPerUnit,
    string Unit,
    string Gas,
    Calibre Calibre,
    string Publisher,
    string Publication,
    string SourceGrade)
{
    /// <summary>The greatest factor: a tonne of the strongest greenhouse gas is below it.</summary>
    public const decimal KilogramsPerUnitMax = 100_000_000m;

    /// <summary>The first half of a SHA-256 over what makes it one publication: the same publication has the same id everywhere.</summary>
    public EmissionFactorId Id => new(FactorSeries.IdOf($"{Activity}\n{Region}\n{Year}\n{Calibre}\n{Publication}"));

    public Guid Series => FactorSeries.IdOf(Activity, Region);
}

public abstract record EmissionFactorEvent : LedgerEvent
{
    private EmissionFactorEvent() { }

    /// <summary>The registrar added a publication to the factor library. Nothing is ever changed in it: a later row goes before an earlier one.</summary>
    public sealed record EmissionFactorPublished(EmissionFactor Factor) : EmissionFactorEvent
    {
        public override Guid Stream => Factor.Series;
    }
}

/// <summary>What was added to the library for one activity in one region, in the order in which it was published here.</summary>
public sealed record FactorSeriesState(string Activity, string Region, IReadOnlyList<EmissionFactor> Factors) : State
{
    public override Guid Id => FactorSeries.IdOf(Activity, Region);
}

public static class FactorSeries
{
    public static Guid IdOf(string activity, string region) => IdOf($"factor-series\n{activity}\n{region}");

    /// <summary>A UUID of version 8 made of a SHA-256: it is the same for the same text.</summary>
    internal static Guid IdOf(string text)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16);
        (bytes[6], bytes[8]) = ((byte)((bytes[6] & 0x0F) | 0x80), (byte)((bytes[8] & 0x3F) | 0x80));
        return new Guid(bytes, bigEndian: true);
    }

    public static FactorSeriesState Evolve(FactorSeriesState? state, EmissionFactorEvent fact) => fact switch
    {
        EmissionFactorEvent.EmissionFactorPublished e => new(e.Factor.Activity, e.Factor.Region, [.. state?.Factors ?? [], e.Factor]),
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };
}
