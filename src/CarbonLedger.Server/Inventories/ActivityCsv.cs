using System.Globalization;
using System.Text;
using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Server.Http;
using CsvHelper;

namespace CarbonLedger.Server.Inventories;

/// <summary>What is wrong with a row.</summary>
public sealed record RowErrorWire
{
    /// <summary>The row as a spreadsheet numbers it: the header is row 1.</summary>
    /// <example>7</example>
    public required int Row { get; init; }

    /// <summary>What is wrong, for people.</summary>
    public required string Error { get; init; }
}

/// <summary>Reads activity lines out of CSV as it comes from spreadsheets and meters.</summary>
public static class ActivityCsv
{
    private static readonly Dictionary<string, string> Columns = new(StringComparer.OrdinalIgnoreCase)
    {
        ["activity"] = "activity",
        ["活动"] = "activity",
        ["排放源"] = "activity",
        ["quantity"] = "quantity",
        ["数量"] = "quantity",
        ["用量"] = "quantity",
        ["unit"] = "unit",
        ["单位"] = "unit",
        ["region"] = "region",
        ["地区"] = "region",
        ["year"] = "year",
        ["年份"] = "year",
        ["scope"] = "scope",
        ["范围"] = "scope",
        ["density"] = "density",
        ["密度"] = "density",
        ["factorRegion"] = "factorRegion",
        ["因子地区"] = "factorRegion",
        ["factorReason"] = "factorReason",
        ["因子理由"] = "factorReason",
        ["evidenceSha256"] = "evidenceSha256",
        ["证据"] = "evidenceSha256",
        ["note"] = "note",
        ["备注"] = "note",
    };

    private static readonly char[] Separators = [',', ';', '\t'];

    private static readonly string[] Needed = ["activity", "quantity", "unit"];

    /// <summary>The lines that are right, with their rows, and the errors of the others.</summary>
    public static (List<(int Row, ActivityLine Line)> Lines, List<RowErrorWire> Errors) Read(ReadOnlySpan<byte> bytes)
    {
        var (lines, errors) = (new List<(int, ActivityLine)>(), new List<RowErrorWire>());
        if (TextOf(bytes) is not { } text)
        {
            errors.Add(new RowErrorWire { Row = 1, Error = "The file is not in UTF-8. Save it as CSV UTF-8." });
            return (lines, errors);
        }

        using var csv = CsvReader.FromText(text, new CsvReaderOptions
        {
            Separator = SeparatorOf(text),
            HasHeader = false,
            TrackLineNumbers = true,
            // Where a file was cut off inside quotes, the rest of it was read into one cell.
            OnMalformedRecord = r => errors.Add(new RowErrorWire { Row = (int)r.LineNumber, Error = r.Reason == CsvMalformedReason.UnterminatedQuote ? "A quote is opened and never closed: the file ends in the middle of a row." : "The quotes of this row do not match." }),
        });
        string[]? header = null;
        while (csv.Read())
        {
            var (row, cells) = ((int)csv.LineNumber, csv.Current.ToArray());
            if (header is null)
            {
                header = HeaderOf(cells, errors);
                if (errors.Count > 0)
                {
                    return (lines, errors);
                }
            }
            else if (cells.Any(c => c.Trim().Length > 0))
            {
                if (lines.Count + errors.Count >= Inventory.LinesMax)
                {
                    throw Input.OutOfRange("The CSV", $"must have at most {Inventory.LinesMax} rows; sum meter readings by month, or split the file by building");
                }

                Add(header, cells, row, lines, errors);
            }
        }

        if (lines.Count + errors.Count == 0)
        {
            errors.Add(new RowErrorWire { Row = 1, Error = "There is no row after the header." });
        }

        return (lines, errors);
    }

