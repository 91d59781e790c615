using System.Globalization;

namespace CarbonLedger.Core.Values;

/// <summary>What the serials of one voucher have in common in their canonical text.</summary>
/// <param name="Region">Six digits of GB/T 2260.</param>
/// <param name="Scheme">The scheme's short name: 2 to 12 of A–Z and 0–9.</param>
/// <param name="ProjectNumber">The registry's number of the project, 1 to 999,999.</param>
/// <param name="Vintage">The year in which the monitoring period ends.</param>
/// <param name="Issuance">The number of the issuance within project and vintage, 1 to 99.</param>
public sealed record SerialPrefix(string Region, string Scheme, int ProjectNumber, int Vintage, int Issuance);

/// <summary>The canonical text of a serial range: <c>CN-{region6}-{scheme}-{project6}-{vintage4}-{issuance2}-{first10}-{last10}-{check2}</c>.</summary>
public static class SerialText
{
    public static string Render(SerialPrefix prefix, SerialRange range)
    {
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $"CN-{prefix.Region}-{prefix.Scheme}-{prefix.ProjectNumber:D6}-{prefix.Vintage:D4}-{prefix.Issuance:D2}-{range.First:D10}-{range.Last:D10}");
        return $"{body}-{CheckCharacters.Of(body)}";
    }

    /// <summary>Null unless the text is canonical to the letter and its check characters hold.</summary>
    public static (SerialPrefix Prefix, SerialRange Range)? Parse(string text)
    {
        var parts = text.Split('-');
        if (parts.Length != 9 || parts[0] != "CN"
            || !Digits(parts[1], 6) || !IsScheme(parts[2]) || !Digits(parts[3], 6) || !Digits(parts[4], 4)
            || !Digits(parts[5], 2) || !Digits(parts[6], 10) || !Digits(parts[7], 10)
            || parts[8] != CheckCharacters.Of(text[..^3]))
        {
            return null;
        }

        var (first, last) = (long.Parse(parts[6], CultureInfo.InvariantCulture), long.Parse(parts[7], CultureInfo.InvariantCulture));
        var prefix = new SerialPrefix(
            parts[1],
            parts[2],
            int.Parse(parts[3], CultureInfo.InvariantCulture),
            int.Parse(parts[4], CultureInfo.InvariantCulture),
            int.Parse(parts[5], CultureInfo.InvariantCulture));
        return first >= 1 && last >= first && prefix is { ProjectNumber: >= 1, Issuance: >= 1 }
            ? (prefix, SerialRange.Inclusive(first, last))
            : null;
    }

    /// <summary>True for 2 to 12 upper-case letters A–Z and digits.</summary>
    public static bool IsScheme(string text) =>
        text.Length is >= 2 and <= 12 && text.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c));

    private static bool Digits(string text, int count) => text.Length == count && text.All(char.IsAsciiDigit);
}

/// <summary>Two check characters by ISO 7064 MOD 1271-36, over digits and upper-case letters; hyphens do not count.</summary>
public static class CheckCharacters
{
    private const int Modulus = 1271;
    private const int Radix = 36;

    public static string Of(string text)
    {
        var sum = 0;
        foreach (var c in text)
        {
            if (c != '-')
            {
                sum = (sum + ValueOf(c)) * Radix % Modulus;
            }
        }

        var check = (Modulus + 1 - (sum * Radix % Modulus)) % Modulus;
        return $"{CharacterOf(check / Radix)}{CharacterOf(check % Radix)}";
    }

    private static int ValueOf(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'A' and <= 'Z' => c - 'A' + 10,
        _ => -1, // never valid: the text is then refused for its shape before its check characters count
    };

    private static char CharacterOf(int value) => (char)(value < 10 ? '0' + value : 'A' + value - 10);
}
