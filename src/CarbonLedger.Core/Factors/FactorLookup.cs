namespace CarbonLedger.Core.Factors;

/// <summary>Why this row of the library was used.</summary>
public enum FactorChoice
{
    /// <summary>The row of the region that was asked for.</summary>
    Exact,

    /// <summary>The row of the grid region around it.</summary>
    RegionalFallback,

    /// <summary>The row of the nation.</summary>
    NationalFallback,

    /// <summary>The row of another region, named with a reason.</summary>
    StatedRegion,

    /// <summary>A factor of the line's own, given with a reason.</summary>
    StatedFactor,
}

/// <summary>A factor as a line uses it: its values, and why it was chosen.</summary>
/// <param name="EarlierYear">True when no row of the year that was asked for is published, and the newest earlier one is used.</param>
/// <param name="Reason">In the words of whoever named another region or another factor.</param>
public sealed record UsedFactor(EmissionFactor Factor, FactorChoice Choice, bool EarlierYear, string? Reason);

/// <summary>Finds the row for an activity, a region and a year.</summary>
/// <remarks>
/// The year weighs more than the place: of the newest year that is not after the one asked for, the region's row, else its grid region's, else the
/// nation's. A row without a year is for every year. Of two rows for the same the one that was published here last is used.
/// </remarks>
public static class FactorLookup
{
    /// <summary>The streams in which rows may stand.</summary>
    public static IEnumerable<Guid> Series(string activity, string region) => Region.Chain(region).Select(r => FactorSeries.IdOf(activity, r));

    /// <param name="added">What was added to the library in a series; null where nothing was.</param>
    /// <returns>Null when there is no row.</returns>
    public static UsedFactor? Find(Func<Guid, FactorSeriesState?> added, string activity, string region, int year, Calibre calibre)
    {
        var chain = Region.Chain(region);
        var best = chain
            .SelectMany((r, distance) => Rows(added, activity, r).Where(f => f.Calibre == calibre && (f.Year ?? year) <= year).Select((f, order) => (Factor: f, distance, order)))
            .OrderByDescending(c => c.Factor.Year ?? year)
            .ThenBy(c => c.distance)
            .ThenByDescending(c => c.order)
            .FirstOrDefault();
        if (best.Factor is not { } factor)
        {
            return null;
        }

        var choice = best.distance == 0 ? FactorChoice.Exact : factor.Region == Region.Nation ? FactorChoice.NationalFallback : FactorChoice.RegionalFallback;
        return new UsedFactor(factor, choice, (factor.Year ?? year) < year, null);
    }

    private static IEnumerable<EmissionFactor> Rows(Func<Guid, FactorSeriesState?> added, string activity, string region)
    {
        var series = FactorSeries.IdOf(activity, region);
        return FactorLibrary.Of(series).Concat(added(series)?.Factors ?? []);
    }
}
