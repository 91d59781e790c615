using System.Text;
using CarbonLedger.Server.Http;
using CsvHelper;
using Microsoft.AspNetCore.Http.Features;

namespace CarbonLedger.Server.Bulk;

/// <summary>An uploaded CSV: its columns, and its rows one after another. It is read as spreadsheets of either language write it.</summary>
/// <remarks>UTF-8 with or without a byte order mark, lines ended by LF or CRLF, columns parted by comma, semicolon or tab, in any order.</remarks>
public sealed class BulkFile
{
    /// <summary>An upload: 100,000 rows of 300 bytes.</summary>
    public const int BytesMax = 32 * 1024 * 1024;

    /// <summary>Rows of one file: some minutes of work, and a list of refusals that a person can still go through.</summary>
    public const int RowsMax = 100_000;

    /// <summary>A row: two statements of 2,000 characters, of three bytes each in Chinese, and the other cells.</summary>
    private const int RowBytesMax = 16 * 1024;

    private static readonly char[] Separators = [',', ';', '\t'];

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string text;
    private readonly char separator;
    private readonly IReadOnlyDictionary<string, int> columns;
    private readonly int width;

    /// <param name="otherNames">Other names of columns, such as Chinese ones, with brackets in either width.</param>
    /// <param name="mayBeEmpty">True where a header alone says something: that there is nothing to list.</param>
    /// <exception cref="BadInputException">The file as a whole cannot be read.</exception>
    public BulkFile(ReadOnlySpan<byte> bytes, IReadOnlyList<string> known, IReadOnlyList<string> required, IReadOnlyDictionary<string, string>? otherNames = null, bool mayBeEmpty = false)
    {
        try
        {
            text = Utf8.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("The file is not UTF-8. In a spreadsheet save it as \"CSV UTF-8\".");
        }

        var end = text.AsSpan(0, Math.Min(text.Length, RowBytesMax + 1)).IndexOf('\n');
        if (end < 0 && text.Length > RowBytesMax)
        {
            throw Malformed($"The first line has more than {RowBytesMax} characters; it names the columns.");
        }

        var header = (end < 0 ? text : text[..end]).TrimEnd('\r');
        separator = Separators.MaxBy(s => header.Split(s).Length);
        var names = header.Split(separator).Select(name => name.Trim().Trim('"')).Select(name => otherNames?.FirstOrDefault(n => HalfWidth.Of(n.Key) == HalfWidth.Of(name)).Value ?? name).ToArray();
        width = names.Length;
        columns = Columns(names, known);
        if (required.FirstOrDefault(name => !columns.ContainsKey(name)) is { } missing)
        {
            throw Malformed($"The first line has no column {missing}. The columns are: {string.Join(", ", known)}.");
        }

        Count = Rows().Take(RowsMax + 1).Count();
        if (Count == 0 && !mayBeEmpty)
        {
            throw Malformed("The file has no row below its header.");
        }

        if (Count > RowsMax)
        {
            throw new BadInputException(EdgeProblem.BulkTooLarge, $"A file has at most {RowsMax} rows. Split it.");
        }
    }

    /// <summary>Rows below the header, empty ones not counted.</summary>
    public int Count { get; }

    /// <summary>True when the file has this column.</summary>
    public bool Has(string column) => columns.ContainsKey(column);

    /// <summary>The body of a request that carries a file.</summary>
    /// <exception cref="BadInputException">It is no CSV, or too large.</exception>
    public static async Task<ReadOnlyMemory<byte>> BytesOfAsync(HttpContext http)
    {
        if (!CommandEndpoint.IsCsv(http))
        {
            throw new BadInputException(EdgeProblem.UnsupportedMediaType, "Send the file as text/csv.");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = BytesMax;
        }

        return await RequestBody.ReadAsync(http, BytesMax);
    }

    public IEnumerable<BulkRow> Rows()
    {
        using var reader = CsvReader.FromText(text, new CsvReaderOptions
        {
            Separator = separator,
            // A quotation mark that is never closed would else swallow the rest of the file; no cell here has more than one line.
            AllowLineBreaksInQuotes = false,
            MalformedData = CsvMalformedDataHandling.Recover,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
            MaxRecordSize = RowBytesMax,
        });
        for (var number = 1; ;)
        {
            var read = Read(reader);
            if (read is false)
            {
                yield break;
            }

            if (read is null)
            {
                yield return new BulkRow(number, null, columns, $"has more than {RowBytesMax} bytes; neither it nor what follows it was read");
                yield break;
            }

            var cells = reader.Current.ToArray();
            if (cells.All(string.IsNullOrWhiteSpace))
            {
                continue;
            }

            var isOpen = reader.RawRecord.Count((byte)'"') % 2 != 0;
            var fault = isOpen ? "has a quotation mark that is not closed; the file may have been cut off"
                : cells.Length != width ? $"has {cells.Length} cells where the header has {width}; the file may have been cut off"
                : null;
            // Where a quotation mark is open, nobody knows where the cells end from the first one on.
            var whole = isOpen ? reader.RawRecord[..reader.RawRecord.IndexOf((byte)'"')].Count((byte)separator) : cells.Length;
            yield return new BulkRow(number++, fault is null ? cells : null, columns, fault) { Remains = cells[..Math.Min(whole, cells.Length)] };
        }
    }

    /// <returns>Null when a row is longer than any may be.</returns>
    private static bool? Read(CsvReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException)
        {
            return null;
        }
    }

    private static Dictionary<string, int> Columns(string[] names, IReadOnlyList<string> known)
    {
        var columns = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Length; i++)
        {
            var name = known.FirstOrDefault(k => k.Equals(names[i], StringComparison.OrdinalIgnoreCase))
                ?? throw Malformed($"The first line has a column \"{(names[i].Length > 40 ? names[i][..40] + "…" : names[i])}\" that is not known here. The columns are: {string.Join(", ", known)}.");
            if (!columns.TryAdd(name, i))
            {
                throw Malformed($"The first line has the column {name} twice.");
            }
        }

        return columns;
    }

    private static BadInputException Malformed(string detail) => new(EdgeProblem.CsvMalformed, detail);
}
