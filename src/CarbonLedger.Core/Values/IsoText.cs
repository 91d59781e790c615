using System.Diagnostics.CodeAnalysis;
using NodaTime.Text;

namespace CarbonLedger.Core.Values;

/// <summary>Reads instants and dates out of what people and programs send: ISO 8601 to the last character, from the year 1.</summary>
/// <remarks>NodaTime takes a NUL for the end of a text and would overlook whatever stands behind it.</remarks>
public static class IsoText
{
    // What PostgreSQL's and .NET's types can hold: an earlier one would only fail where it is stored or projected.
    private static readonly Instant Earliest = Instant.FromUtc(1, 1, 1, 0, 0);

    /// <summary>An instant in UTC with as many decimals of a second as it has: <c>2026-01-31T16:00:00Z</c>; null for anything else.</summary>
    public static Instant? InstantOf(string? text) =>
        IsWhole(text) && InstantPattern.ExtendedIso.Parse(text) is { Success: true, Value: var instant } && instant >= Earliest ? instant : null;

    /// <summary>A date: <c>2026-01-31</c>; null for anything else.</summary>
    public static LocalDate? DateOf(string? text) =>
        IsWhole(text) && LocalDatePattern.Iso.Parse(text) is { Success: true, Value: { Year: >= 1 } date } ? date : null;

    /// <summary>A time with its offset: <c>2026-01-31T16:00:00+08:00</c>; null for anything else.</summary>
    public static OffsetDateTime? TimeOf(string? text) =>
        IsWhole(text) && OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true, Value: { Year: >= 1 } time } ? time : null;

    private static bool IsWhole([NotNullWhen(true)] string? text) => text is not null && !text.Contains('\0');
}
