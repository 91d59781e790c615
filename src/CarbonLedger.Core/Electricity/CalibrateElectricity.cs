using CarbonLedger.Core.Organizations;

namespace CarbonLedger.Core.Electricity;

/// <summary>Fits an organization's emissions to its electricity (以电折碳), and tries the line on the newest periods, which it has not seen.</summary>
/// <param name="Periods">Periods whose electricity and emissions are both known, in any order.</param>
/// <param name="HeldOut">How many of the newest periods the line is tried on.</param>
public sealed record CalibrateElectricity(CalibrationId Calibration, OrganizationId Organization, IReadOnlyList<KnownPeriod> Periods, int HeldOut) : Command
{
    public override void Collect(Needs needs) => needs.State(Organization.Value);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<OrganizationState>(Organization.Value) is null)
        {
            return new Refusal.OrganizationNotFound(Organization);
        }

        if (!context.Actor.MayActFor(Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Calibrating electricity", "its organization");
        }

        var ordered = Periods.OrderBy(p => p.Period.First).ToArray();
        if (ordered.Zip(ordered.Skip(1)).Any(p => p.First.Period.Overlaps(p.Second.Period)))
        {
            return new Refusal.CalibrationImpossible("two of them overlap, and a day would count twice");
        }

        if (ordered.Length - HeldOut < ElectricityCalibration.FittedPeriodsMin)
        {
            return new Refusal.CalibrationImpossible($"{ordered.Length} periods less {HeldOut} held out leave fewer than {ElectricityCalibration.FittedPeriodsMin}");
        }

        var (fitted, heldOut) = (ordered[..^HeldOut], ordered[^HeldOut..]);
        if (LeastSquares.Fit(fitted) is not { } line)
        {
            return new Refusal.CalibrationImpossible("every one of them has the same electricity a day");
        }

        if (Math.Abs(line.KilogramsPerKilowattHour) > ElectricityCalibration.KilogramsPerKilowattHourMax)
        {
            return new Refusal.CalibrationImpossible($"their line is steeper than {ElectricityCalibration.KilogramsPerKilowattHourMax} kg for each kWh");
        }

        // From here the calibration must succeed.
        return Decision.Accept(
            Calibration.Value,
            new ElectricityEvent.ElectricityCalibrated(Calibration, Organization, fitted, heldOut, line, ElectricityCalibration.Accuracy(line, heldOut)));
    }
}
