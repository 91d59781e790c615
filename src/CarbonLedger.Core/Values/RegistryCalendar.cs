namespace CarbonLedger.Core.Values;

/// <summary>The registry's calendar: dates are those of Asia/Shanghai (UTC+8, no summer time since 1992).</summary>
public static class RegistryCalendar
{
    public static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Shanghai"];

    // It lies on the last day that a date can say. Sixteen hours later the year 10000 begins in Asia/Shanghai.
    private static readonly Instant LastDay = Instant.FromUtc(9999, 12, 31, 0, 0);

    /// <summary>The date in Asia/Shanghai. All that is later than the last date counts for it.</summary>
    public static LocalDate DateOf(Instant instant) => Instant.Min(instant, LastDay).InZone(Zone).Date;

    /// <summary>Cuts to microseconds, the precision of PostgreSQL's timestamptz, so that a time read back equals the time hashed.</summary>
    public static Instant ToMicroseconds(Instant instant) => Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks() / 10 * 10);
}
