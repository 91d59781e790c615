using CarbonLedger.Core.Values;

namespace CarbonLedger.Audit;

/// <summary>Compares the locks that the projection keeps, past ones included, with those of the log.</summary>
public sealed class LienComparison(Snapshot snapshot, Findings findings)
{
    public async Task RunAsync(LienModel liens)
    {
        var kept = await ReadAsync(liens);
        foreach (var key in liens.Came.Keys.Union(liens.Left.Keys).Union(kept.Keys))
        {
            var (steps, came, left) = (kept.GetValueOrDefault(key), liens.Came.GetValueOrDefault(key), liens.Left.GetValueOrDefault(key));
            foreach (var position in Positions(steps).Union(Positions(came)).Union(Positions(left)))
            {
                var step = steps?.GetValueOrDefault(position);
                Compare(
                    key,
                    position,
                    step?.Came ?? [],
                    step?.Left ?? [],
                    came?.GetValueOrDefault(position)?.Serials ?? SerialRanges.Empty,
                    left?.GetValueOrDefault(position) ?? SerialRanges.Empty);
            }
        }

        await CompareAccountFreezesAsync(liens);
    }

    private static IEnumerable<long> Positions<T>(Dictionary<long, T>? steps) => steps?.Keys ?? Enumerable.Empty<long>();

    /// <summary>A row that goes on for what is left of an earlier one comes and leaves at the same position: the two cancel out.</summary>
    private void Compare(LienKey key, long position, List<SerialRange> came, List<SerialRange> left, SerialRanges expectedCame, SerialRanges expectedLeft)
    {
        if (SerialRanges.Disjoint(came) is not { } added || SerialRanges.Disjoint(left) is not { } removed)
        {
            findings.Add($"Lock {key.Lock} lies twice on serials of voucher {key.Voucher} at position {position}.");
            return;
        }

        findings.Require(
            added.Except(removed).Equals(expectedCame) && removed.Except(added).Equals(expectedLeft),
            $"Lock {key.Lock} on voucher {key.Voucher}: at position {position} the projection says that {added.Except(removed)} came and {removed.Except(added)} left, the log {expectedCame} and {expectedLeft}.");
    }

    private async Task<Dictionary<LienKey, Dictionary<long, Step>>> ReadAsync(LienModel liens)
    {
        var kept = new Dictionary<LienKey, Dictionary<long, Step>>();
        const string query =
            "select voucher_id, lock_id, first_serial, end_serial, kind, equal_rank_with, account_id, since_index, from_index, until_index from ledger.liens";
        await foreach (var reader in snapshot.RowsAsync(query))
        {
            var (key, first, end) = (new LienKey(reader.GetGuid(0), reader.GetGuid(1)), reader.GetInt64(2), reader.GetInt64(3));
            if (first < 1 || end > SerialRange.SerialMax + 1)
            {
                findings.Add($"Lock {key.Lock} lies on serials {first}–{end - 1} of voucher {key.Voucher}, which no voucher has.");
                continue;
            }

            var range = SerialRange.HalfOpen(first, end);
            At(kept, key, reader.GetInt64(8)).Came.Add(range);
            if (!reader.IsDBNull(9))
            {
                At(kept, key, reader.GetInt64(9)).Left.Add(range);
            }

            // The rank follows from where the lock has lain since, so each row must go back to an event that laid it there.
            var since = liens.Came.GetValueOrDefault(key)?.GetValueOrDefault(reader.GetInt64(7));
            findings.Require(
                since is not null
                    && since.Serials.Contains(SerialRanges.Of(range))
                    && (since.Kind, since.EqualRankWith, since.Account) == (reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetGuid(5), reader.GetGuid(6)),
                $"Lock {key.Lock} on serials {range} of voucher {key.Voucher} does not go back to event {reader.GetInt64(7)}.");
        }

        return kept;
    }

    private async Task CompareAccountFreezesAsync(LienModel liens)
    {
        var missing = liens.AccountFreezes.Keys.ToHashSet();
        await foreach (var reader in snapshot.RowsAsync("select account_id, freeze_id, from_index, until_index from ledger.account_freezes"))
        {
            var key = (reader.GetGuid(0), reader.GetGuid(1));
            missing.Remove(key);
            findings.Require(
                liens.AccountFreezes.TryGetValue(key, out var expected) && expected == (reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetInt64(3)),
                $"Freeze {key.Item2} of account {key.Item1} differs from its events.");
        }

        foreach (var (account, freeze) in missing)
        {
            findings.Add($"Freeze {freeze} of account {account} is missing.");
        }
    }

    private static Step At(Dictionary<LienKey, Dictionary<long, Step>> kept, LienKey key, long position)
    {
        if (!kept.TryGetValue(key, out var steps))
        {
            kept.Add(key, steps = []);
        }

        if (!steps.TryGetValue(position, out var step))
        {
            steps.Add(position, step = new Step([], []));
        }

        return step;
    }

    private sealed record Step(List<SerialRange> Came, List<SerialRange> Left);
}
