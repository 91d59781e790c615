using System.ComponentModel.DataAnnotations;
using CarbonLedger.Core.Electricity;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Inventories;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Electricity;

public static class ElectricityEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var organization = routes.MapGroup("/v1/organizations/{organizationId:guid}").WithTags("Electricity estimates");
        organization.Post("/electricity-calibrations", (HttpContext http, Guid organizationId) => CommandEndpoint.RunAsync(http, WireJson.Wire.CalibrationPost, wire => Calibrate(new OrganizationId(organizationId), wire)))
            .Describes<CalibrationPost>("Calibrate emissions on electricity (以电折碳)", "Fits a straight line with an intercept by ordinary least squares through periods whose electricity and emissions are both known, and tries it on the newest ones, which are held out. Read the line and its back-tested accuracy at Location.");
        organization.Get("/electricity-calibrations", (HttpContext http, Guid organizationId) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireCalibrationWire, async q =>
            {
                await q.Get<ThingReader>().FindAsync<OrganizationState>(organizationId, q, new Refusal.OrganizationNotFound(new OrganizationId(organizationId)));
                return PageWire.Of(q, await q.Get<ThingReader>().ListAsync<CalibrationState>("electricity_calibration", q, organizationId), CalibrationWire.Of);
            }))
            .Answers<PageWire<CalibrationWire>>("List calibrations", "Those of the organization, in the order in which they were made.", list: true);
        organization.Post("/electricity-estimates", (HttpContext http, Guid organizationId) => CommandEndpoint.RunAsync(http, WireJson.Wire.EstimatePost, wire => Estimate(new OrganizationId(organizationId), wire)))
            .Describes<EstimatePost>("Estimate days from their electricity", "Each day's kilograms by a calibration's line, labelled estimated. An estimate is never part of an inventory or of a claim. Read the days at Location with /estimates.");
        var calibration = routes.MapGroup("/v1/electricity-calibrations/{id:guid}").WithTags("Electricity estimates");
        calibration.Get("/", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.CalibrationWire, async q =>
                CalibrationWire.Of(await q.Get<ThingReader>().FindAsync<CalibrationState>(id, q, new Refusal.CalibrationNotFound(new CalibrationId(id))))))
            .Answers<CalibrationWire>("Get a calibration", "Its line, and its accuracy on the periods that it was not fitted on.");
        calibration.Get("/estimates", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.EstimatesWire, q => q.Get<ElectricityReader>().EstimatesAsync(new CalibrationId(id), q)))
            .Answers<EstimatesWire>("Estimated days of a calibration", "In the order of their dates; of a day that was estimated twice the later estimate.");
    }

    private static Posted Calibrate(OrganizationId organization, CalibrationPost wire)
    {
        if (wire.Periods.Count is 0 or > ElectricityCalibration.PeriodsMax)
        {
            throw Input.OutOfRange("periods", $"must have 1 to {ElectricityCalibration.PeriodsMax} entries");
        }

        if (wire.HeldOut < 1 || wire.HeldOut > wire.Periods.Count)
        {
            throw Input.OutOfRange("heldOut", "must be 1 or more, and at most the number of periods");
        }

        var periods = wire.Periods.Select((p, i) => Known(Input.Entry(p, $"periods[{i}]"), $"periods[{i}]")).ToArray();
        return new Posted(new CalibrateElectricity(new CalibrationId(Guid.CreateVersion7()), organization, periods, wire.HeldOut), AcceptedWire.Render, "/v1/electricity-calibrations/");
    }

    private static KnownPeriod Known(KnownPeriodWire wire, string member) => new(
        Input.Period(wire.Period, $"{member}.period"),
        KilowattHours(wire.KilowattHours, $"{member}.kilowattHours"),
        wire.Kilograms is >= 0 and <= SerialRange.SerialMax ? wire.Kilograms : throw Input.OutOfRange($"{member}.kilograms", $"must be 0 to {SerialRange.SerialMax}"));

    private static Posted Estimate(OrganizationId organization, EstimatePost wire)
    {
        if (wire.Days.Count is 0 or > ElectricityCalibration.DaysMax)
        {
            throw Input.OutOfRange("days", $"must have 1 to {ElectricityCalibration.DaysMax} entries");
        }

        var days = wire.Days.Select((d, i) => new DayReading(Input.Entry(d, $"days[{i}]").Date, KilowattHours(d.KilowattHours, $"days[{i}].kilowattHours"))).ToArray();
        return days.DistinctBy(d => d.Date).Count() == days.Length
            ? new Posted(new EstimateEmissions(wire.CalibrationId, organization, days), AcceptedWire.Render, "/v1/electricity-calibrations/")
            : throw Input.OutOfRange("days", "must name each day once");
    }

    private static decimal KilowattHours(DecimalWire wire, string member) => InventoryInput.Quantity(wire, member) is >= 0 and <= 1_000_000_000m and var value
        ? value
        : throw Input.OutOfRange(member, "must be 0 to 1000000000");
}

