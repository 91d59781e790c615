using CarbonLedger.Core.Log;
using CarbonLedger.Core.Vouchers;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>What has become of each voucher's kilograms. Transfers change nothing here.</summary>
public sealed class VoucherBook : Projection
{
    public override string Name => "VoucherBook:All";

    public override IReadOnlyList<string> Tables => ["voucher_totals"];

    /// <summary>Most of a log is transfers.</summary>
    public override IReadOnlyList<string> SkippedTypes => ["units_transferred"];

    public override async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<RecordedEvent> events, CancellationToken stop)
    {
        await using var pipeline = new StatementPipeline(connection);
        foreach (var recorded in events)
        {
            switch (recorded.Fact)
            {
                case VoucherEvent.VoucherIssued e:
                    await pipeline.AddAsync(Change(e.Voucher, recorded.LogIndex, e.Kilograms.Value, 0, 0), stop);
                    break;
                case VoucherEvent.UnitsPledged e:
                    await pipeline.AddAsync(Change(e.Voucher, recorded.LogIndex, 0, e.Serials.Kilograms.Value, 0), stop);
                    break;
                case VoucherEvent.UnitsReleased e:
                    await pipeline.AddAsync(Change(e.Voucher, recorded.LogIndex, 0, -e.Serials.Kilograms.Value, 0), stop);
                    break;
                case VoucherEvent.UnitsRetired e:
                    await pipeline.AddAsync(Change(e.Voucher, recorded.LogIndex, 0, 0, e.Serials.Kilograms.Value), stop);
                    break;
                default:
                    break; // every other event leaves a voucher's totals as they are
            }
        }

        await pipeline.FlushAsync(stop);
    }

    private static NpgsqlBatchCommand Change(VoucherId voucher, long logIndex, long issued, long pledged, long retired)
    {
        var command = new NpgsqlBatchCommand(
            """
            insert into voucher_totals (voucher_id, log_index, issued, held, pledged, frozen, retired, cancelled)
            select $1, $2, $3 + coalesce(t.issued, 0), 0, $4 + coalesce(t.pledged, 0), 0, $5 + coalesce(t.retired, 0), 0
            from (select) one left join (select * from voucher_totals where voucher_id = $1 order by log_index desc limit 1) t on true
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = voucher.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = logIndex });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = issued });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = pledged });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = retired });
        return command;
    }
}
