using System.Globalization;
using System.Text;

namespace CarbonLedger.Server.Http;

/// <summary>From wire values to the values of Core; whatever does not fit is bad input, with the member's name.</summary>
public static class Input
{
    public const int RangesPerLineMax = 100;

    public const int NameCharactersMax = 200;

    public const int ReasonCharactersMax = 1_000;

    public static IReadOnlyList<Line> Lines(IReadOnlyList<LineWire> wire)
    {
        if (wire.Count is 0 or > Line.LinesPerCommandMax)
        {
            throw OutOfRange("lines", $"must have 1 to {Line.LinesPerCommandMax} entries");
        }

        var lines = new Line[wire.Count];
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = LineOf(Entry(wire[i], $"lines[{i}]"), i);
        }

        return lines;
    }

    /// <param name="most">Of one voucher, unless said otherwise.</param>
    public static Kilograms Kilograms(long value, string member, long most = SerialRange.SerialMax) => value > 0 && value <= most
        ? Core.Values.Kilograms.FromKilograms(value)
        : throw new BadInputException(EdgeProblem.KilogramsNotPositive, $"{member} is {value}; it must be 1 to {most} whole kilograms.");

    public static DatePeriod Period(PeriodWire wire, string member) => wire.Last >= wire.First
        ? new DatePeriod(wire.First, wire.Last)
        : throw new BadInputException(EdgeProblem.PeriodReversed, $"{member} ends on {wire.Last:uuuu-MM-dd}, before its first day {wire.First:uuuu-MM-dd}.");

    public static Money Positive(Money amount, string member) =>
        amount > Money.Zero ? amount : throw OutOfRange(member, "must be above 0.00");

    /// <summary>Text that must be there, without blanks at its ends.</summary>
    public static string Text(string value, string member, int charactersMax = NameCharactersMax)
    {
        var trimmed = value.Trim();
        return trimmed.Length >= 1 && trimmed.Length <= charactersMax && !trimmed.Any(IsControl) && trimmed.EnumerateRunes().Any(IsSeen)
            ? trimmed
            : throw OutOfRange(member, $"must have 1 to {charactersMax} characters, none of them a control character, and not all of them invisible");
    }

    /// <summary>Also what breaks a line or turns the direction of what follows it: a certificate would read otherwise than it was written.</summary>
    private static bool IsControl(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static bool IsSeen(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.SpaceSeparator) && !IsBlank(rune.Value);

    /// <summary>Marks and letters that leave nothing on the paper: fillers, the blank of Braille, and what only picks the form of the character before it.</summary>
    private static bool IsBlank(int rune) => rune is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2065 or 0x2800 or 0x3164
        or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);

    public static string? Optional(string? value, string member, int charactersMax = NameCharactersMax) =>
        value is null ? null : Text(value, member, charactersMax);

    /// <summary>A code or a number that is one thing's, or is given once: two that look alike must be the same.</summary>
    public static string Code(string value, string member, int charactersMax = 64) => Text(value, member, charactersMax) is var text && text.EnumerateRunes().All(r => r.Value is ' ' or '\u3000' || IsSeen(r))
        ? text
        : throw OutOfRange(member, "has a character that cannot be seen, or a blank that is not an ordinary one. Type it anew");

    public static string? Reason(string? value) => Optional(value, "reason", ReasonCharactersMax);

    public static string Sha256(string value, string member) => value.Length == 64 && value.All(char.IsAsciiHexDigit)
        ? value.ToLowerInvariant()
        : throw OutOfRange(member, "must be a SHA-256 in 64 hexadecimal digits");

    /// <summary>An organization's id in a query.</summary>
    public static OrganizationId Organization(string text) =>
        Guid.TryParseExact(text, "D", out var id) ? new OrganizationId(id) : throw OutOfRange("organizationId", "must be the id (a UUID) of an organization");

    /// <summary>The one of these query parameters that is given, and the id that it names; null when none is.</summary>
    public static (string Name, Guid Id)? Asked(IQueryCollection query, params ReadOnlySpan<string> names) =>
        One(query, names) is var (name, text) ? (name, Id(text, name)) : null;

    /// <summary>The same, as it was written.</summary>
    public static (string Name, string Text)? One(IQueryCollection query, params ReadOnlySpan<string> names)
    {
        (string Name, string Text)? asked = null;
        foreach (var name in names)
        {
            if (query[name].ToString() is { Length: > 0 } text)
            {
                asked = asked is { } other ? throw OutOfRange(name, $"excludes {other.Name}") : (name, text);
            }
        }

        return asked;
    }

    /// <summary>One of an enum's words, as the API writes them.</summary>
    public static T Word<T>(string text, string member) where T : struct, Enum =>
        Names.Find<T>(text) ?? throw OutOfRange(member, $"must be one of {string.Join(", ", Names.All<T>())}");

    public static LocalDate Date(string text, string member) => IsoText.DateOf(text) ?? throw OutOfRange(member, "must be a date, such as 2026-01-31");

    public static Guid Id(string text, string member) => Guid.TryParseExact(text, "D", out var id) ? id : throw OutOfRange(member, "must be an id (a UUID)");

    /// <summary>An entry of a list; the serializer checks members for null, not entries.</summary>
    public static T Entry<T>(T? entry, string member) where T : class =>
        entry ?? throw new BadInputException(EdgeProblem.MalformedBody, $"{member} is null. Name what is meant, or leave the entry out.");

    public static BadInputException OutOfRange(string member, string rule) => new(EdgeProblem.ValueOutOfRange, $"{member} {rule}.");

    private static Line LineOf(LineWire wire, int index)
    {
        var member = $"lines[{index}]";
        if (wire.Ranges is null)
        {
            return Line.Of(wire.VoucherId, Kilograms(wire.Kilograms ?? throw OutOfRange(member, "needs kilograms or ranges"), $"{member}.kilograms"));
        }

        if (wire.Ranges.Count is 0 or > RangesPerLineMax)
        {
            throw OutOfRange($"{member}.ranges", $"must have 1 to {RangesPerLineMax} entries");
        }

        var ranges = SerialRanges.Disjoint(wire.Ranges.Select((r, i) => Range(Entry(r, $"{member}.ranges[{i}]"), $"{member}.ranges[{i}]")))
            ?? throw new BadInputException(EdgeProblem.RangesOverlap, $"{member}.ranges overlap. Name each serial once.");
        if (wire.Kilograms is { } kilograms && kilograms != ranges.Kilograms.Value)
        {
            throw new BadInputException(EdgeProblem.KilogramsDisagree, $"{member}.kilograms is {kilograms}, its ranges make {ranges.Kilograms.Value}. Leave one out, or make them agree.");
        }

        return Line.Of(wire.VoucherId, ranges);
    }

    private static SerialRange Range(RangeWire wire, string member)
    {
        if (wire.Last < wire.First)
        {
            throw new BadInputException(EdgeProblem.RangeReversed, $"{member} ends at {wire.Last}, before its first serial {wire.First}.");
        }

        return wire.First >= 1 && wire.Last <= SerialRange.SerialMax
            ? SerialRange.Inclusive(wire.First, wire.Last)
            : throw OutOfRange(member, $"must lie in 1 to {SerialRange.SerialMax}");
    }
}
