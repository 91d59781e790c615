using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Electricity;

/// <summary>Ten days a period; what is emitted is 50 kg a day and 0.5 kg a kilowatt-hour, unless a case says otherwise.</summary>
public sealed class CalibrateElectricitySpec
{
    [Fact]
    public void A_line_is_found_where_there_is_one() =>
        Given()
            .When(Calibrate(1, (1_000, 1_000), (2_000, 1_500), (4_000, 2_500), (3_000, 2_000)), As(Group))
            .ThenAccepted()
            .ThenStands<CalibrationState>(Fit.Value, c => Assert.Equal((50m, 0.5m, 1m), (c.Line.KilogramsPerDay, c.Line.KilogramsPerKilowattHour, c.Accuracy)));

    [Fact]
    public void Least_squares_as_worked_by_hand() =>
        // daily means x = 1, 2, 3 and y = 1, 2, 2: slope 1/2, intercept 5/3 − 1 = 2/3
        Given()
            .When(Calibrate(1, (10, 10), (20, 20), (30, 20), (40, 20)))
            .ThenAccepted()
            .ThenStands<CalibrationState>(Fit.Value, c => Assert.Equal((0.666666667m, 0.5m), (c.Line.KilogramsPerDay, c.Line.KilogramsPerKilowattHour)))
            // held out: 10 × 0.666666667 + 40 × 0.5 = 26.66666667 against 20: 1 − 6.66666667/20 = 0.6667
            .ThenStands<CalibrationState>(Fit.Value, c => Assert.Equal(0.6667m, c.Accuracy));

    [Fact]
    public void The_newest_periods_are_held_out_whatever_the_order() =>
        Given()
            .When(new CalibrateElectricity(Fit, Group, [.. Periods((1_000, 1_000), (2_000, 1_500), (4_000, 2_500), (3_000, 1)).Reverse()], 1))
            .ThenAccepted()
            .ThenStands<CalibrationState>(Fit.Value, c => Assert.Equal(0.5m, c.Line.KilogramsPerKilowattHour));

    [Fact]
    public void Without_emissions_held_out_there_is_no_accuracy() =>
        Given().When(Calibrate(1, (10, 10), (20, 20), (30, 20), (40, 0))).ThenAccepted().ThenStands<CalibrationState>(Fit.Value, c => Assert.Null(c.Accuracy));

    [Fact]
    public void Two_points_prove_no_line() =>
        Given().When(Calibrate(1, (10, 10), (20, 20), (30, 20))).ThenRefused(new Refusal.CalibrationImpossible("3 periods less 1 held out leave fewer than 3"));

    [Fact]
    public void The_same_electricity_every_day_has_no_slope() =>
        Given().When(Calibrate(1, (10, 10), (10, 20), (10, 20), (10, 1))).ThenRefused(new Refusal.CalibrationImpossible("every one of them has the same electricity a day"));

    [Fact]
    public void Periods_do_not_overlap()
    {
        var periods = Periods((10, 10), (20, 20), (30, 20), (40, 20));
        Given()
            .When(new CalibrateElectricity(Fit, Group, [.. periods, periods[1]], 1))
            .ThenRefused(new Refusal.CalibrationImpossible("two of them overlap, and a day would count twice"));
    }

    [Fact]
    public void The_organization_exists() =>
        Given().When(Calibrate(1, (1, 1)) with { Organization = NoOrganization }).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void Nobody_else_calibrates() =>
        Given().When(Calibrate(1, (1, 1)), As(Stranger)).ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Calibrating electricity", "its organization"));

    internal static CalibrateElectricity Calibrate(int heldOut, params (decimal KilowattHours, long Kilograms)[] periods) => new(Fit, Group, Periods(periods), heldOut);

    private static KnownPeriod[] Periods(params (decimal KilowattHours, long Kilograms)[] periods) =>
        [.. periods.Select((p, i) => new KnownPeriod(new DatePeriod(Today.PlusDays(10 * i), Today.PlusDays((10 * i) + 9)), p.KilowattHours, p.Kilograms))];
}

public sealed class EstimateEmissionsSpec
{
    private static readonly Step Calibrated = Done(CalibrateElectricitySpec.Calibrate(1, (1_000, 1_000), (2_000, 1_500), (4_000, 2_500), (3_000, 2_000)));

    [Fact]
    public void A_day_is_estimated_from_its_electricity() =>
        // 50 + 0.5 × 123.4567 = 111.72835 → 111.728
        Given(Calibrated)
            .When(new EstimateEmissions(Fit, Group, [new DayReading(Today, 123.4567m)]), As(Group))
            .ThenAccepted(new ElectricityEvent.EmissionsEstimated(Fit, [new DayEstimate(Today, 123.4567m, 111.728m)]));

    [Fact]
    public void The_calibration_is_the_organizations_own() =>
        Given(Calibrated).When(new EstimateEmissions(Fit, Stranger, [new DayReading(Today, 1)])).ThenRefused(new Refusal.CalibrationNotFound(Fit));

    [Fact]
    public void Nobody_else_estimates() =>
        Given(Calibrated).When(new EstimateEmissions(Fit, Group, [new DayReading(Today, 1)]), As(Stranger)).ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Estimating emissions", "its organization"));
}
