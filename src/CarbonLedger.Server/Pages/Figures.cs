using System.Globalization;
using CarbonLedger.Server.Http;
using NodaTime.Text;

namespace CarbonLedger.Server.Pages;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    private const int RangesMax = 20;

    public static string Kilograms(long kilograms) => kilograms.ToString("#,##0", CultureInfo.InvariantCulture);

    public static string Tonnes(long kilograms) => (kilograms / 1000m).ToString("#,##0.000", CultureInfo.InvariantCulture);

    /// <summary>An id's last digits, which are the random ones: the first tell the hour, and are alike for what was made together.</summary>
    public static string Ending(Guid id) => "…" + id.ToString()[^12..];

    /// <summary>The first serial ranges, as many as fit a table's cell, and how many there are besides.</summary>
    public static string Ranges(IReadOnlyList<RangeWire> ranges) =>
        string.Join(", ", ranges.Take(RangesMax).Select(r => $"{Kilograms(r.First)}–{Kilograms(r.Last)}"))
        + (ranges.Count > RangesMax ? $" … 另有 and {Kilograms(ranges.Count - RangesMax)} 段 more" : "");

    /// <summary>An instant as <c>asOf</c> takes it, to its last digit; nothing where there is none.</summary>
    public static string? AsOfText(Instant? instant) => instant is { } i ? InstantPattern.ExtendedIso.Format(i) : null;

    public static string Date(LocalDate? date) => date?.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>An address as it was at a past instant, where the page is of one.</summary>
    public static string Past(Instant? asOf, string address) => asOf is null ? address : $"{address}{(address.Contains('?') ? '&' : '?')}asOf={AsOfText(asOf)}";

    /// <summary>Nothing where there is no amount.</summary>
    public static string Yuan(Money? amount) => amount is { } a ? Yuan(a) : "";

    public static string Yuan(Money amount) => amount.Amount.ToString("#,##0.00", CultureInfo.InvariantCulture);

    public static string Percent(decimal? ratio) => ratio is { } r ? (r * 100).ToString("0.00", CultureInfo.InvariantCulture) + " %" : "–";
}
