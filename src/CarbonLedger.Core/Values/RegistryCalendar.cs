namespace CarbonLedger.Core.Values;

/// <summary>The registry's calendar: dates are those of Asia/Shanghai (UTC+8, no summer time since 1992).</summary>
public static class RegistryCalendar
{
    public static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Shanghai"];

    public static LocalDate DateOf(Instant instant) => instant.InZone(Zone).Date;

    /// <summary>Cuts to microseconds, the precision of PostgreSQL's timestamptz, so that a time read back equals the time hashed.</summary>
    public static Instant ToMicroseconds(Instant instant) => Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks() / 10 * 10);
}
