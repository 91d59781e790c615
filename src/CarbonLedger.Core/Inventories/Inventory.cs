using CarbonLedger.Core.Factors;

namespace CarbonLedger.Core.Inventories;

/// <summary>What an inventory is about.</summary>
public enum BoundaryKind
{
    Building,
    Event,
    Park,
    Product,
}

/// <param name="Name">What it is called; no personal name stands here.</param>
public sealed record Boundary(BoundaryKind Kind, string Name);

/// <summary>Which figure of scope 2 the emissions count.</summary>
public enum Scope2Method
{
    LocationBased,
    MarketBased,
}

/// <summary>A line as it stands in the log: the quantity as it was given, and every value that its result needs.</summary>
/// <param name="Region">Where the activity is; null for the nation.</param>
/// <param name="Year">The year its factor was looked up for.</param>
/// <param name="UnitRatio">How many units of the factor one unit of the quantity is.</param>
/// <param name="MarketFactor">For grid electricity, where a factor without the non-fossil electricity sold under contract is published for the year.</param>
public sealed record InventoryLine(
    string Activity,
    string? Region,
    int Year,
    decimal Quantity,
    string Unit,
    int Scope,
    decimal? Density,
    decimal UnitRatio,
    UsedFactor Factor,
    UsedFactor? MarketFactor,
    string? EvidenceSha256,
    string? Note)
{
    /// <summary>The emissions of the line, with every decimal.</summary>
    public ExactMass Mass => ExactMass.Product(Quantity, UnitRatio, Factor.Factor.KilogramsPerUnit);
}

/// <summary>Everything that a restatement may change.</summary>
/// <param name="GreenCertificates">Numbers of green electricity certificates (绿证), each 1,000 kWh.</param>
public sealed record InventoryContent(Scope2Method Scope2Method, IReadOnlyList<InventoryLine> Lines, IReadOnlyList<string> GreenCertificates);

public abstract record InventoryEvent : LedgerEvent
{
    private InventoryEvent() { }

    /// <summary>What an organization emitted within a boundary and a period was put on record.</summary>
    public sealed record InventoryRecorded(InventoryId Inventory, OrganizationId Organization, Boundary Boundary, DatePeriod Period, InventoryContent Content)
        : InventoryEvent
    {
        public override Guid Stream => Inventory.Value;
    }

    /// <summary>The whole content anew; the one before stays readable.</summary>
    public sealed record InventoryRestated(InventoryId Inventory, InventoryContent Content, string Reason) : InventoryEvent
    {
        public override Guid Stream => Inventory.Value;
    }

    /// <summary>A claim was made about the inventory. Stands after <c>claim_drafted</c>.</summary>
    public sealed record InventoryClaimed(InventoryId Inventory, ClaimId Claim) : InventoryEvent
    {
        public override Guid Stream => Inventory.Value;
    }

    /// <summary>The claim was withdrawn; another one may be made.</summary>
    public sealed record InventoryUnclaimed(InventoryId Inventory, ClaimId Claim) : InventoryEvent
    {
        public override Guid Stream => Inventory.Value;
    }
}

/// <param name="Version">1, and one more with each restatement.</param>
/// <param name="Emissions">Of the newest version.</param>
/// <param name="GreenCertificates">Every number that any version named: none of them counts anywhere else.</param>
/// <param name="Claim">The claim about it that is not withdrawn.</param>
public sealed record InventoryState(
    InventoryId Inventory,
    OrganizationId Organization,
    Boundary Boundary,
    DatePeriod Period,
    int Version,
    Kilograms Emissions,
    IReadOnlyList<string> GreenCertificates,
    ClaimId? Claim) : State
{
    public override Guid Id => Inventory.Value;

    /// <summary>It may hold thousands of certificates, and is asked for a few times in its life.</summary>
    public override bool IsAtRest => true;
}