    private static void Add(string[] header, string[] cells, int row, List<(int Row, ActivityLine Line)> lines, List<RowErrorWire> errors)
    {
        try
        {
            lines.Add((row, InventoryInput.Line(LineOf(header, cells), "row")));
        }
        catch (Exception e) when (e is BadInputException or RefusedException)
        {
            errors.Add(new RowErrorWire { Row = row, Error = e.Message });
        }
    }

    private static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>What the header has most of.</summary>
    private static char SeparatorOf(string text)
    {
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        var header = end < 0 ? text : text[..end];
        return Separators.MaxBy(d => header.Count(c => c == d));
    }

    private static string[] HeaderOf(string[] cells, List<RowErrorWire> errors)
    {
        var header = cells.Select(c => Columns.GetValueOrDefault(HalfWidth.Of(c).Trim(), "")).ToArray();
        foreach (var (cell, _) in cells.Zip(header).Where(c => c.Second.Length == 0))
        {
            errors.Add(new RowErrorWire { Row = 1, Error = $"The column \"{cell}\" is not known. The columns are {string.Join(", ", Columns.Values.Distinct())}." });
        }

        foreach (var column in Needed.Except(header))
        {
            errors.Add(new RowErrorWire { Row = 1, Error = $"The column {column} is missing." });
        }

        foreach (var twice in header.Where(h => h.Length > 0).GroupBy(h => h).Where(g => g.Count() > 1))
        {
            errors.Add(new RowErrorWire { Row = 1, Error = $"The column {twice.Key} stands there twice." });
        }

        return header;
    }

    private static ActivityLineWire LineOf(string[] header, string[] cells)
    {
        if (cells.Length != header.Length)
        {
            throw Input.OutOfRange("The row", $"has {cells.Length} cells, the header {header.Length}");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (column, cell) in header.Zip(cells))
        {
            var half = HalfWidth.Of(cell).Trim();
            // A cell that a spreadsheet would run is no reading of a meter, and it would run again for whoever opens an export.
            if (half.Length > 0 && (half[0] is '=' or '@' || (half[0] is '+' or '-' && !(half.Length > 1 && char.IsAsciiDigit(half[1])))))
            {
                throw Input.OutOfRange(column, "begins like a formula; paste its value instead");
            }

            values[column] = column is "note" or "factorReason" ? cell.Trim() : half;
        }

        string? Optional(string column) => values.GetValueOrDefault(column) is { Length: > 0 } text ? text : null;
        string Text(string column) => Optional(column) ?? throw Input.OutOfRange(column, "is empty");
        var activity = Text("activity");
        return new ActivityLineWire
        {
            Activity = Activity.All.FirstOrDefault(a => a.Chinese == activity)?.Name ?? activity,
            Quantity = new DecimalWire(Number(Text("quantity"), "quantity")),
            Unit = Text("unit"),
            Region = Optional("region"),
            Year = Optional("year") is { } year ? (int)ReadEndpoint.Number(year, "year", 0, int.MaxValue) : null,
            Scope = Optional("scope") is { } scope ? (int)ReadEndpoint.Number(scope, "scope", 0, int.MaxValue) : null,
            Density = Optional("density") is { } density ? new DecimalWire(Number(density, "density")) : null,
            FactorRegion = Optional("factorRegion"),
            FactorReason = Optional("factorReason"),
            EvidenceSha256 = Optional("evidenceSha256"),
            Note = Optional("note"),
        };
    }

    /// <summary>Digits with a point; thousands may be set off by commas, three by three.</summary>
    private static decimal Number(string text, string column)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var at ? at : text.Length;
        var groups = text[..point].Split(',');
        var grouped = groups.Length > 1 && groups[0].Length is >= 1 and <= 3 && groups.Skip(1).All(g => g.Length == 3 && g.All(char.IsAsciiDigit));
        return decimal.TryParse(grouped ? string.Concat(groups) + text[point..] : text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && text.Length <= 28
            ? value
            : throw Input.OutOfRange(column, $"is no number: {(text.Length <= 40 ? text : text[..40])}");
    }
}
