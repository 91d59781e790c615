using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace CarbonLedger.Server.Tests.Crash;

/// <summary>Checks a register's database by a second path: plain SQL and JSON, no code of the product.</summary>
/// <remarks>
/// It reads the exact bytes of the log in order, keeps its own model of who holds which serials, and compares with it
/// everything else that stands in the database.
/// </remarks>
public sealed class LogAuditor
{
    private static readonly string[] Statuses = ["live", "retired", "cancelled", "expired"];

    private readonly Dictionary<string, RangeBook> vouchers = [];
    private readonly Dictionary<(string Account, string Voucher), (long Owned, long Pledged)> balances = [];
    private readonly Dictionary<string, (long Issued, long Pledged, long Retired, long Cancelled, long Expired)> totals = [];
    private readonly Dictionary<string, decimal> loans = [];
    private readonly Dictionary<string, long> collateral = [];
    private readonly Dictionary<string, long> versions = [];
    private readonly Dictionary<string, long> begun = [];
    private readonly HashSet<string> eventsSeen = [];

    /// <summary>Events in the log.</summary>
    public long Events { get; private set; }

    /// <summary>For each transfer, trade, pledge, retirement and so on the log position of its last event.</summary>
    public Dictionary<string, long> LastEventOf { get; } = [];

    /// <summary>How often each id stands in an event that makes it.</summary>
    public Dictionary<string, int> MadeCount { get; } = [];

    /// <summary>Audits all that is committed; the projections must have reached the end of the log.</summary>
    public static async Task<LogAuditor> AuditAsync(string connectionString)
    {
        var auditor = new LogAuditor();
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await auditor.ReadLogAsync(connection);
        await auditor.CompareHeadAsync(connection);
        await auditor.CompareStreamsAsync(connection);
        await auditor.ComparePiecesAsync(connection);
        await auditor.CompareProjectionsAsync(connection);
        return auditor;
    }

