using CarbonLedger.Core.Factors;

namespace CarbonLedger.Core.Inventories;

/// <summary>A line as an organization gives it: what was used, and what it says about the factor.</summary>
/// <param name="Year">Null for the year in which the inventory's period ends.</param>
/// <param name="Scope">Null for the scope of the activity.</param>
/// <param name="FactorRegion">The region whose factor is used instead of the place's own; needs a reason.</param>
/// <param name="OwnFactor">A factor that is not in the library; needs a reason.</param>
public sealed record ActivityLine(
    string Activity,
    string? Region,
    int? Year,
    decimal Quantity,
    string Unit,
    int? Scope,
    decimal? Density,
    string? FactorRegion,
    EmissionFactor? OwnFactor,
    string? FactorReason,
    string? EvidenceSha256,
    string? Note);

/// <summary>What an inventory is made of, before factors are chosen.</summary>
public sealed record InventoryDraft(Scope2Method Scope2Method, IReadOnlyList<ActivityLine> Lines, IReadOnlyList<string> GreenCertificates)
{
    /// <summary>Names the factor series and the certificates.</summary>
    public void Collect(Needs needs)
    {
        foreach (var line in Lines.Where(l => l.OwnFactor is null))
        {
            if (Region.Parse(line.FactorRegion ?? line.Region ?? Region.Nation) is not { } region)
            {
                continue;
            }

            foreach (var series in FactorLookup.Series(line.Activity, region))
            {
                needs.State(series);
            }
        }

        foreach (var number in GreenCertificates)
        {
            needs.Unique(UniqueName.GreenCertificate(number));
        }
    }

    /// <summary>Chooses the factors; what cannot be right is refused, the first line first.</summary>
    /// <param name="counted">Certificates that this inventory has named before.</param>
    public (InventoryContent? Content, Refusal? Refusal) Resolve(Func<Guid, FactorSeriesState?> added, Func<UniqueName, bool> isTaken, DatePeriod period, IReadOnlyList<string> counted)
    {
        var lines = new InventoryLine[Lines.Count];
        for (var i = 0; i < lines.Length; i++)
        {
            var (line, refusal) = Resolve(added, Lines[i], i, period.Last.Year);
            if (line is null)
            {
                return (null, refusal);
            }

            lines[i] = line;
        }

        var content = new InventoryContent(Scope2Method, lines, GreenCertificates);
        var own = counted.ToHashSet(StringComparer.Ordinal);
        if (GreenCertificates.FirstOrDefault(n => !own.Contains(n) && isTaken(UniqueName.GreenCertificate(n))) is { } twice)
        {
            return (null, new Refusal.CertificateCountedAlready(twice));
        }

        var kilowattHours = Inventory.KilowattHours(content);
        if ((decimal)GreenCertificates.Count * Inventory.KilowattHoursPerCertificate > kilowattHours)
        {
            return (null, new Refusal.CertificatesExceedElectricity(GreenCertificates.Count, kilowattHours));
        }

        return Inventory.Result(content).Total.RoundedUp() is null
            ? (null, new Refusal.EmissionsOutOfRange())
            : (content, null);
    }

    /// <summary>One line with its factor; its refusal names the first reason.</summary>
    public static (InventoryLine? Line, Refusal? Refusal) Resolve(Func<Guid, FactorSeriesState?> added, ActivityLine line, int index, int periodYear)
    {
        var activity = Activity.Find(line.Activity);
        if (activity is null && line.OwnFactor is null)
        {
            return (null, new Refusal.ActivityUnknown(line.Activity));
        }

        if (UnitOfMeasure.Parse(line.Unit) is not { } unit)
        {
            return (null, new Refusal.UnitUnknown(line.Unit));
        }

        if (line.Quantity < 0)
        {
            return (null, new Refusal.QuantityNegative(index, line.Quantity));
        }

        if (Region.Parse(line.Region ?? Region.Nation) is not { } region)
        {
            return (null, new Refusal.RegionUnknown(line.Region!));
        }

        var year = line.Year ?? periodYear;
        var (used, refusal) = Choose(added, line, region, year);
        if (used is null)
        {
            return (null, refusal);
        }

        if (UnitOfMeasure.Ratio(unit, used.Factor.Unit, line.Density) is not { } ratio)
        {
            return (null, new Refusal.UnitNotConvertible(line.Unit, used.Factor.Unit, line.Activity));
        }

        var scope = line.Scope ?? activity?.Scope ?? 3;
        var market = scope == 2 && line.Activity == Activity.GridElectricity && line.OwnFactor is null && line.FactorRegion is null
            ? FactorLookup.Find(added, line.Activity, region, year, Calibre.MarketBased)
            : null;
        return (new InventoryLine(
            line.Activity,
            line.Region is null ? null : region,
            year,
            line.Quantity,
            unit,
            scope,
            line.Density,
            ratio,
            used,
            market is { EarlierYear: false } ? market : null,
            line.EvidenceSha256,
            line.Note), null);
    }

    private static (UsedFactor? Used, Refusal? Refusal) Choose(Func<Guid, FactorSeriesState?> added, ActivityLine line, string region, int year)
    {
        if (line.OwnFactor is { } own)
        {
            return (new UsedFactor(own, FactorChoice.StatedFactor, false, line.FactorReason), null);
        }

        if (Region.Parse(line.FactorRegion ?? region) is not { } factorRegion)
        {
            return (null, new Refusal.RegionUnknown(line.FactorRegion!));
        }

        if (factorRegion != region && line.FactorReason is null)
        {
            return (null, new Refusal.FactorOfAnotherRegion(region, factorRegion));
        }

        var calibre = Activity.Find(line.Activity)!.Scope == 1 ? Calibre.Direct : Calibre.LocationBased;
        var found = FactorLookup.Find(added, line.Activity, factorRegion, year, calibre);
        return found is null
            ? (null, new Refusal.EmissionFactorNotFound($"{line.Activity} in {Region.NameOf(factorRegion)}, {year}"))
            : (factorRegion == region ? found : found with { Choice = FactorChoice.StatedRegion, Reason = line.FactorReason }, null);
    }
}
