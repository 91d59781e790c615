using CarbonLedger.Core.Loans;

namespace CarbonLedger.Core.Pledges;

/// <summary>Who gets what of the proceeds: costs, then rank after rank, then the pledgor (P3). Exact to the fen.</summary>
/// <remarks>
/// Different stretches of the sold units may carry different pledges; each brings its part of the proceeds by kilograms. A pledge is paid out of any
/// stretch it lies on, before whoever stands behind it on one of them, and so that most is left for those: the pledgor has nothing of a stretch while
/// a pledge on it is unpaid and one before it could be paid elsewhere. In what order the units are named changes nothing. Pledges of one rank that cannot all be paid
/// in full share in proportion to what is due to them, as far as the stretches under each allow; a fen that does not divide goes to the greatest
/// remainder, the pledge met first from the lowest voucher and serial up before others.
/// </remarks>
public static class Waterfall
{
    /// <param name="Ranks">The pledges on it, by rank; those of one rank in the order of registration.</param>
    public sealed record Stretch(Kilograms Kilograms, IReadOnlyList<IReadOnlyList<PledgeId>> Ranks);

    /// <param name="Secured">What the pledge secures at most, part by part; without a recorded loan all of it counts as principal.</param>
    /// <param name="Debt">The debt that several pledges may secure together, and which is paid once; null when there is no recorded loan.</param>
    public sealed record Claim(PledgeId Pledge, DebtParts Secured, LoanId? Debt = null);

    public sealed record Result(Money Costs, IReadOnlyList<Payout> Payouts, IReadOnlyDictionary<LoanId, DebtParts> Repaid, Money Surplus);

    /// <param name="debts">What is owed on each recorded loan that a claim names.</param>
    public static Result Distribute(
        Money proceeds, Money costs, IReadOnlyList<Stretch> stretches, IReadOnlyList<Claim> claims, IReadOnlyDictionary<LoanId, DebtParts> debts)
    {
        var paidCosts = Money.Lesser(costs, proceeds);
        var left = claims.ToDictionary(c => c.Pledge);
        var owed = debts.ToDictionary();
        var paid = claims.ToDictionary(c => c.Pledge, _ => DebtParts.None);
        var parts = Parts(proceeds - paidCosts, stretches);
        PledgeId[] pledges = [.. parts.SelectMany(p => p.Ranks).SelectMany(r => r).Distinct()];
        var numbers = pledges.Index().ToDictionary(p => p.Item, p => p.Index);
        var order = new RankOrder(parts.ConvertAll(p => (IReadOnlyList<IReadOnlyList<int>>)[.. p.Ranks.Select(r => r.Select(pledge => numbers[pledge]).ToArray())]));
        var draws = new Draws(parts.ConvertAll(p => (Int128)p.Fen), order.Lying);
        while (order.Next(draws) is { Count: > 0 } next)
        {
            Pay(next);
            order.Paid(next, p => Due(pledges[p]).Sum == Money.Zero);
        }

        var rankOf = parts.SelectMany(p => p.Ranks.Index().SelectMany(r => r.Item, (r, pledge) => (Pledge: pledge, Rank: r.Index + 1)))
            .GroupBy(r => r.Pledge).ToDictionary(g => g.Key, g => g.Min(r => r.Rank));
        return new Result(
            paidCosts,
            [.. claims.OrderBy(c => rankOf.GetValueOrDefault(c.Pledge, int.MaxValue)).Select(PayoutOf)],
            debts.ToDictionary(d => d.Key, d => d.Value.Less(owed[d.Key])),
            paid.Values.Aggregate(proceeds - paidCosts, (rest, p) => rest - p.Sum));

        // More than once where some secure one debt together: what one of them need not take is for the others, before anyone behind them.
        void Pay(IReadOnlyList<int> together)
        {
            for (var given = Give(); given.Any(g => g > 0); given = Give())
            {
                for (var i = 0; i < together.Count; i++)
                {
                    var pledge = pledges[together[i]];
                    var taken = Due(pledge).PaidWith(OfFen(given[i]));
                    draws.TakeBack(together[i], given[i] - Fen(taken.Sum));
                    left[pledge] = left[pledge] with { Secured = left[pledge].Secured.Less(taken) };
                    if (left[pledge].Debt is { } debt)
                    {
                        owed[debt] = owed[debt].Less(taken);
                    }

                    paid[pledge] = paid[pledge].Plus(taken);
                }
            }

            long[] Give() => draws.Give(together, [.. together.Select(p => Fen(Due(pledges[p]).Sum))]);
        }

        // What a pledge secures of what is still owed: a part that another pledge has brought in is nobody's claim any more.
        DebtParts Due(PledgeId pledge) => left[pledge].Debt is { } debt ? left[pledge].Secured.Common(owed[debt]) : left[pledge].Secured;

        Payout PayoutOf(Claim claim)
        {
            var (due, got, open) = ((claim.Debt is { } debt ? claim.Secured.Common(debts[debt]) : claim.Secured).Sum, paid[claim.Pledge], Due(claim.Pledge).Sum);
            return new Payout(
                claim.Pledge,
                rankOf.GetValueOrDefault(claim.Pledge),
                due,
                got.Sum,
                claim.Debt,
                got.Principal == got.Sum ? null : got.Principal,
                open == due - got.Sum ? null : open);
        }
    }

    /// <summary>Divides an amount in proportion to what is due, each share at most what is due; whole when there is enough. In whole fen.</summary>
    public static long[] Shares(long amount, IReadOnlyList<long> due)
    {
        // In integers: a quotient in decimals is cut at its 28th digit, where which of two equal remainders is greater would hang on that.
        var total = due.Aggregate(Int128.Zero, (sum, d) => sum + d);
        if (amount >= total)
        {
            return [.. due];
        }

        var exact = due.Select(d => Int128.DivRem((Int128)amount * d, total)).ToArray();
        var shares = exact.Select(e => (long)e.Quotient).ToArray();
        foreach (var i in Enumerable.Range(0, due.Count).OrderByDescending(i => exact[i].Remainder).ThenBy(i => i).Take((int)(amount - shares.Sum())))
        {
            shares[i]++;
        }

        return shares;
    }

    /// <summary>What the units brought on which the same pledges lie at the same ranks, by kilograms: the difference of rounded running sums, so that the parts add up.</summary>
    private static List<(IReadOnlyList<IReadOnlyList<PledgeId>> Ranks, long Fen)> Parts(Money amount, IReadOnlyList<Stretch> stretches)
    {
        var alike = stretches.GroupBy(s => string.Join('|', s.Ranks.Select(r => string.Join('=', r)))).ToArray();
        var total = stretches.Sum(s => s.Kilograms.Value);
        var (parts, kilograms, before) = (new List<(IReadOnlyList<IReadOnlyList<PledgeId>>, long)>(), 0L, 0L);
        foreach (var stretch in alike)
        {
            kilograms += stretch.Sum(s => s.Kilograms.Value);
            var upTo = Fen(Money.Rounded(amount.Amount * kilograms / total)); // divided last: a rounded quotient would lose a half fen
            parts.Add((stretch.First().Ranks, upTo - before));
            before = upTo;
        }

        return parts;
    }

    private static long Fen(Money money) => (long)(money.Amount * 100);

    private static Money OfFen(long fen) => Money.Exactly(fen / 100m)!.Value;
}
