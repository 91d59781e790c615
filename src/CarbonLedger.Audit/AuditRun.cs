using Npgsql;

namespace CarbonLedger.Audit;

/// <summary>One audit: the log is read once for all that is recomputed from it, then table after table is compared, on one snapshot.</summary>
public static class AuditRun
{
    public static async Task<AuditResult> RunAsync(NpgsqlDataSource database, Findings findings)
    {
        await using var snapshot = await Snapshot.OpenAsync(database);
        var checkpoints = await Checkpoints.ReadAsync(snapshot);
        var (log, models) = (new LogCheck(snapshot, findings), new LogModels(checkpoints));
        var (events, root) = await log.RunAsync(models);
        checkpoints.Compare(events, findings);
        await new Comparison(snapshot, findings).RunAsync(models.Units, log.Streams);
        await new BalanceComparison(snapshot, findings).RunAsync(models.Balances);
        await new LienComparison(snapshot, findings).RunAsync(models.Liens);
        var rows = new RowComparison(snapshot, findings);
        foreach (var table in models.Rows.SelectMany(m => m.Tables))
        {
            await rows.RunAsync(table);
        }

        await new StateComparison(snapshot, findings).RunAsync();
        return new AuditResult(events, root, models.Units.VoucherCount, models.Units.PieceCount);
    }
}

/// <param name="Root">The root of the log's Merkle tree (RFC 6962).</param>
public sealed record AuditResult(long Events, byte[] Root, int Vouchers, long Pieces);
