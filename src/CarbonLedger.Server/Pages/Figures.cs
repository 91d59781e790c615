using System.Globalization;

namespace CarbonLedger.Server.Pages;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    public static string Kilograms(long kilograms) => kilograms.ToString("#,##0", CultureInfo.InvariantCulture);

    public static string Tonnes(long kilograms) => (kilograms / 1000m).ToString("#,##0.000", CultureInfo.InvariantCulture);

    /// <summary>An id's last digits, which are the random ones: the first tell the hour, and are alike for what was made together.</summary>
    public static string Ending(Guid id) => "…" + id.ToString()[^12..];

    public static string Yuan(Money amount) => amount.Amount.ToString("#,##0.00", CultureInfo.InvariantCulture);

    public static string Percent(decimal? ratio) => ratio is { } r ? (r * 100).ToString("0.00", CultureInfo.InvariantCulture) + " %" : "–";
}
