using CarbonLedger.Core.Inventories;
using CarbonLedger.Server.Factors;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Inventories;

/// <summary>A factor that is not in the library.</summary>
public sealed record OwnFactorWire
{
    /// <summary>Kilograms of CO₂ equivalent per unit, 0 to 100,000,000, at most ten decimals: a number or a decimal string.</summary>
    public required DecimalWire KilogramsPerUnit { get; init; }

    /// <summary>Its unit.</summary>
    /// <example>kg</example>
    public required string Unit { get; init; }

    /// <summary>Who published it.</summary>
    /// <example>Waste operator (example)</example>
    public required string Publisher { get; init; }

    /// <summary>Where it stands.</summary>
    /// <example>Annual report 2021 (example)</example>
    public required string Publication { get; init; }

    /// <summary>The year it is for, 1990 to 2200.</summary>
    /// <example>2021</example>
    public int? Year { get; init; }

    /// <summary>The gas that it counts; CO2 when absent.</summary>
    /// <example>CO2e</example>
    public string? Gas { get; init; }
}

/// <summary>What was used.</summary>
public sealed record ActivityLineWire
{
    /// <summary>gridElectricity, purchasedHeat, naturalGas, petrol, diesel, lpg, kerosene, fuelOil, rawCoal or coke; with a factor of your own any name.</summary>
    /// <example>gridElectricity</example>
    public required string Activity { get; init; }

    /// <summary>Where: a GB/T 2260 code, a province's Chinese name, a grid region, or CN; the nation when absent.</summary>
    /// <example>甘肃</example>
    public string? Region { get; init; }

    /// <summary>The year whose factor is looked up; the year in which the period ends when absent.</summary>
    /// <example>2021</example>
    public int? Year { get; init; }

    /// <summary>How much, 0 or more, at most six decimals: a number or a decimal string.</summary>
    public required DecimalWire Quantity { get; init; }

    /// <summary>kWh, MWh, 万kWh, MJ, GJ, m3, 万m3, L, kg, t or tce. It must convert exactly into the factor's unit.</summary>
    /// <example>kWh</example>
    public required string Unit { get; init; }

    /// <summary>1, 2 or 3; the activity's own when absent.</summary>
    /// <example>2</example>
    public int? Scope { get; init; }

    /// <summary>Kilograms per litre, for litres of a fuel whose factor is per kilogram.</summary>
    public DecimalWire? Density { get; init; }

    /// <summary>Use this region's factor instead of the place's own; needs a factorReason.</summary>
    /// <example>甘肃</example>
    public string? FactorRegion { get; init; }

    /// <summary>Use this factor instead of the library's; needs a factorReason.</summary>
    public OwnFactorWire? Factor { get; init; }

    /// <summary>Why another region's factor, or one of your own, is right here; at most 1,000 characters.</summary>
    /// <example>The building is supplied from the neighbouring province.</example>
    public string? FactorReason { get; init; }

    /// <summary>SHA-256 of the bill or meter reading, 64 hexadecimal digits.</summary>
    /// <example>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</example>
    public string? EvidenceSha256 { get; init; }

    /// <summary>A remark, at most 200 characters.</summary>
    /// <example>Bills of January to December</example>
    public string? Note { get; init; }
}

/// <summary>An inventory to record.</summary>
public sealed record InventoryPost
{
    /// <summary>Whose emissions they are.</summary>
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>What it is about.</summary>
    public required BoundaryWire Boundary { get; init; }

    /// <summary>First and last day.</summary>
    public required PeriodWire Period { get; init; }

    /// <summary>1 to 1,000 lines.</summary>
    public required IReadOnlyList<ActivityLineWire> Lines { get; init; }

    /// <summary>Which figure of scope 2 the emissions count; locationBased when absent.</summary>
    /// <example>locationBased</example>
    public Scope2Method? Scope2Method { get; init; }

    /// <summary>Numbers of green electricity certificates (绿证), each 1,000 kWh, at most 2,000. They lower the market-based figure only, and each counts once in the register.</summary>
    public IReadOnlyList<string>? GreenCertificates { get; init; }
}

/// <summary>What an inventory says from now on.</summary>
public sealed record RestatementPost
{
    /// <summary>All lines anew, 1 to 1,000.</summary>
    public required IReadOnlyList<ActivityLineWire> Lines { get; init; }

    /// <summary>Which figure of scope 2 the emissions count; locationBased when absent.</summary>
    /// <example>locationBased</example>
    public Scope2Method? Scope2Method { get; init; }

