namespace CarbonLedger.Audit;

/// <summary>Compares every balance and total that the projection keeps, past ones included, with those of the log.</summary>
public sealed class BalanceComparison(Snapshot snapshot, Findings findings)
{
    private const string Balances =
        """
        select account_id, voucher_id, log_index, owned, free, held, pledged, frozen, 0::bigint, 0::bigint, 0::bigint
        from ledger.balances order by account_id, voucher_id, log_index
        """;

    private const string Totals =
        """
        select '00000000-0000-0000-0000-000000000000'::uuid, voucher_id, log_index, issued, free, held, pledged, frozen, retired, cancelled, expired
        from ledger.voucher_totals order by voucher_id, log_index
        """;

    public async Task RunAsync(BalanceModel model)
    {
        var missing = model.Kept.Keys.ToHashSet();
        foreach (var query in (string[])[Balances, Totals])
        {
            var (key, rows) = (default(BalanceKey), default(BalanceRows));
            await foreach (var row in snapshot.RowsAsync(query))
            {
                var next = new BalanceKey(row.GetGuid(0), row.GetGuid(1));
                if (next != key)
                {
                    Compare(model, missing, key, rows);
                    (key, rows) = (next, default);
                }

                rows = rows.With(
                    row.GetInt64(2),
                    new Amounts(
                        row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10)));
            }

            Compare(model, missing, key, rows);
        }

        foreach (var key in missing)
        {
            findings.Add($"The {key} is missing.");
        }
    }

    private void Compare(BalanceModel model, HashSet<BalanceKey> missing, BalanceKey key, BalanceRows kept)
    {
        if (key == default)
        {
            return; // before the first row
        }

        missing.Remove(key);
        var expected = model.Kept.GetValueOrDefault(key).Rows;
        if (expected.Newest != kept.Newest)
        {
            findings.Add($"The {key} is {kept.Newest}, recomputed {expected.Newest}.");
        }
        else
        {
            findings.Require(expected.Digest == kept.Digest, $"The {key} is right now, and an earlier one differs from the events, or stands at another position.");
        }
    }
}
