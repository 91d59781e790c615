using CarbonLedger.Core.Factors;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Factors;

public static class EmissionFactorEndpoints
{
    private const string Path = "/v1/emission-factors/";

    private const int ActivityCharactersMax = 64;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/emission-factors").WithTags("Emission factors");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.EmissionFactorPost, Publish))
            .Describes<EmissionFactorPost>("Publish an emission factor", "Adds a publication to the factor library; only the registrar does. Nothing in the library is ever changed: of two rows for the same activity, region and year the later one is used from then on.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireEmissionFactorWire, q => q.Get<FactorReader>().ListAsync(q, http.Request.Query)))
            .Answers<PageWire<EmissionFactorWire>>("List emission factors", "The factor library: what comes with the program, and what was published since. Filter with activity, region (that region's own rows) and year.", list: true)
            .Asks("activity", Forms.Name(ActivityCharactersMax), "An activity, such as gridElectricity.")
            .Asks("region", Forms.Name(FactorInput.RegionCharactersMax), "A GB/T 2260 code, a province's Chinese name, a grid region, or CN.")
            .Asks("year", Forms.Whole(FactorInput.YearMin, FactorInput.YearMax), "A year; rows for any year are listed too.");
        group.Get("/lookup", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.UsedFactorWire, q => q.Get<FactorReader>().LookUpAsync(q, http.Request.Query)))
            .Answers<UsedFactorWire>("Look a factor up", "Which row an inventory would use for an activity, a region and a year, and why: exact, regionalFallback or nationalFallback, and whether an earlier year had to do.")
            .Asks("activity", Forms.Name(ActivityCharactersMax), "An activity, such as gridElectricity.", required: true)
            .Asks("region", Forms.Name(FactorInput.RegionCharactersMax), "Where; the nation when absent.")
            .Asks("year", Forms.Whole(FactorInput.YearMin, FactorInput.YearMax), "The year; the newest there is when absent.")
            .Asks("calibre", Forms.Words<Calibre>, "direct, locationBased, marketBased or fossilOnly; what an inventory uses when absent.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.EmissionFactorWire, q => q.Get<FactorReader>().ReadAsync(id, q)))
            .Answers<EmissionFactorWire>("Get an emission factor", "One row of the library with its source.");
    }

    private static Posted Publish(EmissionFactorPost wire) => new(
        new PublishEmissionFactor(new EmissionFactor(
            Input.Text(wire.Activity, "activity", ActivityCharactersMax),
            FactorInput.RegionOf(wire.Region),
            wire.Year is { } year ? FactorInput.Year(year, "year") : null,
            FactorInput.KilogramsPerUnit(wire.KilogramsPerUnit, "kilogramsPerUnit"),
            FactorInput.Unit(wire.Unit),
            Input.Text(wire.Gas ?? "CO2", "gas", 16),
            wire.Calibre,
            Input.Text(wire.Publisher, "publisher"),
            Input.Text(wire.Publication, "publication"),
            wire.SourceGrade is null or "primary" or "secondary" ? wire.SourceGrade ?? "primary" : throw Input.OutOfRange("sourceGrade", "is primary or secondary"))),
        AcceptedWire.Render,
        Path);
}

/// <summary>What several routes ask of factors.</summary>
public static class FactorInput
{
    public const int RegionCharactersMax = 64;

    public const int YearMin = 1990;

    public const int YearMax = 2200;

    /// <exception cref="BadInputException">The text names no region.</exception>
    public static string RegionOf(string text) => Region.Parse(Input.Text(text, "region", RegionCharactersMax)) ?? throw new RefusedException(new Refusal.RegionUnknown(text));

    public static int Year(int year, string member) => year is >= YearMin and <= YearMax ? year : throw Input.OutOfRange(member, $"must be {YearMin} to {YearMax}");

    public static decimal KilogramsPerUnit(DecimalWire wire, string member) =>
        wire.Value is >= 0 and <= EmissionFactor.KilogramsPerUnitMax && decimal.Round(wire.Value, 10) == wire.Value
            ? wire.Value
            : throw Input.OutOfRange(member, $"must be 0 to {EmissionFactor.KilogramsPerUnitMax} kilograms with at most ten decimals");

    public static string Unit(string text) => UnitOfMeasure.Parse(Input.Text(text, "unit", 16)) ?? throw new RefusedException(new Refusal.UnitUnknown(text));
}

/// <summary>A factor to add to the library.</summary>
public record EmissionFactorPost
{
    /// <summary>One of the library's activities.</summary>
    /// <example>gridElectricity</example>
    public required string Activity { get; init; }

    /// <summary>A GB/T 2260 code, a province's Chinese name, a grid region such as 西北, or CN.</summary>
    /// <example>620000</example>
    public required string Region { get; init; }

