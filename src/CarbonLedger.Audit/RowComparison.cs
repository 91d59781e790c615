namespace CarbonLedger.Audit;

/// <summary>Compares tables row by row with what was recomputed.</summary>
public sealed class RowComparison(Snapshot snapshot, Findings findings)
{
    public async Task RunAsync(RowTable table)
    {
        var missing = table.Rows.Keys.ToHashSet();
        await foreach (var row in snapshot.RowsAsync(table.Query))
        {
            var values = new object?[row.FieldCount];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = row.GetValue(i);
            }

            var digest = RowTable.DigestOf(values.Take(table.KeyColumns));
            var key = string.Join(' ', values.Take(table.KeyColumns).Select(RowTable.TextOf));
            if (!missing.Remove(digest))
            {
                findings.Add($"ledger.{table.Name} has a row {key}, and no event says so.");
            }
            else
            {
                var (expected, position) = table.Rows[digest];
                findings.Require(expected == RowTable.DigestOf(values.Skip(table.KeyColumns)), $"ledger.{table.Name}, row {key}: differs from what event {position} and those before it say.");
            }
        }

        foreach (var digest in missing)
        {
            findings.Add($"ledger.{table.Name} lacks the row that event {table.Rows[digest].Position} wrote.");
        }
    }
}