/// <summary>A period whose electricity and emissions are both known.</summary>
public sealed record KnownPeriodWire
{
    /// <summary>First and last day.</summary>
    public required PeriodWire Period { get; init; }

    /// <summary>Its electricity, 0 to 1,000,000,000: a number or a decimal string.</summary>
    public required DecimalWire KilowattHours { get; init; }

    /// <summary>Its actual emissions from all energy in whole kilograms, as an inventory found them.</summary>
    /// <example>90728</example>
    [Range(0, SerialRange.SerialMax)]
    public required long Kilograms { get; init; }
}

/// <summary>Periods to calibrate on.</summary>
public sealed record CalibrationPost
{
    /// <summary>At most 400, without overlap, in any order.</summary>
    public required IReadOnlyList<KnownPeriodWire> Periods { get; init; }

    /// <summary>How many of the newest are held out for the back-test, 1 or more; at least three must be left to fit.</summary>
    /// <example>3</example>
    public required int HeldOut { get; init; }
}

/// <summary>A calibration.</summary>
public sealed record CalibrationWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>The intercept: kilograms a day without any electricity.</summary>
    public required DecimalWire KilogramsPerDay { get; init; }

    /// <summary>The slope: kilograms per kilowatt-hour.</summary>
    public required DecimalWire KilogramsPerKilowattHour { get; init; }

    /// <summary>1 − |Σ estimate − Σ actual| ÷ Σ actual over the held-out periods, four decimals: 1 is perfect, and it may be negative. Absent when they have no emissions.</summary>
    /// <example>0.9812</example>
    public decimal? Accuracy { get; init; }

    /// <summary>Periods that the line was fitted on.</summary>
    public required int FittedPeriods { get; init; }

    /// <summary>Newer periods that it was tried on.</summary>
    public required int HeldOutPeriods { get; init; }

    public static CalibrationWire Of(CalibrationState s) => new()
    {
        Id = s.Id,
        OrganizationId = s.Organization,
        KilogramsPerDay = new DecimalWire(s.Line.KilogramsPerDay),
        KilogramsPerKilowattHour = new DecimalWire(s.Line.KilogramsPerKilowattHour),
        Accuracy = s.Accuracy,
        FittedPeriods = s.FittedPeriods,
        HeldOutPeriods = s.HeldOutPeriods,
    };
}

/// <summary>The electricity of a day.</summary>
public sealed record DayWire
{
    /// <summary>The day.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>Its electricity, 0 to 1,000,000,000: a number or a decimal string.</summary>
    public required DecimalWire KilowattHours { get; init; }
}

/// <summary>Days to estimate.</summary>
public sealed record EstimatePost
{
    /// <summary>A calibration of the same organization.</summary>
    public required CalibrationId CalibrationId { get; init; }

    /// <summary>1 to 400 days, each once.</summary>
    public required IReadOnlyList<DayWire> Days { get; init; }
}

/// <summary>A day's estimate.</summary>
public sealed record EstimatedDayWire
{
    /// <summary>The day.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>Its electricity.</summary>
    public required DecimalWire KilowattHours { get; init; }

    /// <summary>Kilograms with three decimals.</summary>
    public required DecimalWire Kilograms { get; init; }

    /// <summary>Always estimated.</summary>
    /// <example>estimated</example>
    public required string Basis { get; init; }
}

/// <summary>Estimated days.</summary>
public sealed record EstimatesWire
{
    /// <summary>The calibration whose line was used.</summary>
    public required CalibrationWire Calibration { get; init; }

    /// <summary>The days.</summary>
    public required IReadOnlyList<EstimatedDayWire> Days { get; init; }
}
