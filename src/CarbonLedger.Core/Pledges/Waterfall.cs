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

    /// <param name="Due">What the pledge secures at most.</param>
    /// <param name="Debt">The debt that several pledges may secure together, and which is paid once; null when there is no recorded loan.</param>
    /// <param name="DebtDue">What is owed on that debt.</param>
    public sealed record Claim(PledgeId Pledge, Money Due, LoanId? Debt, Money DebtDue);

    public sealed record Result(Money Costs, IReadOnlyList<Payout> Payouts, Money Surplus);

    public static Result Distribute(Money proceeds, Money costs, IReadOnlyList<Stretch> stretches, IReadOnlyList<Claim> claims)
    {
        var paidCosts = Money.Lesser(costs, proceeds);
        var left = claims.ToDictionary(c => c.Pledge, c => c.Due);
        var debts = claims.Where(c => c.Debt is not null).GroupBy(c => c.Debt!.Value).ToDictionary(g => g.Key, g => g.First().DebtDue);
        var paid = new Dictionary<PledgeId, Money>();
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
            [.. claims.OrderBy(c => rankOf.GetValueOrDefault(c.Pledge, int.MaxValue)).Select(c => new Payout(
                c.Pledge, rankOf.GetValueOrDefault(c.Pledge), Money.Lesser(c.Due, c.Debt is null ? c.Due : c.DebtDue), paid.GetValueOrDefault(c.Pledge), c.Debt))],
            surplus);

        Money PayRank(IReadOnlyList<PledgeId> pledges, int rank, Money rest)
        {
            foreach (var pledge in pledges)
            {
                rankOf[pledge] = Math.Min(rankOf.GetValueOrDefault(pledge, rank), rank);
            }

            // More than once where pledges of this rank secure one debt together: what one of them need not take is for the others, before any later rank.
            while (rest > Money.Zero && pledges.Any(p => Owed(p) > Money.Zero))
            {
                rest = PayOnce(pledges, rest);
            }

            return rest;
        }

        Money PayOnce(IReadOnlyList<PledgeId> pledges, Money rest)
        {
            var shares = ProRata(rest, [.. pledges.Select(Owed)]);
            for (var i = 0; i < pledges.Count; i++)
            {
                var (pledge, share) = (pledges[i], Money.Lesser(shares[i], Owed(pledges[i])));
                left[pledge] -= share;
                if (claims.First(c => c.Pledge == pledge).Debt is { } debt)
                {
                    debts[debt] -= share;
                }

                paid[pledge] = paid.GetValueOrDefault(pledge) + share;
                rest -= share;
            }

            return rest;
        }

        Money Owed(PledgeId pledge) =>
            claims.First(c => c.Pledge == pledge).Debt is { } debt ? Money.Lesser(left[pledge], debts[debt]) : left[pledge];
    }

    /// <summary>Divides an amount in proportion to what is due, each share at most what is due; whole when there is enough.</summary>
    public static IReadOnlyList<Money> ProRata(Money amount, IReadOnlyList<Money> due)
    {
        var total = due.Aggregate(Money.Zero, (sum, d) => sum + d);
        if (amount >= total)
        {
            return due;
        }

        // In whole fen: a quotient in decimals is cut at its 28th digit, and which of two equal remainders is greater would hang on that.
        var exact = due.Select(d => Int128.DivRem(Fen(amount) * Fen(d), Fen(total))).ToArray();
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
