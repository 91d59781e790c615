using Npgsql;

namespace CarbonLedger.Audit;

/// <summary>Compares what was recomputed with what the server keeps: pieces, balances, totals, streams, the head.</summary>
public sealed class Comparison(NpgsqlDataSource database, Findings findings)
{
    public async Task RunAsync(UnitModel units, long events)
    {
        await ComparePiecesAsync(units);
        await CompareBalancesAsync(units, events);
        await CompareTotalsAsync(units, events);
        if (await ReachedAsync("BalanceBook:All", events))
        {
            await new LienComparison(database, findings).RunAsync(units.Liens);
        }

        await RequireNoneAsync(
            "select s.id from mt_streams s left join (select stream_id, max(version) as version from mt_events group by stream_id) e on e.stream_id = s.id where e.version is distinct from s.version",
            "Stream {0} has another version than its newest event.");
        await RequireNoneAsync(
            "select log_index::text from ledger.head where log_index <> (select coalesce(max(seq_id), 0) from mt_events)",
            "The head says {0}, which is not the newest event.");
    }

    private async Task ComparePiecesAsync(UnitModel units)
    {
        var kept = new Dictionary<Guid, List<(long First, long End, Stretch Stretch)>>();
        await using var command = database.CreateCommand(
            "select voucher_id, coalesce(lag(last_serial) over (partition by voucher_id order by last_serial), 0) + 1, last_serial + 1, account_id, status, locks from ledger.pieces order by voucher_id, last_serial");
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
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

    private async Task CompareBalancesAsync(UnitModel units, long events)
    {
        if (!await ReachedAsync("BalanceBook:All", events))
        {
            return;
        }

        var recomputed = units.Balances();
        await using var command = database.CreateCommand(
            "select distinct on (account_id, voucher_id) account_id, voucher_id, owned, free, held, pledged, frozen from ledger.balances order by account_id, voucher_id, log_index desc");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var key = (reader.GetGuid(0), reader.GetGuid(1));
            recomputed.Remove(key, out var expected);
            var kept = (reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6));
            findings.Require(
                expected == kept,
                $"The balance of account {key.Item1} in voucher {key.Item2} is {kept} (owned, free, held, pledged, frozen), recomputed {expected}.");
        }

        foreach (var (account, voucher) in recomputed.Keys)
        {
            findings.Add($"Account {account} holds units of voucher {voucher} and has no balance.");
        }
    }

    private async Task CompareTotalsAsync(UnitModel units, long events)
    {
        if (!await ReachedAsync("BalanceBook:All", events))
        {
            return;
        }

        await using var command = database.CreateCommand(
            "select distinct on (voucher_id) voucher_id, issued, free, pledged, retired, cancelled, expired from ledger.voucher_totals order by voucher_id, log_index desc");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var voucher = reader.GetGuid(0);
            var pieces = units.Knows(voucher) ? units.Pieces(voucher) : [];
            var expected = (
                pieces.Sum(p => p.End - p.First),
                pieces.Where(p => p.Stretch.IsFree).Sum(p => p.End - p.First),
                pieces.Where(p => p.Stretch.IsPledged).Sum(p => p.End - p.First),
                pieces.Where(p => p.Stretch.Status == 1).Sum(p => p.End - p.First),
                pieces.Where(p => p.Stretch.Status == 2).Sum(p => p.End - p.First),
                pieces.Where(p => p.Stretch.Status == 3).Sum(p => p.End - p.First));
            var kept = (reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6));
            findings.Require(expected == kept, $"The totals of voucher {voucher} differ from its events.");
        }
    }

    private async Task<bool> ReachedAsync(string projection, long events)
    {
        await using var command = database.CreateCommand("select last_seq_id from mt_event_progression where name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection });
        var reached = await command.ExecuteScalarAsync() as long? ?? 0;
        if (reached != events)
        {
            Console.WriteLine($"Projection {projection} is at {reached} of {events}; it is not compared. Run the audit again when it has caught up.");
        }

        return reached == events;
    }

    private async Task RequireNoneAsync(string query, string finding)
    {
        await using var command = database.CreateCommand(query);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            findings.Add(string.Format(System.Globalization.CultureInfo.InvariantCulture, finding, reader.GetValue(0)));
        }
    }
}
