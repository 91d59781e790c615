namespace CarbonLedger.Server.Http;

/// <summary>Chinese input methods write digits, letters and signs in full width; they mean the ordinary ones.</summary>
/// <remarks><see cref="string.Normalize(System.Text.NormalizationForm)"/> does nothing to them here: the program runs without the tables of ICU.</remarks>
public static class HalfWidth
{
    /// <summary>What lies between a character of ASCII and its full-width form.</summary>
    private const int Distance = '\uFF01' - '!';

    public static string Of(string text) => text.Any(c => Of(c) != c) ? string.Concat(text.Select(Of)) : text;

    /// <summary>True when a spreadsheet would compute this text; those of China and Japan do so also for the full-width signs.</summary>
    public static bool BeginsFormula(string text) => text.Length > 0 && Of(text[0]) is '=' or '+' or '-' or '@';

    public static char Of(char c) => c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - Distance) : c == '\u3000' ? ' ' : c;
}
