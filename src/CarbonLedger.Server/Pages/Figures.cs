using System.Globalization;

namespace CarbonLedger.Server.Pages;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    public static string Kilograms(long kilograms) => kilograms.ToString("#,##0", CultureInfo.InvariantCulture);

    public static string Tonnes(long kilograms) => (kilograms / 1000m).ToString("#,##0.000", CultureInfo.InvariantCulture);

    public static string Yuan(Money amount) => amount.Amount.ToString("#,##0.00", CultureInfo.InvariantCulture);

    public static string Percent(decimal? ratio) => ratio is { } r ? (r * 100).ToString("0.00", CultureInfo.InvariantCulture) + " %" : "–";
}