    /// <summary>All certificates anew. One that is left out stays with this inventory and counts nowhere else.</summary>
    public IReadOnlyList<string>? GreenCertificates { get; init; }

    /// <summary>Why, at most 1,000 characters.</summary>
    /// <example>The December bill was missing.</example>
    public required string Reason { get; init; }
}

/// <summary>A line with its result.</summary>
public sealed record InventoryLineWire
{
    /// <summary>The activity.</summary>
    public required string Activity { get; init; }

    /// <summary>Where, as the library keeps it; absent for the nation.</summary>
    public string? Region { get; init; }

    /// <summary>The year whose factor was looked up.</summary>
    public required int Year { get; init; }

    /// <summary>The quantity as it was given.</summary>
    public required DecimalWire Quantity { get; init; }

    /// <summary>Its unit.</summary>
    public required string Unit { get; init; }

    /// <summary>1, 2 or 3.</summary>
    public required int Scope { get; init; }

    /// <summary>Kilograms per litre, where litres were converted.</summary>
    public DecimalWire? Density { get; init; }

    /// <summary>How many units of the factor one unit of the quantity is.</summary>
    public required DecimalWire UnitRatio { get; init; }

    /// <summary>The factor that was used, with its values, and why.</summary>
    public required UsedFactorWire Factor { get; init; }

    /// <summary>The factor of the market-based figure, where it is another one.</summary>
    public UsedFactorWire? MarketFactor { get; init; }

    /// <summary>quantity × unitRatio × factor, with every decimal.</summary>
    /// <example>495500</example>
    public required string Kilograms { get; init; }

    /// <summary>SHA-256 of the bill or meter reading.</summary>
    public string? EvidenceSha256 { get; init; }

    /// <summary>The remark.</summary>
    public string? Note { get; init; }
}

/// <summary>The sums per scope in kilograms, with every decimal: nothing is rounded here.</summary>
public sealed record ScopesWire
{
    /// <summary>Combustion on the spot.</summary>
    public required string Scope1 { get; init; }

    /// <summary>Purchased electricity and heat by the averages of grid and network.</summary>
    public required string Scope2LocationBased { get; init; }

    /// <summary>The same less what green certificates stand for, by the factor without electricity sold under contract where one is published.</summary>
    public required string Scope2MarketBased { get; init; }

    /// <summary>Everything else.</summary>
    public required string Scope3 { get; init; }
}

/// <summary>An inventory without its lines.</summary>
public record InventoryHeadWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose emissions they are.</summary>
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>What it is about.</summary>
    public required BoundaryWire Boundary { get; init; }

    /// <summary>First and last day.</summary>
    public required PeriodWire Period { get; init; }

    /// <summary>1, and one more with each restatement.</summary>
    public required int Version { get; init; }

    /// <summary>Whole kilograms of CO₂ equivalent, rounded up once.</summary>
    /// <example>1088744</example>
    public required long Emissions { get; init; }

    /// <summary>The claim about it that is not withdrawn.</summary>
    public ClaimId? ClaimId { get; init; }

    public static InventoryHeadWire Of(InventoryState s) => new()
    {
        Id = s.Id,
        OrganizationId = s.Organization,
        Boundary = new BoundaryWire { Kind = s.Boundary.Kind, Name = s.Boundary.Name },
        Period = new PeriodWire { First = s.Period.First, Last = s.Period.Last },
        Version = s.Version,
        Emissions = s.Emissions.Value,
        ClaimId = s.Claim,
    };
}

/// <summary>An inventory in one of its versions.</summary>
public sealed record InventoryWire : InventoryHeadWire
{
    /// <summary>The sums per scope.</summary>
    public required ScopesWire Scopes { get; init; }

    /// <summary>Which figure of scope 2 the emissions count.</summary>
    public required Scope2Method Scope2Method { get; init; }

    /// <summary>The lines in their order.</summary>
    public required IReadOnlyList<InventoryLineWire> Lines { get; init; }

    /// <summary>The certificates of this version.</summary>
    public required IReadOnlyList<string> GreenCertificates { get; init; }

    /// <summary>Why it was restated; absent in version 1.</summary>
    public string? RestatementReason { get; init; }

    /// <summary>The newest version there is.</summary>
    public required int NewestVersion { get; init; }

    /// <summary>When this version was recorded, in UTC.</summary>
    public required Instant RecordedAt { get; init; }

    /// <summary>The log position of this version.</summary>
    public required long LogIndex { get; init; }
}
