using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Pledges;

/// <summary>Where a pledge stands among others on its units.</summary>
/// <param name="Rank">On the units where it stands worst; null when it has none.</param>
public sealed record Ranking(int? Rank, IReadOnlyList<StandingBeforeWire> Before);

/// <summary>A stretch of serials under a pledge, with all pledges that came there up to it, in the order of their coming.</summary>
public sealed record Standing(PledgeId Pledge, VoucherId Voucher, SerialRange Serials, Locks Locks)
{
    public int Rank => Locks.RankOf(Pledge);

    /// <summary>The pledges of better rank here.</summary>
    public IEnumerable<PledgeId> Before => Locks.Ranks.Take(Rank - 1).SelectMany(r => r);
}

/// <summary>Reads the rank of a pledge from the locks on its units, now or at a past position.</summary>
public sealed class RankReader(LedgerDatabase database, ProjectionSet projections, ThingReader things)
{
    /// <summary>Where each of the pledges lies, and where what came before it lies on the same serials; in the order of their coming.</summary>
    private const string Overlaps =
        """
        select m.voucher_id, greatest(e.first_serial, m.first_serial), least(e.end_serial, m.end_serial), e.lock_id, e.equal_rank_with, m.lock_id
        from ledger.liens m
        join ledger.liens e on e.voucher_id = m.voucher_id and e.first_serial < m.end_serial and e.end_serial > m.first_serial
            and e.kind = 'ranked' and e.since_index <= m.since_index
            and e.from_index <= $2 and (e.until_index is null or e.until_index > $2)
        where m.lock_id = any($1) and m.from_index <= $2 and (m.until_index is null or m.until_index > $2)
        order by e.since_index
        """;

    public async Task<Ranking> ReadAsync(PledgeState pledge, ReadQuestion question)
    {
        if (pledge.Mode != PledgeMode.Ranked || pledge.Units.Count == 0)
        {
            return new Ranking(pledge.Units.Count == 0 ? null : 1, []);
        }

        var (worst, kilograms) = (1, new Dictionary<PledgeId, long>());
        foreach (var standing in await StandingsAsync([pledge.Id], question))
        {
            worst = Math.Max(worst, standing.Rank);
            foreach (var earlier in standing.Before)
            {
                kilograms[earlier] = kilograms.GetValueOrDefault(earlier) + standing.Serials.Count;
            }
        }

        var states = await things.LoadAsync([.. kilograms.Keys.Select(p => p.Value)], question.UpTo);
        return new Ranking(worst, [.. kilograms.Select(k => BeforeOf((PledgeState)states[k.Key.Value], k.Value))]);

        static StandingBeforeWire BeforeOf(PledgeState state, long kilograms) =>
            new() { PledgeId = state.Pledge, PledgeeId = state.Pledgee, SecuredAmount = state.SecuredAmount, Kilograms = kilograms };
    }

    /// <summary>How each of these ranked pledges stands on each stretch of its units, now or at a past position.</summary>
    public async Task<IReadOnlyList<Standing>> StandingsAsync(Guid[] pledges, ReadQuestion question)
    {
        var position = await projections.Balances.PositionAsync(question);
        var came = 0;
        var lying = await database.Readers.CreateCommand(Overlaps).With(pledges).With(position).ListAsync(row => new Lying(
            came++,
            new PledgeId(row.GetGuid(5)),
            new VoucherId(row.GetGuid(0)),
            row.GetInt64(1),
            row.GetInt64(2),
            new UnitLock(LockKind.Ranked, row.GetGuid(3), row.IsDBNull(4) ? null : row.GetGuid(4))));

        return [.. lying.GroupBy(l => (l.Pledge, l.Voucher)).SelectMany(g => Stretches(g).Select(s => new Standing(g.Key.Pledge, g.Key.Voucher, s.Serials, s.Locks)))];
    }

    /// <summary>The locks on each stretch of one voucher: a sweep over their ends.</summary>
    private static IEnumerable<(Locks Locks, SerialRange Serials)> Stretches(IEnumerable<Lying> lying)
    {
        var coming = new Queue<Lying>(lying.OrderBy(l => l.First));
        var ends = coming.SelectMany(l => new[] { l.First, l.End }).Distinct().Order().ToArray();
        var here = new List<Lying>();
        foreach (var (first, end) in ends.Zip(ends.Skip(1)))
        {
            here.RemoveAll(l => l.End <= first);
            while (coming.TryPeek(out var next) && next.First == first)
            {
                here.Add(coming.Dequeue());
            }

            if (here.Count > 0)
            {
                yield return (here.OrderBy(l => l.Order).Aggregate(Locks.None, (locks, l) => locks.Add(l.Item)), SerialRange.HalfOpen(first, end));
            }
        }
    }

    /// <summary>A lock on serials of one of the pledges that were asked for.</summary>
    private sealed record Lying(int Order, PledgeId Pledge, VoucherId Voucher, long First, long End, UnitLock Item);
}
