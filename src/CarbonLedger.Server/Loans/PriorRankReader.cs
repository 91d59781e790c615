using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Pledges;

namespace CarbonLedger.Server.Loans;

/// <summary>Finds what stands before the pledges that secure loans, now or at a past position.</summary>
public sealed class PriorRankReader(RankReader ranks, ThingReader things)
{
    /// <summary>The stretches before each of the pledges, with their registered amounts and not the other banks' loans. Nothing stands before an exclusive one, and for those alone nothing is asked.</summary>
    public async Task<ILookup<PledgeId, PriorStretch>> ReadAsync(IEnumerable<PledgeState> pledges, PriceQuote quote, ReadQuestion question)
    {
        var ranked = pledges.Where(p => p.Mode == PledgeMode.Ranked && p.Units.Count > 0).ToDictionary(p => p.Id);
        IReadOnlyList<Standing> standings = ranked.Count == 0 ? [] : await ranks.StandingsAsync([.. ranked.Keys], question);
        var met = standings.SelectMany(s => s.Before, (s, before) => (Before: before, On: s)).ToArray();
        var states = await things.LoadAsync([.. met.Select(m => m.Before.Value).Distinct()], question.UpTo);
        return met.ToLookup(m => m.On.Pledge, m => new PriorStretch(
            m.Before, ((PledgeState)states[m.Before.Value]).SecuredLeft, m.On.Voucher, m.On.Serials, quote.PricePerTonne ?? ranked[m.On.Pledge.Value].Valuation.PricePerTonne));
    }

    /// <summary>What stands before a loan, or before several together, and what it leaves of their collateral's value.</summary>
    public static (Money Secured, Money ValueAfter) Of(
        IReadOnlyCollection<PledgeState> pledges, IEnumerable<CollateralPart> parts, Money value, ILookup<PledgeId, PriorStretch> prior) =>
        PriorRanks.Of(value, PriorRanks.Before(pledges.Select(p => p.Pledge), parts, pledges.SelectMany(p => prior[p.Pledge])));
}