/// <summary>The result of an inventory: each scope with every decimal, and the emissions rounded up once.</summary>
public sealed record InventoryResult(ExactMass Scope1, ExactMass Scope2LocationBased, ExactMass Scope2MarketBased, ExactMass Scope3, ExactMass Total);

public static class Inventory
{
    /// <summary>The most lines; an event of this many is some 600 kB.</summary>
    public const int LinesMax = 1_000;

    public const int GreenCertificatesMax = 2_000;

    public const int KilowattHoursPerCertificate = 1_000;

    /// <summary>Ten gigatonnes, about what the nation emits in a year.</summary>
    public const long EmissionsKilogramsMax = 10_000_000_000_000;

    public static InventoryResult Result(InventoryContent content)
    {
        var (scope1, location, market, scope3) = (ExactMass.Zero, ExactMass.Zero, ExactMass.Zero, ExactMass.Zero);
        var certified = (decimal)content.GreenCertificates.Count * KilowattHoursPerCertificate;
        foreach (var line in content.Lines)
        {
            switch (line.Scope)
            {
                case 1:
                    scope1 += line.Mass;
                    break;
                case 2:
                    location += line.Mass;
                    market += MarketMass(line, ref certified);
                    break;
                default:
                    scope3 += line.Mass;
                    break;
            }
        }

        var scope2 = content.Scope2Method == Scope2Method.MarketBased ? market : location;
        return new InventoryResult(scope1, location, market, scope3, scope1 + scope2 + scope3);
    }

    /// <summary>The grid electricity of scope 2 in kWh: what green certificates may stand against.</summary>
    public static decimal KilowattHours(InventoryContent content) => content.Lines.Where(IsCertifiable).Sum(l => l.Quantity * l.UnitRatio);

    public static void Evolve(Register register, InventoryEvent fact)
    {
        var state = register.FindOrNull<InventoryState>(fact.Stream);
        switch (fact)
        {
            case InventoryEvent.InventoryRecorded e:
                register.Set(new InventoryState(e.Inventory, e.Organization, e.Boundary, e.Period, 1, Emissions(e.Content), e.Content.GreenCertificates, null));
                Take(register, e.Content.GreenCertificates);
                break;
            case InventoryEvent.InventoryRestated e:
                var added = e.Content.GreenCertificates.Except(state!.GreenCertificates).ToArray();
                register.Set(state with { Version = state.Version + 1, Emissions = Emissions(e.Content), GreenCertificates = [.. state.GreenCertificates, .. added] });
                Take(register, added);
                break;
            case InventoryEvent.InventoryClaimed e:
                register.Set(state! with { Claim = e.Claim });
                break;
            case InventoryEvent.InventoryUnclaimed:
                register.Set(state! with { Claim = null });
                break;
            default:
                throw new InvalidOperationException($"No arm for {fact.GetType().Name}.");
        }
    }

    public static Kilograms Emissions(InventoryContent content) =>
        Result(content).Total.RoundedUp() ?? throw new InvalidOperationException("An inventory beyond the greatest emissions was recorded.");

    /// <summary>C8: certificates lower the market-based figure of grid electricity and nothing else; the first lines first.</summary>
    private static ExactMass MarketMass(InventoryLine line, ref decimal certified)
    {
        var (factor, kilowattHours) = ((line.MarketFactor ?? line.Factor).Factor.KilogramsPerUnit, line.Quantity * line.UnitRatio);
        if (!IsCertifiable(line))
        {
            return ExactMass.Product(line.Quantity, line.UnitRatio, factor);
        }

        var covered = Math.Min(certified, kilowattHours);
        certified -= covered;
        return ExactMass.Product(kilowattHours - covered, 1, factor);
    }

    private static bool IsCertifiable(InventoryLine line) => line is { Scope: 2, Activity: Activity.GridElectricity, Factor.Factor.Unit: "kWh" };

    private static void Take(Register register, IEnumerable<string> certificates)
    {
        foreach (var number in certificates)
        {
            register.Take(UniqueName.GreenCertificate(number));
        }
    }
}
