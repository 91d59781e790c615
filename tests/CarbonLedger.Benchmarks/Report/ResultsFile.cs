using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using CarbonLedger.Benchmarks.Machine;

namespace CarbonLedger.Benchmarks.Report;

/// <summary>The dated results: a page to read, and the raw figures as JSON beside it.</summary>
internal static class ResultsFile
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, IncludeFields = true };

    /// <returns>The file that was written.</returns>
    public static string Write(Options options, MachineFacts machine, IReadOnlyDictionary<string, string> settings, Figures figures)
    {
        var date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var file = options.Out ?? Path.Combine(Sources(), "results", $"{date}-{machine.Commit.Split(' ')[0]}.md");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        File.WriteAllText(file, Page(options, date, machine, settings, figures));
        File.WriteAllText(Path.ChangeExtension(file, ".json"), JsonSerializer.Serialize(
            new
            {
                date,
                machine,
                settings,
                options.Quick,
                options.Vouchers,
                warmUpSeconds = options.WarmUp.TotalSeconds,
                measureSeconds = options.Measure.TotalSeconds,
                floors = figures.Floors.Select(f => new { f.Way, f.PerSecond, f.P99Ms }),
                figures.Points,
                rebuilt = figures.Rebuilt.Select(r => new { r.Projection, r.Events, r.PerSecond }),
                figures.Grown,
                figures.Events,
                figures.FirstStartSeconds,
                figures.Wrong,
            },
            Json) + "\n");
        return file;
    }

    private static string Page(Options options, string date, MachineFacts machine, IReadOnlyDictionary<string, string> settings, Figures f)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Benchmark of {date}, commit {machine.Commit}

            Driver, server and PostgreSQL are processes on one machine and share its cores: {machine.Processor}, {machine.Cores} cores, {machine.MemoryGigabytes} GB,
            {machine.System}, {machine.Runtime}. PostgreSQL {string.Join(", ", settings.Select(s => s.Key == "server_version" ? s.Value : $"{s.Key} {s.Value}"))}.
            {options.Vouchers} vouchers and as many accounts, seeded through the HTTP API. Each point: {options.WarmUp.TotalSeconds:0} s of warm-up, {options.Measure.TotalSeconds:0} s measured, one request in flight per connection.
            Points called `transfers` are the same traffic as `uniform`, measured in turn with what is compared with them. Of a point that was measured several times the questions take the mean.
            Absolute figures drift with the machine; ratios within the run hold.

            | question | budget | goal | measured | verdict |
            |---|---|---|---|---|

            """);
        foreach (var question in Question.Of(f))
        {
            page.AppendLine(question.Row);
        }

        page.Append(CultureInfo.InvariantCulture, $"""

            Two server processes against one, 256 connections: {(f.PerSecond("two-servers-256") / f.PerSecond("one-server-256"))?.ToString("0.00", CultureInfo.InvariantCulture) ?? "–"} ×.
            The log has {f.Events} events at the end. Afterwards: {(f.Wrong.Count == 0 ? "every good answer is in the log once, positions are dense, the pieces of every voucher make up what was issued, leaf hashes agree." : string.Join("; ", f.Wrong) + ".")}

            ## Points

            | point | per second | p50 ms | p99 ms | max ms | errors | commands per batch | batch ms | cores: driver | server | PostgreSQL | whole machine | of it taken by the host |
            |---|---|---|---|---|---|---|---|---|---|---|---|---|

            """);
        foreach (var p in f.Points)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"| {p.Name} | {p.PerSecond:#,0} | {p.P50Ms:0.0} | {p.P99Ms:0.0} | {p.MaxMs:0} | {p.Errors.Values.Sum()} | {p.Batch?.Commands:0} | {p.Batch?.Milliseconds:0.0} | {p.Cores?.Driver:0.00} | {p.Cores?.Servers:0.00} | {p.Cores?.Postgres:0.00} | {p.Cores?.Total:0.00} | {p.Cores?.Stolen:0.00} |");
        }

        page.Append(CultureInfo.InvariantCulture, $"""

            A pledge point's figure counts pledges and releases, a settlement point's registrations and settlements. Of two servers, the batch columns are the first one's.
            Where the whole machine is busy far beyond driver, server and PostgreSQL, other work ran beside the benchmark: latencies are then an upper bound.

            ## The floor

            pgbench with 64 clients, prepared, one call per transfer of a function that writes the rows of our batch for one transfer
            (head, stream, event, leaf with SHA-256, piece, key), on the same PostgreSQL in a database of its own, run in turn with the points.
            `row` locks the head's row, as the server does; `queue` takes an advisory lock before it; `sequence` has no common lock, writes no head
            and so gives up dense positions in commit order. The budget is held against the fastest.

            | way | per second, each time | mean | p99 ms, each time | transfers over HTTP against it |
            |---|---|---|---|---|

            """);
        foreach (var way in f.Floors.GroupBy(w => w.Way))
        {
            var mean = way.Average(w => w.PerSecond);
            page.AppendLine(CultureInfo.InvariantCulture, $"| {way.Key} | {string.Join(", ", way.Select(w => w.PerSecond.ToString("#,0", CultureInfo.InvariantCulture)))} | {mean:#,0} | {string.Join(", ", way.Select(w => w.P99Ms.ToString("0", CultureInfo.InvariantCulture)))} | {f.PerSecond("transfers-256") / mean:0.0} × |");
        }

        page.Append(CultureInfo.InvariantCulture, $"""

            ## Rebuild

            | projection | events | events/s |
            |---|---|---|

            """);
        foreach (var (projection, events, perSecond) in f.Rebuilt)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"| {projection} | {events:#,0} | {perSecond:#,0} |");
        }

        return page.ToString();
    }

    private static string Sources([CallerFilePath] string file = "") => Path.GetDirectoryName(Path.GetDirectoryName(file))!;
}
