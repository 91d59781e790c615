using CarbonLedger.Core.Pledges;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Pledges;

/// <summary>Where a pledge stands among others on its units.</summary>
/// <param name="Rank">On the units where it stands worst; null when it has none.</param>
public sealed record Ranking(int? Rank, IReadOnlyList<StandingBeforeWire> Before);

/// <summary>Reads the rank of a pledge from the locks on its units, now or at a past position.</summary>
public sealed class RankReader(LedgerDatabase database, LogHead head, ProjectionSet projections, ThingReader things)
{
    /// <summary>Every stretch on which one of the pledges meets an earlier one: which one, of which group, on which serials, and which of the pledges it is.</summary>
    internal const string Overlaps =
        """
        select e.lock_id, coalesce(e.equal_rank_with, e.lock_id), greatest(e.first_serial, m.first_serial), least(e.end_serial, m.end_serial), m.voucher_id, m.lock_id
        from ledger.liens m
        join ledger.liens e on e.voucher_id = m.voucher_id and e.first_serial < m.end_serial and e.end_serial > m.first_serial
            and e.kind in ('exclusive', 'ranked') and e.since_index < m.since_index
            and coalesce(e.equal_rank_with, e.lock_id) <> coalesce(m.equal_rank_with, m.lock_id)
            and e.from_index <= $2 and (e.until_index is null or e.until_index > $2)
        where m.lock_id = any($1) and m.from_index <= $2 and (m.until_index is null or m.until_index > $2)
        """;

    public async Task<Ranking> ReadAsync(PledgeState pledge, ReadQuestion question)
    {
        if (pledge.Mode != PledgeMode.Ranked || pledge.Units.Count == 0)
        {
            return new Ranking(pledge.Units.Count == 0 ? null : 1, []);
        }

        var position = await ProjectionSet.PositionAsync(projections.Balances, head, question);
        await using var command = database.Readers.CreateCommand(Overlaps);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [pledge.Id] });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        var met = new List<(Guid Pledge, Guid Group, long First, long End, Guid Voucher)>();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                met.Add((reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetGuid(4)));
            }
        }

        var before = new List<StandingBeforeWire>();
        foreach (var one in met.GroupBy(m => m.Pledge))
        {
            var state = await things.FindAsync<PledgeState>(one.Key, question, new Refusal.PledgeNotFound(new PledgeId(one.Key)));
            before.Add(new StandingBeforeWire
            {
                PledgeId = state.Pledge,
                PledgeeId = state.Pledgee,
                SecuredAmount = state.SecuredAmount,
                Kilograms = one.Sum(m => m.End - m.First),
            });
        }

        return new Ranking(1 + Deepest(met), before);
    }

    /// <summary>The most groups that lie over one serial: a sweep over the ends of the stretches.</summary>
    private static int Deepest(List<(Guid Pledge, Guid Group, long First, long End, Guid Voucher)> met)
    {
        var deepest = 0;
        foreach (var voucher in met.GroupBy(m => m.Voucher))
        {
            var starts = voucher.Select(m => m.First).Distinct();
            deepest = Math.Max(deepest, starts.Max(s => voucher.Where(m => m.First <= s && m.End > s).Select(m => m.Group).Distinct().Count()));
        }

        return deepest;
    }
}
