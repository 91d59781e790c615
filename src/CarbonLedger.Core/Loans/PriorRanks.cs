using CarbonLedger.Core.Pledges;

namespace CarbonLedger.Core.Loans;

/// <summary>A stretch of a loan's collateral on which another pledge stands before the one that secures the loan.</summary>
/// <param name="Secured">What the other pledge secures: its registered amount, less what enforcements brought of it. The same on each of its stretches.</param>
/// <param name="Price">What a tonne counts at in the loan's valuation.</param>
public sealed record PriorStretch(PledgeId Before, Money Secured, VoucherId Voucher, SerialRange Serials, PricePerTonne Price);

/// <summary>What stands before a loan's pledges, and what it leaves of their value (P2).</summary>
public static class PriorRanks
{
    /// <summary>A kilogram at a price of four decimals is a whole number of these.</summary>
    private const decimal PartsPerYuan = 10_000_000;

    /// <summary>All that is secured before, and the value that is left when it is paid in full out of the units it stands before on.</summary>
    /// <remarks>
    /// An earlier pledge takes at most what it secures, and at most what the units are worth on which it stands before; all earlier ones together
    /// the most that their units can give, each kilogram once, rounded once as the value it is held against. An earlier pledge that also lies on
    /// other units may be paid from those, so this is the least that is left.
    /// </remarks>
    public static (Money Secured, Money ValueAfter) Of(Money value, IReadOnlyCollection<PriorStretch> stretches)
    {
        var before = stretches.GroupBy(s => s.Before, s => s.Secured.Amount).Select(b => (Pledge: b.Key, Secured: b.First())).ToArray();
        var numbers = before.Index().ToDictionary(b => b.Item.Pledge, b => b.Index);
        // What one pledge can draw on alone comes first: then little has to move.
        var worths = stretches.GroupBy(s => (s.Voucher, s.Price)).SelectMany(g => Worths(g, g.Key.Price, numbers))
            .GroupBy(w => string.Join(',', w.Pledges), w => w, (_, alike) => alike.Aggregate((sum, w) => sum with { Parts = sum.Parts + w.Parts }))
            .OrderBy(w => w.Pledges.Length).ToArray();
        var draws = new Draws([.. worths.Select(w => w.Parts)], worths.Index().SelectMany(w => w.Item.Pledges, (w, pledge) => (pledge, w.Index)));
        var taken = draws.Most([.. before.Select(b => (Int128)(b.Secured * PartsPerYuan))]);
        return (Collateral.Capped(before.Sum(b => b.Secured)), Collateral.Capped(Math.Max(0, value.Amount - Collateral.Capped((decimal)taken / PartsPerYuan).Amount)));
    }

    /// <summary>Of what stands before single ones of these pledges, what stands before all of them together: none of them stands before another. At the prices at which the units count.</summary>
    /// <param name="parts">What counts under the pledges, each kilogram once.</param>
    public static IReadOnlyCollection<PriorStretch> Before(IEnumerable<PledgeId> pledges, IEnumerable<CollateralPart> parts, IEnumerable<PriorStretch> stretches)
    {
        var own = pledges.ToHashSet();
        var others = stretches.Where(s => !own.Contains(s.Before)).GroupBy(s => s.Voucher).ToArray();
        var counted = others.Length == 0 ? null : parts.SelectMany(p => p.Serials, (p, range) => (p.Voucher, p.Price, Range: range)).OrderBy(p => p.Range).ToLookup(p => p.Voucher);
        var before = new List<PriorStretch>();
        foreach (var ofVoucher in others)
        {
            var (pieces, next) = (counted![ofVoucher.Key].ToArray(), 0);
            foreach (var stretch in ofVoucher.OrderBy(s => s.Serials))
            {
                while (next < pieces.Length && pieces[next].Range.EndExclusive <= stretch.Serials.First)
                {
                    next++;
                }

                for (var i = next; i < pieces.Length && pieces[i].Range.First < stretch.Serials.EndExclusive; i++)
                {
                    before.Add(stretch with { Serials = stretch.Serials.Common(pieces[i].Range), Price = pieces[i].Price });
                }
            }
        }

        return before;
    }

    /// <summary>What the units are worth on which the same pledges stand, from end to end of the stretches of one voucher, each kilogram once.</summary>
    private static IEnumerable<(int[] Pledges, Int128 Parts)> Worths(IEnumerable<PriorStretch> stretches, PricePerTonne price, Dictionary<PledgeId, int> numbers)
    {
        var ends = stretches
            .SelectMany(s => new[] { (At: s.Serials.First, Step: 1, Pledge: numbers[s.Before]), (At: s.Serials.EndExclusive, Step: -1, Pledge: numbers[s.Before]) })
            .GroupBy(e => e.At).OrderBy(e => e.Key).ToArray();
        var here = new SortedDictionary<int, int>();
        foreach (var (end, next) in ends.Zip(ends.Skip(1)))
        {
            foreach (var (_, step, pledge) in end)
            {
                here[pledge] = here.GetValueOrDefault(pledge) + step;
                if (here[pledge] == 0)
                {
                    here.Remove(pledge);
                }
            }

            if (here.Count > 0)
            {
                yield return ([.. here.Keys], (Int128)(next.Key - end.Key) * (Int128)(price.Amount * (PartsPerYuan / 1_000)));
            }
        }
    }
}
