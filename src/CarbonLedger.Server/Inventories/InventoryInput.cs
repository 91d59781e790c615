using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Server.Factors;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Inventories;

/// <summary>From wire lines to activity lines.</summary>
public static class InventoryInput
{
    public const decimal QuantityMax = 1_000_000_000_000m;

    private const decimal DensityMax = 100m;

    public static InventoryDraft Draft(Scope2Method? method, IReadOnlyList<ActivityLineWire> lines, IReadOnlyList<string>? certificates)
    {
        if (lines.Count is 0 or > Inventory.LinesMax)
        {
            throw Input.OutOfRange("lines", $"must have 1 to {Inventory.LinesMax} entries");
        }

        return new InventoryDraft(
            method ?? Scope2Method.LocationBased,
            [.. lines.Select((l, i) => Line(Input.Entry(l, $"lines[{i}]"), $"lines[{i}]"))],
            Certificates(certificates ?? []));
    }

    public static Boundary Boundary(BoundaryWire wire) => new(wire.Kind, Input.Text(wire.Name, "boundary"));

    public static ActivityLine Line(ActivityLineWire wire, string member)
    {
        var activity = Input.Text(wire.Activity, $"{member}.activity", 64);
        var reason = Input.Optional(wire.FactorReason, $"{member}.factorReason", Input.ReasonCharactersMax);
        if (wire.Factor is not null && (reason is null || wire.FactorRegion is not null))
        {
            throw Input.OutOfRange($"{member}.factor", "needs a factorReason and excludes factorRegion");
        }

        return new ActivityLine(
            activity,
            Input.Optional(wire.Region, $"{member}.region", 64),
            wire.Year is { } year ? FactorInput.Year(year, $"{member}.year") : null,
            Quantity(wire.Quantity, $"{member}.quantity"),
            Input.Text(wire.Unit, $"{member}.unit", 16),
            wire.Scope is { } scope ? Scope(scope, Activity.Find(activity), member) : null,
            wire.Density is { } density ? Density(density.Value, $"{member}.density") : null,
            Input.Optional(wire.FactorRegion, $"{member}.factorRegion", 64),
            wire.Factor is { } own ? OwnFactor(own, activity, wire.Scope, $"{member}.factor") : null,
            reason,
            wire.EvidenceSha256 is { } hash ? Input.Sha256(hash, $"{member}.evidenceSha256") : null,
            Input.Optional(wire.Note, $"{member}.note"));
    }

    public static decimal Quantity(DecimalWire wire, string member) =>
        Math.Abs(wire.Value) <= QuantityMax && decimal.Round(wire.Value, 6) == wire.Value
            ? wire.Value
            : throw Input.OutOfRange(member, $"must be 0 to {QuantityMax} with at most six decimals");

    /// <summary>An activity of the library belongs to its own scope, or to scope 3 where somebody else causes it.</summary>
    private static int Scope(int scope, Activity? activity, string member) => scope is >= 1 and <= 3 && (activity is null || scope == activity.Scope || scope == 3)
        ? scope
        : throw Input.OutOfRange($"{member}.scope", activity is null ? "must be 1, 2 or 3" : $"must be {activity.Scope} or 3 for {activity.Name}");

    private static decimal Density(decimal density, string member) => density is > 0 and <= DensityMax && decimal.Round(density, 6) == density
        ? density
        : throw Input.OutOfRange(member, $"must be above 0 and at most {DensityMax} kilograms per litre with at most six decimals");

    private static EmissionFactor OwnFactor(OwnFactorWire wire, string activity, int? scope, string member) => new(
        activity,
        Region.Nation,
        wire.Year is { } year ? FactorInput.Year(year, $"{member}.year") : null,
        FactorInput.KilogramsPerUnit(wire.KilogramsPerUnit, $"{member}.kilogramsPerUnit"),
        FactorInput.Unit(wire.Unit),
        Input.Text(wire.Gas ?? "CO2", $"{member}.gas", 16),
        (scope ?? Activity.Find(activity)?.Scope ?? 3) == 1 ? Calibre.Direct : Calibre.LocationBased,
        Input.Text(wire.Publisher, $"{member}.publisher"),
        Input.Text(wire.Publication, $"{member}.publication"),
        "stated");

    private static string[] Certificates(IReadOnlyList<string> numbers)
    {
        if (numbers.Count > Inventory.GreenCertificatesMax)
        {
            throw Input.OutOfRange("greenCertificates", $"must have at most {Inventory.GreenCertificatesMax} entries");
        }

        // Upper case and one form: the same certificate must not count twice because it was typed differently.
        var certificates = numbers.Select((n, i) => HalfWidth.Of(Input.Code(Input.Entry(n, $"greenCertificates[{i}]"), $"greenCertificates[{i}]")).Trim().ToUpperInvariant()).ToArray();
        return certificates.Distinct(StringComparer.Ordinal).Count() == certificates.Length
            ? certificates
            : throw Input.OutOfRange("greenCertificates", "must name each certificate once");
    }
}
