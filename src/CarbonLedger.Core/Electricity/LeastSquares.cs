namespace CarbonLedger.Core.Electricity;

/// <summary>A straight line: emissions = intercept × days + slope × kilowatt-hours.</summary>
/// <param name="KilogramsPerDay">What is emitted without any electricity: the intercept, per day, so that periods of different length fit one line.</param>
/// <param name="KilogramsPerKilowattHour">The slope.</param>
public sealed record ElectricityLine(decimal KilogramsPerDay, decimal KilogramsPerKilowattHour)
{
    public decimal Estimate(int days, decimal kilowattHours) => (KilogramsPerDay * days) + (KilogramsPerKilowattHour * kilowattHours);
}

/// <summary>Ordinary least squares on daily means.</summary>
/// <remarks>
/// In decimals: sums are made of differences from the mean, and 28 digits are far more than the readings have. Two programs that share no floating-point unit
/// get the same line. The result is kept with nine decimals.
/// </remarks>
public static class LeastSquares
{
    private const int Decimals = 9;

    /// <returns>Null when every period has the same daily electricity: then there is no slope.</returns>
    public static ElectricityLine? Fit(IReadOnlyList<KnownPeriod> periods)
    {
        var points = periods.Select(p => (X: p.KilowattHours / p.Days, Y: p.Kilograms / (decimal)p.Days)).ToArray();
        var (meanX, meanY) = (points.Average(p => p.X), points.Average(p => p.Y));
        var spread = points.Sum(p => (p.X - meanX) * (p.X - meanX));
        if (spread == 0)
        {
            return null;
        }

        var slope = points.Sum(p => (p.X - meanX) * (p.Y - meanY)) / spread;
        return new ElectricityLine(Rounded(meanY - (slope * meanX)), Rounded(slope));
    }

    /// <summary>Dividing by one with every decimal takes the zeros at the end away: equal lines have equal bytes.</summary>
    private static decimal Rounded(decimal value) => decimal.Round(value, Decimals) / 1.000000000000000000000000000m;
}
