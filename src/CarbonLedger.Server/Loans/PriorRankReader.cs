using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Pledges;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Loans;

/// <summary>Finds what stands before the pledges that secure loans, now or at a past position.</summary>
public sealed class PriorRankReader(LedgerDatabase database, LogHead head, ProjectionSet projections, LoanValuer valuer)
{
    /// <summary>Every stretch on which one of the pledges meets one that came earlier and not with it: the earlier one, voucher, serials, and which of the pledges it is.</summary>
    private const string Overlaps =
        """
        select e.lock_id, m.voucher_id, greatest(e.first_serial, m.first_serial), least(e.end_serial, m.end_serial), m.lock_id
        from ledger.liens m
        join ledger.liens e on e.voucher_id = m.voucher_id and e.first_serial < m.end_serial and e.end_serial > m.first_serial
            and e.kind = 'ranked' and e.since_index < m.since_index
            and coalesce(e.equal_rank_with, e.lock_id) <> coalesce(m.equal_rank_with, m.lock_id)
            and e.from_index <= $2 and (e.until_index is null or e.until_index > $2)
        where m.lock_id = any($1) and m.from_index <= $2 and (m.until_index is null or m.until_index > $2)
        """;

    /// <summary>The stretches before each of the pledges. Nothing stands before an exclusive one, and for those alone nothing is asked.</summary>
    public async Task<ILookup<PledgeId, PriorStretch>> ReadAsync(IEnumerable<PledgeState> pledges, PriceQuote quote, ReadQuestion question)
    {
        var ranked = pledges.Where(p => p.Mode == PledgeMode.Ranked && p.Units.Count > 0).ToDictionary(p => p.Id);
        var met = new List<(Guid Before, Guid Voucher, SerialRange Serials, Guid Pledge)>();
        if (ranked.Count > 0)
        {
            var position = await ProjectionSet.PositionAsync(projections.Balances, head, question);
            await using var command = database.Readers.CreateCommand(Overlaps);
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ranked.Keys] });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                met.Add((reader.GetGuid(0), reader.GetGuid(1), SerialRange.HalfOpen(reader.GetInt64(2), reader.GetInt64(3)), reader.GetGuid(4)));
            }
        }

        var before = await valuer.LoadAsync([.. met.Select(m => m.Before).Distinct()], question.UpTo);
        return met.ToLookup(m => new PledgeId(m.Pledge), m => new PriorStretch(
            new PledgeId(m.Before), SecuredBy((PledgeState)before[m.Before]), new VoucherId(m.Voucher), m.Serials, quote.PricePerTonne ?? ranked[m.Pledge].Valuation.PricePerTonne));
    }

    /// <summary>What stands before a loan, and what it leaves of its collateral's value.</summary>
    public static (Money Secured, Money ValueAfter) Of(IReadOnlyList<PledgeState> pledges, Money value, ILookup<PledgeId, PriorStretch> prior) =>
        PriorRanks.Of(value, [.. pledges.SelectMany(p => prior[p.Pledge])]);

    /// <summary>What the register shows to whoever stands behind: the registered amount, not the other bank's loan.</summary>
    private static Money SecuredBy(PledgeState pledge) =>
        pledge.Recovered is { } recovered ? recovered < pledge.SecuredAmount ? pledge.SecuredAmount - recovered : Money.Zero : pledge.SecuredAmount;
}
