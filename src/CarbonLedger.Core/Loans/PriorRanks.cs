namespace CarbonLedger.Core.Loans;

/// <summary>A stretch of a loan's collateral on which another pledge stands before the one that secures the loan.</summary>
/// <param name="Secured">What the other pledge secures: its registered amount, less what enforcements brought of it. The same on each of its stretches.</param>
/// <param name="Price">What a tonne counts at in the loan's valuation.</param>
public sealed record PriorStretch(PledgeId Before, Money Secured, VoucherId Voucher, SerialRange Serials, PricePerTonne Price);

/// <summary>What stands before a loan's pledges, and what it leaves of their value (P2).</summary>
public static class PriorRanks
{
    /// <summary>All that is secured before, and the value that is left when it is paid in full out of the units it stands before on.</summary>
    /// <remarks>
    /// An earlier pledge takes at most what it secures, and at most what the units are worth on which it stands before; all earlier ones together
    /// at most what their units are worth, each kilogram once. An earlier pledge that also lies on other units may be paid from those, so this is the least that is left.
    /// </remarks>
    public static (Money Secured, Money ValueAfter) Of(Money value, IReadOnlyCollection<PriorStretch> stretches)
    {
        var before = stretches.GroupBy(s => s.Before).ToArray();
        var secured = before.Sum(b => b.First().Secured.Amount);
        var taken = before.Sum(b => Math.Min(b.First().Secured.Amount, Worth(b)));
        return (Collateral.Capped(secured), Collateral.Capped(Math.Max(0, value.Amount - Math.Min(taken, Worth(stretches)))));
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

    /// <summary>Rounded once, as the value it is held against.</summary>
    private static decimal Worth(IEnumerable<PriorStretch> stretches) => Collateral.Capped(stretches
        .GroupBy(s => (s.Voucher, s.Price))
        .Sum(g => Collateral.Worth(Kilograms.FromKilograms(Covered(g)), g.Key.Price))).Amount;

    /// <summary>Kilograms under any of the stretches, each counted once.</summary>
    private static long Covered(IEnumerable<PriorStretch> stretches)
    {
        var (covered, reached) = (0L, 0L);
        foreach (var range in stretches.Select(s => s.Serials).OrderBy(r => r.First))
        {
            covered += Math.Max(0, range.EndExclusive - Math.Max(range.First, reached));
            reached = Math.Max(reached, range.EndExclusive);
        }

        return covered;
    }
}
