using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Server.Factors;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Inventories;

/// <summary>What an import would do.</summary>
public sealed record ImportCheckWire
{
    /// <summary>Rows that are right.</summary>
    public required int Lines { get; init; }

    /// <summary>Rows that are not, with the reason.</summary>
    public required IReadOnlyList<RowErrorWire> Errors { get; init; }

    /// <summary>What the inventory would have, in whole kilograms; absent while a row is wrong.</summary>
    /// <example>1088744</example>
    public long? Emissions { get; init; }
}

/// <summary>An inventory out of CSV: checked as a whole, then recorded by the same command as any other.</summary>
public static class InventoryImport
{
    /// <summary>Errors that a refusal names; a dry run names all.</summary>
    private const int ErrorsShown = 10;

    public static async Task<Posted?> PostAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        var query = http.Request.Query;
        var organization = Input.Organization(query["organizationId"].ToString());
        var boundary = new Boundary(Kind(query["boundaryKind"].ToString()), Input.Text(query["boundary"].ToString(), "boundary"));
        var period = Input.Period(new PeriodWire { First = Input.Date(query["first"].ToString(), "first"), Last = Input.Date(query["last"].ToString(), "last") }, "period");
        var dryRun = query["dryRun"].ToString() switch { "" or "false" => false, "true" => true, _ => throw Input.OutOfRange("dryRun", "is true or false") };

        var (rows, errors) = ActivityCsv.Read(body.Span);
        var series = (await http.RequestServices.GetRequiredService<FactorReader>().AddedAsync()).ToDictionary(s => s.Id, s => (FactorSeriesState?)s);
        foreach (var (row, line) in rows)
        {
            if (InventoryDraft.Resolve(series.GetValueOrDefault, line, row, period.Last.Year).Refusal is { } refusal)
            {
                errors.Add(new RowErrorWire { Row = row, Error = refusal is Refusal.QuantityNegative ? "quantity is negative." : refusal.Detail });
            }
        }

        errors.Sort((a, b) => a.Row.CompareTo(b.Row));
        var draft = new InventoryDraft(Scope2Method.LocationBased, [.. rows.Select(r => r.Line)], []);
        if (dryRun)
        {
            var (content, refusal) = errors.Count > 0 ? (null, null) : draft.Resolve(series.GetValueOrDefault, _ => false, period, []);
            if (refusal is not null)
            {
                throw new RefusedException(refusal); // of the whole: no row alone is at fault
            }

            var check = new ImportCheckWire { Lines = rows.Count - errors.Count(e => rows.Any(r => r.Row == e.Row)), Errors = errors, Emissions = content is null ? null : Inventory.Emissions(content).Value };
            await http.Response.WriteAsJsonAsync(check, WireJson.Wire.ImportCheckWire, "application/json", http.RequestAborted);
            return null;
        }

        return errors.Count == 0
            ? InventoryEndpoints.Record(organization, new BoundaryWire { Kind = boundary.Kind, Name = boundary.Name }, period, draft)
            : throw new BadInputException(EdgeProblem.CsvRowsInvalid, $"{errors.Count} of the rows cannot be read. {string.Join(' ', errors.Take(ErrorsShown).Select(e => $"Row {e.Row}: {e.Error}"))} Send it with dryRun=true to see all.");
    }

    private static BoundaryKind Kind(string text) => text.Length == 0
        ? BoundaryKind.Building
        : Input.Word<BoundaryKind>(text, "boundaryKind");
}