    /// <summary>The year it is for, 1990 to 2200; absent when it is for any year.</summary>
    /// <example>2023</example>
    public int? Year { get; init; }

    /// <summary>Kilograms of CO₂ equivalent per unit, 0 to 100,000,000, at most ten decimals: a number or a decimal string.</summary>
    public required DecimalWire KilogramsPerUnit { get; init; }

    /// <summary>The unit, of the activity's own kind: kWh, GJ, m3, kg.</summary>
    /// <example>kWh</example>
    public required string Unit { get; init; }

    /// <summary>The gas that it counts; CO2 when absent.</summary>
    /// <example>CO2</example>
    public string? Gas { get; init; }

    /// <summary>What it counts.</summary>
    /// <example>locationBased</example>
    public required Calibre Calibre { get; init; }

    /// <summary>Who published it.</summary>
    /// <example>MEE/NBS</example>
    public required string Publisher { get; init; }

    /// <summary>The notice or standard it stands in, with its date.</summary>
    /// <example>MEE/NBS announcement (example)</example>
    public required string Publication { get; init; }

    /// <summary>primary when the figure was taken from the notice itself, secondary when from somebody who cites it; primary when absent.</summary>
    /// <example>primary</example>
    public string? SourceGrade { get; init; }
}

/// <summary>A row of the factor library.</summary>
public sealed record EmissionFactorWire : EmissionFactorPost
{
    /// <summary>Its id: made of what it is, so the same publication has the same id everywhere.</summary>
    public required Guid Id { get; init; }

    /// <summary>The region's Chinese name.</summary>
    /// <example>甘肃</example>
    public required string RegionName { get; init; }

    public static EmissionFactorWire Of(EmissionFactor f) => new()
    {
        Id = f.Id.Value,
        Activity = f.Activity,
        Region = f.Region,
        RegionName = Core.Factors.Region.NameOf(f.Region),
        Year = f.Year,
        KilogramsPerUnit = new DecimalWire(f.KilogramsPerUnit),
        Unit = f.Unit,
        Gas = f.Gas,
        Calibre = f.Calibre,
        Publisher = f.Publisher,
        Publication = f.Publication,
        SourceGrade = f.SourceGrade,
    };
}

/// <summary>A factor as it is used, and why.</summary>
public sealed record UsedFactorWire
{
    /// <summary>The row, or the factor that was given with the line.</summary>
    public required EmissionFactorWire Factor { get; init; }

    /// <summary>exact: the region's own row; regionalFallback: its grid region's; nationalFallback: the nation's; statedRegion: another region's, with a reason; statedFactor: one given with the line, with a reason.</summary>
    /// <example>exact</example>
    public required FactorChoice Choice { get; init; }

    /// <summary>True when the year asked for has no row, and the newest earlier one is used.</summary>
    public required bool EarlierYear { get; init; }

    /// <summary>The choice as a sentence.</summary>
    public required string Explanation { get; init; }

    /// <summary>The reason given for another region's factor, or for a factor of one's own.</summary>
    public string? Reason { get; init; }

    /// <param name="region">The region that a factor was looked for in.</param>
    public static UsedFactorWire Of(UsedFactor used, string region) => new()
    {
        Factor = EmissionFactorWire.Of(used.Factor),
        Choice = used.Choice,
        EarlierYear = used.EarlierYear,
        Explanation = Explain(used, region),
        Reason = used.Reason,
    };

    private static string Explain(UsedFactor used, string region)
    {
        var (place, year) = (Region.NameOf(used.Factor.Region), used.Factor.Year is { } y ? $"of {y}" : "for any year");
        var row = used.Choice switch
        {
            FactorChoice.Exact => $"The row of {place} {year}.",
            FactorChoice.RegionalFallback => $"The region has no row of its own; that of its grid region {place} {year} is used.",
            FactorChoice.NationalFallback => $"{WhyTheNations(region)}; that of the nation {year} is used.",
            FactorChoice.StatedRegion => $"The row of {place} {year}, another region, named with a reason.",
            FactorChoice.StatedFactor => "A factor that is not in the library, given with a reason.",
        };
        return used.EarlierYear ? row + " No row is published for the year asked for." : row;
    }

    private static string WhyTheNations(string region) => Region.NameOf(region) switch
    {
        "内蒙古" => "内蒙古 has no row of its own and lies in two grid regions, neither of which stands for the whole",
        "西藏" => "西藏 has no row of its own and lies in no grid region that is published",
        var name when Region.Chain(region).Count < 3 => $"The grid region {name} has no row",
        _ => "Neither the region nor its grid region has a row",
    };
}
