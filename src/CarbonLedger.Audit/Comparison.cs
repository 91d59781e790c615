using System.Globalization;

namespace CarbonLedger.Audit;

/// <summary>Compares what was recomputed with what the server keeps: pieces, streams, and what a single question finds.</summary>
public sealed class Comparison(Snapshot snapshot, Findings findings)
{
    /// <summary>Questions that have no answer in a sound register, and what to say of each row that answers one all the same.</summary>
    private static readonly (string Query, string Finding)[] Checks =
    [
        (
            "select log_index from ledger.head where log_index <> (select coalesce(max(seq_id), 0) from mt_events)",
            "The head says {0}, which is not the newest event."),
        (
            // It may be later: a question about a past instant closes the log's time up to there.
            """
            select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') from ledger.head
            where at < (select timestamp from mt_events order by seq_id desc limit 1)
            """,
            "The head stands at {0}, which is before the newest event."),
        ("select 1 - count(*) from ledger.head having count(*) <> 1", "The log has no head."),
        (
            // A sequence moves before its transaction is seen, so it may be ahead; it is Marten's, and nothing here is numbered by it.
            "select last_value from mt_events_sequence where last_value < (select log_index from ledger.head)",
            "The sequence says {0}, which is behind the log."),
        (
            "select key_digest from ledger.idempotency_keys where log_index not between 0 and (select log_index from ledger.head)",
            "The answer kept under key {0} is about a position that the log does not have."),
        (
            "select log_index from ledger.idempotency_keys where status = 201 and log_index > 0 group by log_index having count(*) > 1",
            "Two answers say that their command ended at event {0}."),
        (
            """
            select key_digest from ledger.idempotency_keys
            where status = 201 and position('"logIndex":'::bytea in answer) > 0
                and position(convert_to('"logIndex":' || log_index || ',', 'UTF8') in answer) = 0
                and position(convert_to('"logIndex":' || log_index || '}', 'UTF8') in answer) = 0
            """,
            "The answer kept under key {0} names another position than its row."),
        (
            """
            select id from ledger.states where (scheme, period_end, revoked) is distinct from (
                case when kind = 'voucher' then state -> 'serial' ->> 'scheme' end,
                case when kind = 'voucher' then state -> 'monitoringPeriod' ->> 'last' end,
                case when kind = 'voucher' then (state -> 'revoked') is not null end)
            """,
            "The columns by which state {0} is looked for are not those of the state."),
    ];

    public async Task RunAsync(UnitModel units, IReadOnlyDictionary<Guid, StreamFacts> streams)
    {
        await ComparePiecesAsync(units);
        await CompareStreamsAsync(streams);
        foreach (var (query, finding) in Checks)
        {
            await foreach (var row in snapshot.RowsAsync(query))
            {
                findings.Add(string.Format(CultureInfo.InvariantCulture, finding, row.GetValue(0)));
            }
        }
    }

    private async Task ComparePiecesAsync(UnitModel units)
    {
        var kept = new Dictionary<Guid, List<(long First, long End, Stretch Stretch)>>();
        const string query =
            "select voucher_id, coalesce(lag(last_serial) over (partition by voucher_id order by last_serial), 0) + 1, last_serial + 1, account_id, status, locks from ledger.pieces order by voucher_id, last_serial";
        await foreach (var reader in snapshot.RowsAsync(query))
        {
            var stretch = new Stretch(reader.GetGuid(3), reader.GetInt16(4), reader.IsDBNull(5) ? "" : reader.GetString(5));
            if (!kept.TryGetValue(reader.GetGuid(0), out var pieces))
            {
                kept.Add(reader.GetGuid(0), pieces = []);
            }

            if (pieces.Count > 0 && pieces[^1].Stretch == stretch)
            {
                pieces[^1] = (pieces[^1].First, reader.GetInt64(2), stretch);
            }
            else
            {
                pieces.Add((reader.GetInt64(1), reader.GetInt64(2), stretch));
            }
        }

        foreach (var voucher in units.Vouchers)
        {
            findings.Require(
                kept.GetValueOrDefault(voucher)?.SequenceEqual(units.Pieces(voucher)) == true,
                $"The pieces of voucher {voucher} differ from its events.");
        }

        foreach (var voucher in kept.Keys.Where(v => !units.Knows(v)))
        {
            findings.Add($"Voucher {voucher} has pieces and was never issued.");
        }
    }

    private async Task CompareStreamsAsync(IReadOnlyDictionary<Guid, StreamFacts> streams)
    {
        const string query =
            """
            select id, coalesce(version, 0), type, created, timestamp, tenant_id is not distinct from '*DEFAULT*' and is_archived is not distinct from false
            from mt_streams
            """;
        var found = 0;
        await foreach (var row in snapshot.RowsAsync(query))
        {
            var stream = row.GetGuid(0);
            if (!streams.TryGetValue(stream, out var facts))
            {
                findings.Add($"Stream {stream} has a row and no event.");
                continue;
            }

            found++;
            var kept = new StreamFacts(row.GetInt64(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetDateTime(3), row.GetDateTime(4));
            findings.Require(kept == facts && row.GetBoolean(5), $"The row of stream {stream} is {kept}, its events say {facts}.");
        }

        findings.Require(found == streams.Count, $"{streams.Count - found} streams have events and no row.");
    }
}
