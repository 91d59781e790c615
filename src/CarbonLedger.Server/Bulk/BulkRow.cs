using System.Globalization;
using System.Text.Json;
using CarbonLedger.Server.Http;
using NodaTime.Text;

namespace CarbonLedger.Server.Bulk;

/// <summary>One row of an uploaded CSV. What does not fit is a refusal of this row alone.</summary>
/// <param name="Number">1 is the first row below the header.</param>
/// <param name="Cells">Null when the row as a whole cannot be read; then the fault says why.</param>
public sealed record BulkRow(int Number, string[]? Cells, IReadOnlyDictionary<string, int> Columns, string? Fault)
{
    /// <summary>The cells that can be told apart, also where the row as a whole cannot be read.</summary>
    public string[] Remains { get; init; } = [];

    /// <summary>Text as it stands, without blanks at its ends; null when the cell is empty or the column missing.</summary>
    /// <exception cref="BadInputException">The row cannot be read, or the cell is a formula.</exception>
    public string? Text(string column)
    {
        var text = Verbatim(column);

        // A spreadsheet that opens our answers, or another's copy of the file, would compute it.
        return text is not null && HalfWidth.BeginsFormula(text)
            ? throw new BadInputException(EdgeProblem.CsvFormulaCell, $"{column} begins with {text[0]}, as a formula does. Give its value.")
            : text;
    }

    /// <summary>As <see cref="Text"/>, formulas too: for what is only held against the register, which may have it so.</summary>
    /// <exception cref="BadInputException">The row cannot be read.</exception>
    public string? Verbatim(string column)
    {
        var cells = Cells ?? throw Malformed(Fault!);
        return Columns.TryGetValue(column, out var index) && cells[index].Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>As <see cref="Verbatim"/>, of a row that as a whole cannot be read too: to know what it is about.</summary>
    public string? Remaining(string column) =>
        Columns.TryGetValue(column, out var index) && index < Remains.Length && Remains[index].Trim() is { Length: > 0 } text ? text : null;

    /// <summary>A value of a closed form: full-width characters count as the ordinary ones.</summary>
    public string? Code(string column) => Text(column) is { } text ? HalfWidth.Of(text).Trim() : null;

    public Guid? OptionalId(string column) => Code(column) is { } text
        ? Guid.TryParseExact(text, "D", out var id) ? id : throw Malformed($"{column} is not an id (a UUID)")
        : null;

    public Guid Id(string column) => OptionalId(column) ?? throw Missing(column);

    public long? Whole(string column) => Code(column) is { } text
        ? text.All(char.IsAsciiDigit) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw Malformed($"{column} is not a whole number in digits alone")
        : null;

    public LocalDate? OptionalDate(string column) => Code(column) is { } text
        ? IsoText.DateOf(text) ?? throw Malformed($"{column} is not a date such as 2021-12-31")
        : null;

    public LocalDate Date(string column) => OptionalDate(column) ?? throw Missing(column);

    public T Word<T>(string column) where T : struct, Enum
    {
        var text = Code(column) ?? throw Missing(column);
        return Names.Find<T>(text) ?? throw Malformed($"{column} is none of {string.Join(", ", Names.All<T>())}");
    }

    /// <summary>The units that the row names: kilograms, or first and last serial.</summary>
    public LineWire Line()
    {
        var (first, last) = (Whole("first"), Whole("last"));
        if (first is null != last is null)
        {
            throw Malformed("first and last come together");
        }

        return new LineWire
        {
            VoucherId = new VoucherId(Id("voucherId")),
            Kilograms = Whole("kilograms"),
            Ranges = first is { } from && last is { } to ? [new RangeWire { First = from, Last = to }] : null,
        };
    }

    private static BadInputException Missing(string column) => Malformed($"{column} is empty");

    private static BadInputException Malformed(string fault) => new(EdgeProblem.CsvRowMalformed, $"The row cannot be read: {fault}.");
}