    private async Task ReadLogAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            """
            select e.seq_id, e.stream_id::text, e.version, e.type, e.timestamp, e.data::text, l.bytes, l.hash,
                   e.data = (convert_from(l.bytes, 'UTF8')::jsonb -> 'data')
            from mt_events e full join ledger.leaves l using (seq_id) order by seq_id
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lastAt = DateTime.MinValue;
        while (await reader.ReadAsync())
        {
            Events++;
            Equal(Events, reader.GetInt64(0), "The log is dense");
            var stream = reader.GetString(1);
            var version = versions[stream] = versions.GetValueOrDefault(stream) + 1;
            Equal(version, reader.GetInt64(2), $"Versions of stream {stream} are dense");
            begun.TryAdd(stream, Events);
            var bytes = reader.GetFieldValue<byte[]>(6);
            Equal(Convert.ToHexString(SHA256.HashData([0, .. bytes])), Convert.ToHexString(reader.GetFieldValue<byte[]>(7)), $"Leaf {Events} is the hash of its bytes");
            Equal(true, reader.GetBoolean(8), $"The data of event {Events} is that of its bytes");
            using var json = JsonDocument.Parse(bytes);
            var recorded = json.RootElement;
            Equal(Events, recorded.GetProperty("logIndex").GetInt64(), "The bytes name their position");
            Equal(stream, recorded.GetProperty("streamId").GetString(), "The bytes name their stream");
            Equal(version, recorded.GetProperty("version").GetInt64(), "The bytes name their version");
            Equal(reader.GetString(3), recorded.GetProperty("type").GetString(), "The bytes name their type");
            var at = DateTimeOffset.Parse(recorded.GetProperty("at").GetString()!, CultureInfo.InvariantCulture).UtcDateTime;
            Equal(at, reader.GetDateTime(4), $"Event {Events} has one time");
            Equal(true, at >= lastAt, "Time never goes back");
            lastAt = at;
            Equal(true, eventsSeen.Add(Convert.ToHexString(bytes)), "No event stands twice");
            Take(recorded.GetProperty("type").GetString()!, stream, recorded.GetProperty("data"));
            LastEventOf[stream] = Events;
        }
    }

    private void Take(string type, string stream, JsonElement data)
    {
        switch (type)
        {
            case "voucher_issued":
                var (issued, holder) = (data.GetProperty("kilograms").GetInt64(), Text(data, "holder"));
                vouchers.Add(stream, new RangeBook(issued, holder));
                Change(holder, stream, issued, 0);
                totals[stream] = (issued, 0, 0, 0, 0);
                Made(stream);
                break;
            case "units_transferred":
                foreach (var (first, last) in Ranges(data))
                {
                    vouchers[stream].Change(first, last, new Cell(Text(data, "from"), "live", null), new Cell(Text(data, "to"), "live", null));
                    Change(Text(data, "from"), stream, first - last - 1, 0);
                    Change(Text(data, "to"), stream, last - first + 1, 0);
                }

                if (data.TryGetProperty("transfer", out var transfer))
                {
                    if (LastEventOf.TryAdd(transfer.GetString()!, Events))
                    {
                        Made(transfer.GetString()!);
                    }

                    LastEventOf[transfer.GetString()!] = Events;
                }

                break;
            case "units_pledged":
                Lock(stream, data, null, Text(data, "pledge"), 1);
                break;
            case "units_released":
                Lock(stream, data, Text(data, "pledge"), null, -1);
                break;
            case "units_retired":
                var retired = End(stream, data, "retired");
                totals[stream] = totals[stream] with { Retired = totals[stream].Retired + retired };
                break;
            case "units_cancelled":
                var cancelled = End(stream, data, "cancelled");
                totals[stream] = totals[stream] with { Cancelled = totals[stream].Cancelled + cancelled };
                break;
            case "units_expired":
                var expired = End(stream, data, "expired");
                totals[stream] = totals[stream] with { Expired = totals[stream].Expired + expired };
                break;
            case "pledge_registered":
                collateral[stream] = data.GetProperty("units").EnumerateArray().Sum(u => Ranges(u).Sum(r => r.Last - r.First + 1));
                Made(stream);
                break;
            case "pledge_released":
                collateral[stream] -= data.GetProperty("units").EnumerateArray().Sum(u => Ranges(u).Sum(r => r.Last - r.First + 1));
                break;
            case "loan_opened":
                loans[stream] = decimal.Parse(Text(data, "principal"), CultureInfo.InvariantCulture);
                Made(stream);
                break;
            case "loan_repaid":
                loans[stream] -= decimal.Parse(Text(data, "toPrincipal"), CultureInfo.InvariantCulture);
                break;
            case "trade_settled" or "retirement_recorded" or "cancellation_recorded" or "scheme_registered" or "organization_registered" or "account_opened" or "project_registered" or "application_drafted" or "reference_price_published":
                Made(stream);
                break;
            default:
                break; // steps of an application, closings: nothing here depends on them
        }
    }

    private long End(string voucher, JsonElement data, string status)
    {
        var (holder, sum) = (Text(data, "holder"), 0L);
        foreach (var (first, last) in Ranges(data))
        {
            vouchers[voucher].Change(first, last, new Cell(holder, "live", null), new Cell(holder, status, null));
            Change(holder, voucher, first - last - 1, 0);
            sum += last - first + 1;
        }

        return sum;
    }

    private void Lock(string voucher, JsonElement data, string? before, string? after, int sign)
    {
        var holder = Text(data, "holder");
        foreach (var (first, last) in Ranges(data))
        {
            vouchers[voucher].Change(first, last, new Cell(holder, "live", before), new Cell(holder, "live", after));
            Change(holder, voucher, 0, sign * (last - first + 1));
            totals[voucher] = totals[voucher] with { Pledged = totals[voucher].Pledged + (sign * (last - first + 1)) };
        }
    }

    private void Made(string id) => MadeCount[id] = MadeCount.GetValueOrDefault(id) + 1;

    private void Change(string account, string voucher, long owned, long pledged)
    {
        var balance = balances.GetValueOrDefault((account, voucher));
        balances[(account, voucher)] = (balance.Owned + owned, balance.Pledged + pledged);
    }

    private async Task CompareHeadAsync(NpgsqlConnection connection)
    {
        Equal(Events, await ScalarAsync(connection, "select log_index from ledger.head"), "The head stands at the last event");
        if (Events > 0)
        {
            Equal(Events, await ScalarAsync(connection, "select last_value from mt_events_sequence"), "The sequence stands at the last event");
        }

        Equal(0, await ScalarAsync(connection, "select count(*) from ledger.idempotency_keys where log_index > (select log_index from ledger.head)"), "No kept answer is ahead of the log");
        Equal(0, await ScalarAsync(connection, "select count(*) from (select log_index from ledger.idempotency_keys where status = 201 group by log_index having count(*) > 1) d"), "No two accepted commands end at one event");
    }

    private async Task CompareStreamsAsync(NpgsqlConnection connection)
    {
        var found = 0;
        await foreach (var row in RowsAsync(connection, "select id::text, version from mt_streams"))
        {
            found++;
            Equal(versions.GetValueOrDefault(row.GetString(0)), row.GetInt64(1), $"Stream {row.GetString(0)} knows its version");
        }

        Equal(versions.Count, found, "Every stream has a row");
        await foreach (var row in RowsAsync(connection, "select id::text, begun_index from ledger.states where kind <> 'numbering'"))
        {
            Equal(begun.GetValueOrDefault(row.GetString(0)), row.GetInt64(1), $"State {row.GetString(0)} knows its first event");
        }
    }

    private async Task ComparePiecesAsync(NpgsqlConnection connection)
    {
        var books = new Dictionary<string, RangeBook>();
        await foreach (var row in RowsAsync(
            connection,
            """
            select voucher_id::text, lag(last_serial, 1, 0::bigint) over (partition by voucher_id order by last_serial) + 1, last_serial,
                   account_id::text, status, locks
            from ledger.pieces order by voucher_id, last_serial
            """))
        {
            var voucher = row.GetString(0);
            if (!books.TryGetValue(voucher, out var book))
            {
                books.Add(voucher, book = new RangeBook());
            }

            var pledge = row.IsDBNull(5) ? null : row.GetString(5);
            Equal(true, pledge is null || pledge.StartsWith("exclusive:", StringComparison.Ordinal), "Nothing holds or freezes, and no pledge is ranked");
            pledge = pledge?["exclusive:".Length..];
            book.Add(row.GetInt64(1), row.GetInt64(2), new Cell(row.GetString(3), Statuses[row.GetInt16(4)], pledge));
        }

        Equal(vouchers.Count, books.Count, "Every voucher has pieces");
        foreach (var (voucher, book) in vouchers)
        {
            Equal(book.ToString(), books[voucher].ToString(), $"The pieces of voucher {voucher} are what the log says");
            Equal(book.Kilograms, books[voucher].Kilograms, $"Issued = the sum of all pieces of voucher {voucher}");
        }
    }

    private async Task CompareProjectionsAsync(NpgsqlConnection connection)
    {
        await foreach (var row in RowsAsync(connection, "select name, last_seq_id from mt_event_progression where name <> 'HighWaterMark'"))
        {
            Equal(Events, row.GetInt64(1), $"Projection {row.GetString(0)} has reached the end");
        }

        var found = 0;
        await foreach (var row in RowsAsync(connection, "select distinct on (account_id, voucher_id) account_id::text, voucher_id::text, owned, pledged from ledger.balances order by account_id, voucher_id, log_index desc"))
        {
            found++;
            Equal(balances.GetValueOrDefault((row.GetString(0), row.GetString(1))), (row.GetInt64(2), row.GetInt64(3)), $"The balance of account {row.GetString(0)} in voucher {row.GetString(1)}");
        }

        Equal(balances.Count, found, "Every balance is projected");
        found = 0;
        await foreach (var row in RowsAsync(connection, "select distinct on (voucher_id) voucher_id::text, issued, pledged, retired, cancelled, expired from ledger.voucher_totals order by voucher_id, log_index desc"))
        {
            found++;
            Equal(totals.GetValueOrDefault(row.GetString(0)), (row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)), $"The totals of voucher {row.GetString(0)}");
        }

        Equal(totals.Count, found, "Every voucher's totals are projected");
        found = 0;
        await foreach (var row in RowsAsync(connection, "select loan_id::text, outstanding_principal from ledger.loan_book"))
        {
            found++;
            Equal(loans.GetValueOrDefault(row.GetString(0)), row.GetDecimal(1), $"The principal of loan {row.GetString(0)}");
        }

        Equal(loans.Count, found, "Every loan is projected");
        found = 0;
        await foreach (var row in RowsAsync(connection, "select pledge_id::text, kilograms from ledger.loan_book_collateral"))
        {
            found++;
            Equal(collateral.GetValueOrDefault(row.GetString(0)), row.GetInt64(1), $"The kilograms under pledge {row.GetString(0)}");
        }

        Equal(collateral.Count, found, "Every pledge is projected");
    }

    private static async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            yield return reader;
        }
    }

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static string Text(JsonElement data, string member) => data.GetProperty(member).GetString()!;

    private static IEnumerable<(long First, long Last)> Ranges(JsonElement data) =>
        data.GetProperty("serials").EnumerateArray().Select(r => (r.GetProperty("first").GetInt64(), r.GetProperty("last").GetInt64()));

    private static void Equal<T>(T expected, T found, string rule)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
        {
            throw new InvalidOperationException($"{rule}: expected {expected}, found {found}.");
        }
    }
}

/// <summary>Who holds a serial, what became of it, and which pledge lies on it.</summary>
public sealed record Cell(string Holder, string Status, string? Pledge);

/// <summary>The serials of one voucher as runs of equal cells: sorted, adjacent, joined where equal.</summary>
public sealed class RangeBook
{
    private readonly List<(long First, long Last, Cell Cell)> runs = [];

    public RangeBook()
    {
    }

    public RangeBook(long kilograms, string holder) => Add(1, kilograms, new Cell(holder, "live", null));

    public long Kilograms => runs.Sum(r => r.Last - r.First + 1);

    /// <summary>Adds a run at the end; it must begin where the last one ended.</summary>
    public void Add(long first, long last, Cell cell)
    {
        if (first != (runs.Count == 0 ? 1 : runs[^1].Last + 1) || last < first)
        {
            throw new InvalidOperationException($"Serials {first}–{last} do not follow.");
        }

        Append(runs, first, last, cell);
    }

    /// <summary>Changes serials that must all stand as <paramref name="before"/> says.</summary>
    public void Change(long first, long last, Cell before, Cell after)
    {
        var changed = new List<(long First, long Last, Cell Cell)>(runs.Count + 2);
        var found = 0L;
        foreach (var run in runs)
        {
            var (from, to) = (Math.Max(run.First, first), Math.Min(run.Last, last));
            if (from > to)
            {
                Append(changed, run.First, run.Last, run.Cell);
                continue;
            }

            if (run.Cell != before)
            {
                throw new InvalidOperationException($"Serials {from}–{to} stand as {run.Cell}, not as {before}.");
            }

            found += to - from + 1;
            Append(changed, run.First, from - 1, run.Cell);
            Append(changed, from, to, after);
            Append(changed, to + 1, run.Last, run.Cell);
        }

        if (found != last - first + 1)
        {
            throw new InvalidOperationException($"Serials {first}–{last} reach beyond the voucher.");
        }

        runs.Clear();
        runs.AddRange(changed);
    }

    public override string ToString() => string.Join('\n', runs.Select(r => $"{r.First}-{r.Last} {r.Cell}"));

    private static void Append(List<(long First, long Last, Cell Cell)> to, long first, long last, Cell cell)
    {
        if (last < first)
        {
            return;
        }

        if (to.Count > 0 && to[^1].Cell == cell)
        {
            to[^1] = to[^1] with { Last = last };
        }
        else
        {
            to.Add((first, last, cell));
        }
    }
}
