using CarbonLedger.Core.Loans;

namespace CarbonLedger.Core.Pledges;

/// <summary>Who gets what of the proceeds: costs, then rank after rank, then the pledgor (P3). Exact to the fen.</summary>
/// <remarks>
/// Different stretches of the sold units may carry different pledges, so the distribution goes stretch by stretch, in the order of the
/// serials: each has its part of the proceeds by kilograms. Within a rank that cannot be paid in full, pledges share in proportion to
/// what is due to them; a fen that does not divide goes to the greatest remainder, the earlier pledge first.
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
        var rankOf = new Dictionary<PledgeId, int>();
        var surplus = Money.Zero;
        foreach (var (stretch, part) in Parts(proceeds - paidCosts, stretches))
        {
            var rest = part;
            for (var rank = 1; rank <= stretch.Ranks.Count; rank++)
            {
                rest = PayRank(stretch.Ranks[rank - 1], rank, rest);
            }

            surplus += rest;
        }

        return new Result(
            paidCosts,
            [.. claims.OrderBy(c => rankOf.GetValueOrDefault(c.Pledge, int.MaxValue)).Select(PayoutOf)],
            debts.ToDictionary(d => d.Key, d => d.Value.Less(owed[d.Key])),
            surplus);

        Money PayRank(IReadOnlyList<PledgeId> pledges, int rank, Money rest)
        {
            foreach (var pledge in pledges)
            {
                rankOf[pledge] = Math.Min(rankOf.GetValueOrDefault(pledge, rank), rank);
            }

            // More than once where pledges of this rank secure one debt together: what one of them need not take is for the others, before any later rank.
            while (rest > Money.Zero && pledges.Any(p => Due(p).Sum > Money.Zero))
            {
                rest = PayOnce(pledges, rest);
            }

            return rest;
        }

        Money PayOnce(IReadOnlyList<PledgeId> pledges, Money rest)
        {
            var shares = ProRata(rest, [.. pledges.Select(p => Due(p).Sum)]);
            for (var i = 0; i < pledges.Count; i++)
            {
                var (pledge, taken) = (pledges[i], Due(pledges[i]).PaidWith(shares[i]));
                left[pledge] = left[pledge] with { Secured = left[pledge].Secured.Less(taken) };
                if (left[pledge].Debt is { } debt)
                {
                    owed[debt] = owed[debt].Less(taken);
                }

                paid[pledge] = paid[pledge].Plus(taken);
                rest -= taken.Sum;
            }

            return rest;
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

    /// <summary>Divides an amount in proportion to what is due, each share at most what is due; whole when there is enough.</summary>
    public static IReadOnlyList<Money> ProRata(Money amount, IReadOnlyList<Money> due)
    {
        // In whole fen: together they may be more than an amount can be, and a quotient in decimals is cut at its 28th digit, where which of two
        // equal remainders is greater would hang on that.
        var total = due.Aggregate(Int128.Zero, (sum, d) => sum + Fen(d));
        if (Fen(amount) >= total)
        {
            return due;
        }

        var exact = due.Select(d => Int128.DivRem(Fen(amount) * Fen(d), total)).ToArray();
        var shares = exact.Select(e => (decimal)e.Quotient).ToArray();
        var over = (int)((decimal)Fen(amount) - shares.Sum());
        foreach (var i in Enumerable.Range(0, due.Count).OrderByDescending(i => exact[i].Remainder).ThenBy(i => i).Take(over))
        {
            shares[i]++;
        }

        return [.. shares.Select(s => Money.Exactly(s / 100)!.Value)];

        static Int128 Fen(Money money) => (Int128)(money.Amount * 100);
    }

    /// <summary>Each stretch's part of an amount by kilograms: the difference of rounded running sums, so that the parts add up.</summary>
    private static IEnumerable<(Stretch Stretch, Money Part)> Parts(Money amount, IReadOnlyList<Stretch> stretches)
    {
        var total = stretches.Sum(s => s.Kilograms.Value);
        var (kilograms, before) = (0L, Money.Zero);
        foreach (var stretch in stretches)
        {
            kilograms += stretch.Kilograms.Value;
            var upTo = Money.Rounded(amount.Amount * kilograms / total); // divided last: a rounded quotient would lose a half fen
            yield return (stretch, upTo - before);
            before = upTo;
        }
    }
}
