namespace CarbonLedger.Core.Electricity;

/// <summary>Estimates days from their electricity with a calibration.</summary>
public sealed record EstimateEmissions(CalibrationId Calibration, OrganizationId Organization, IReadOnlyList<DayReading> Days) : Command
{
    public override void Collect(Needs needs) => needs.State(Calibration.Value);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<CalibrationState>(Calibration.Value) is not { } calibration || calibration.Organization != Organization)
        {
            return new Refusal.CalibrationNotFound(Calibration);
        }

        if (!context.Actor.MayActFor(Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Estimating emissions", "its organization");
        }

        // From here the estimate must succeed.
        return Decision.Accept(
            Calibration.Value,
            new ElectricityEvent.EmissionsEstimated(Calibration, [.. Days.Select(d => new DayEstimate(d.Date, d.KilowattHours, Kilograms(calibration.Line, d)))]));
    }

    /// <summary>Nobody emits less than nothing: a line with a negative intercept ends at zero.</summary>
    private static decimal Kilograms(ElectricityLine line, DayReading day) => Math.Max(0, decimal.Round(line.Estimate(1, day.KilowattHours), 3, MidpointRounding.AwayFromZero));
}
