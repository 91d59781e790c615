using CarbonLedger.Core.Vouchers;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>Writes when which lock lay on which serials. What one step opens it gathers: a lock that also ends within the step costs no second statement.</summary>
internal sealed class LienRows(StatementPipeline pipeline)
{
    private const string Insert =
        """
        insert into liens (voucher_id, lock_id, first_serial, end_serial, kind, equal_rank_with, account_id, since_index, from_index, until_index)
        select l.voucher_id, l.lock_id, l.f, l.e, l.kind, l.equal_rank_with, l.account_id, l.since_index, l.since_index, l.until_index
        from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::uuid[], $7::uuid[], $8::bigint[], $9::bigint[])
            as l(voucher_id, lock_id, f, e, kind, equal_rank_with, account_id, since_index, until_index)
        """;

    private static readonly string CloseLiens = Store.SqlText.Read("close_liens");

    private readonly Dictionary<(VoucherId Voucher, Guid Lock), Lien> gathered = [];

    public async Task OpenAsync(long logIndex, VoucherId voucher, UnitLock item, AccountId holder, SerialRanges serials, CancellationToken stop)
    {
        var lien = new Lien(item, holder, serials, logIndex, null);
        if (!gathered.TryAdd((voucher, item.Id), lien))
        {
            await FlushAsync(stop);
            gathered.Add((voucher, item.Id), lien);
        }
    }

    public async Task CloseAsync(long logIndex, VoucherId voucher, Guid item, SerialRanges serials, CancellationToken stop)
    {
        if (gathered.TryGetValue((voucher, item), out var lien))
        {
            if (lien.Until is null && lien.Serials.Equals(serials))
            {
                gathered[(voucher, item)] = lien with { Until = logIndex };
                return;
            }

            await FlushAsync(stop); // a part of it ends, so it must stand there first
        }

        await pipeline.AddAsync(
            StatementPipeline.Statement(
                CloseLiens, voucher.Value, item, serials.Select(r => r.First).ToArray(), serials.Select(r => r.EndExclusive).ToArray(), logIndex),
            stop);
    }

    /// <summary>Writes what was gathered, before whatever comes next in the pipeline. Rows of different locks do not touch each other, so their order is free.</summary>
    public async Task FlushAsync(CancellationToken stop)
    {
        if (gathered.Count == 0)
        {
            return;
        }

        var rows = gathered.SelectMany(g => g.Value.Serials, (g, range) => (g.Key.Voucher, g.Value, range)).ToArray();
        gathered.Clear();
        await pipeline.AddAsync(
            StatementPipeline.Statement(
                Insert,
                rows.Select(r => r.Voucher.Value).ToArray(),
                rows.Select(r => r.Value.Lock.Id).ToArray(),
                rows.Select(r => r.range.First).ToArray(),
                rows.Select(r => r.range.EndExclusive).ToArray(),
                rows.Select(r => Locks.NameOf(r.Value.Lock.Kind)).ToArray(),
                rows.Select(r => r.Value.Lock.EqualRankWith).ToArray(),
                rows.Select(r => r.Value.Holder.Value).ToArray(),
                rows.Select(r => r.Value.Since).ToArray(),
                rows.Select(r => r.Value.Until).ToArray()),
            stop);
    }

    private readonly record struct Lien(UnitLock Lock, AccountId Holder, SerialRanges Serials, long Since, long? Until);
}
