namespace CarbonLedger.Core.Electricity;

/// <summary>A period whose electricity and whose emissions are both known.</summary>
/// <param name="Kilograms">The actual emissions, whole kilograms.</param>
public sealed record KnownPeriod(DatePeriod Period, decimal KilowattHours, long Kilograms)
{
    public int Days => NodaTime.Period.DaysBetween(Period.First, Period.Last) + 1;
}

/// <summary>The electricity of one day.</summary>
public sealed record DayReading(LocalDate Date, decimal KilowattHours);

/// <summary>A day's estimated emissions. An estimate is never part of an inventory.</summary>
public sealed record DayEstimate(LocalDate Date, decimal KilowattHours, decimal Kilograms);

public abstract record ElectricityEvent : LedgerEvent
{
    private ElectricityEvent() { }

    /// <summary>A line was fitted through the periods before the held-out ones, and tried on the held-out ones.</summary>
    public sealed record ElectricityCalibrated(
        CalibrationId Calibration, OrganizationId Organization, IReadOnlyList<KnownPeriod> Fitted, IReadOnlyList<KnownPeriod> HeldOut, ElectricityLine Line, decimal? Accuracy)
        : ElectricityEvent
    {
        public override Guid Stream => Calibration.Value;
    }

    /// <summary>Days were estimated from their electricity.</summary>
    public sealed record EmissionsEstimated(CalibrationId Calibration, IReadOnlyList<DayEstimate> Days) : ElectricityEvent
    {
        public override Guid Stream => Calibration.Value;
    }
}

/// <param name="Accuracy">1 − |Σ estimate − Σ actual| ÷ Σ actual over the held-out periods, four decimals; null when nothing was emitted in them.</param>
/// <param name="DaysEstimated">How many days were estimated with it.</param>
public sealed record CalibrationState(
    CalibrationId Calibration, OrganizationId Organization, ElectricityLine Line, decimal? Accuracy, int FittedPeriods, int HeldOutPeriods, long DaysEstimated) : State
{
    public override Guid Id => Calibration.Value;
}

public static class ElectricityCalibration
{
    public const int PeriodsMax = 400;

    public const int DaysMax = 400;

    /// <summary>Two points always lie on a line; the third is the first that could disagree.</summary>
    public const int FittedPeriodsMin = 3;

    /// <summary>The steepest line, far beyond any fuel's: what is estimated with it still fits a decimal.</summary>
    public const decimal KilogramsPerKilowattHourMax = 1_000_000_000m;

    public static CalibrationState Evolve(CalibrationState? state, ElectricityEvent fact) => fact switch
    {
        ElectricityEvent.ElectricityCalibrated e => new(e.Calibration, e.Organization, e.Line, e.Accuracy, e.Fitted.Count, e.HeldOut.Count, 0),
        ElectricityEvent.EmissionsEstimated e => state! with { DaysEstimated = state.DaysEstimated + e.Days.Count },
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <summary>How well the line meets periods that it was not fitted on.</summary>
    public static decimal? Accuracy(ElectricityLine line, IReadOnlyList<KnownPeriod> heldOut)
    {
        var actual = heldOut.Sum(p => (decimal)p.Kilograms);
        var estimate = heldOut.Sum(p => line.Estimate(p.Days, p.KilowattHours));
        return actual == 0 ? null : decimal.Round(1 - (Math.Abs(estimate - actual) / actual), 4, MidpointRounding.AwayFromZero);
    }
}
