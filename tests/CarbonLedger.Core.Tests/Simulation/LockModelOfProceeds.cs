namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>The distribution of proceeds. No money flows here: of every set of pledges is asked what the units under any of them brought, and what they already have.</summary>
internal sealed partial class LockModel
{
    /// <summary>What each pledge gets, in three parts as debts have them; what no loan stands behind counts as principal.</summary>
    private Dictionary<int, long[]> Distribute(long proceeds, long costs, List<Cell> sold, List<Lien> met)
    {
        costs = Math.Min(costs, proceeds);
        var claims = met.ToDictionary(l => l.Number, ClaimOf);
        var due = met.ToDictionary(l => l.Number, l => claims[l.Number].Sum());
        var debts = Debts.ToDictionary(d => d.Key, d => d.Value.Parts(Day));
        var paid = met.ToDictionary(l => l.Number, _ => new long[3]);
        var kinds = KindsOf(proceeds - costs, sold);
        var numbers = kinds.SelectMany(k => k.Ranks).SelectMany(r => r).Distinct().ToList();
        var (finished, gone, mayTake) = (new HashSet<int>(), new int[kinds.Count], new HashSet<(int Pledge, int Kind)>());
        while (true)
        {
            // Who stands in front on each kind of units, now that some have finished.
            var front = kinds.Select((k, i) => Enumerable.Range(gone[i], Math.Max(0, k.Ranks.Count - gone[i])).Cast<int?>().FirstOrDefault(r => !k.Ranks[r!.Value].TrueForAll(finished.Contains)) ?? k.Ranks.Count).ToArray();
            var first = numbers.Where(p => !finished.Contains(p) && kinds.Select((k, i) => front[i] < k.Ranks.Count && k.Ranks[front[i]].Contains(p)).Any(x => x)).ToList();
            if (first.Count == 0)
            {
                break;
            }

            bool InFront(int pledge, int kind) => kinds[kind].Ranks.FindIndex(r => r.Contains(pledge)) is var rank && rank >= 0 && rank <= front[kind];
            bool Everywhere(int pledge) => Enumerable.Range(0, kinds.Count).All(k => !kinds[k].Ranks.Exists(r => r.Contains(pledge)) || InFront(pledge, k));
            var now = first.Where(Everywhere).ToList();
            while (now.RemoveAll(p => kinds.Exists(k => k.Ranks.Exists(r => r.Contains(p) && r.Exists(o => !finished.Contains(o) && !now.Contains(o))))) > 0)
            {
            }

            var stuck = now.Count == 0;
            now = stuck ? first : now;
            mayTake.UnionWith(now.SelectMany(p => Enumerable.Range(0, kinds.Count).Where(k => InFront(p, k)).Select(k => (p, k))));
            while (true)
            {
                var shares = Give(kinds, numbers, mayTake, [.. numbers.Select(p => paid[p].Sum())], now, [.. now.Select(p => Left(p).Sum())]);
                if (shares.Sum() == 0)
                {
                    break;
                }

                for (var i = 0; i < now.Count; i++)
                {
                    Take(now[i], shares[i]);
                }
            }

            finished.UnionWith(now.Where(p => !stuck || Left(p).Sum() == 0));
            for (var k = 0; stuck && k < kinds.Count; k++)
            {
                gone[k] = front[k] < kinds[k].Ranks.Count && kinds[k].Ranks[front[k]].Exists(p => !finished.Contains(p)) ? front[k] + 1 : front[k];
            }
        }

        var best = numbers.ToDictionary(p => p, p => kinds.Select(k => k.Ranks.FindIndex(r => r.Contains(p))).Where(r => r >= 0).Min() + 1);
        Sale = $"{proceeds} {costs} {proceeds - costs - paid.Values.Sum(p => p.Sum())}: " + string.Join(' ', met.OrderBy(l => best[l.Number])
            .Select(l => $"P{l.Number} rank {best[l.Number]} due {due[l.Number]} paid {paid[l.Number].Sum()} short {Left(l.Number).Sum()}"));
        return paid;

        long[] Left(int pledge) => [.. Enumerable.Range(0, 3)
            .Select(i => Math.Min(claims[pledge][i] - paid[pledge][i], Liens[pledge].Debt is { } debt ? debts[debt][i] : long.MaxValue))];

        void Take(int pledge, long share)
        {
            for (var part = 0; part < 3; part++)
            {
                var now = Math.Min(share, Left(pledge)[part]);
                paid[pledge][part] += now;
                share -= now;
                if (Liens[pledge].Debt is { } debt)
                {
                    debts[debt][part] -= now;
                }
            }
        }
    }

    /// <summary>Units under the same pledges at the same ranks, and what they brought: by kilograms, the difference of rounded running sums.</summary>
    private static List<(List<List<int>> Ranks, long Brought)> KindsOf(long amount, List<Cell> sold)
    {
        var (kinds, count, given) = (new List<(List<List<int>>, long)>(), 0L, 0L);
        foreach (var kind in sold.Select(c => c.Ranks()).GroupBy(r => string.Join('|', r.Select(p => string.Join('=', p)))))
        {
            count += kind.Count();
            var upTo = Half(amount * count, sold.Count);
            kinds.Add((kind.First(), upTo - given));
            given = upTo;
        }

        return kinds;
    }

    /// <summary>To each of some what is due to it; those for which there is too little share that in proportion.</summary>
    /// <param name="has">What each pledge has been paid before.</param>
    private static long[] Give(List<(List<List<int>> Ranks, long Brought)> kinds, List<int> numbers, HashSet<(int Pledge, int Kind)> mayTake, long[] has, List<int> now, long[] due)
    {
        var given = new long[now.Count];
        var waiting = Enumerable.Range(0, now.Count).Where(i => due[i] > 0).ToList();
        while (waiting.Count > 0)
        {
            // For every set: what the kinds of units under any of them brought, less what they have. More is never to be had than the least of all sets around it.
            var room = new long[1 << numbers.Count];
            for (var set = 0; set < room.Length; set++)
            {
                var members = Enumerable.Range(0, numbers.Count).Where(n => (set >> n & 1) == 1).ToList();
                room[set] = kinds.Where((k, i) => members.Exists(n => mayTake.Contains((numbers[n], i)))).Sum(k => k.Brought) - members.Sum(n => has[n]);
            }

            for (var n = 0; n < numbers.Count; n++)
            {
                for (var set = 0; set < room.Length; set++)
                {
                    room[set] = Math.Min(room[set], room[set | 1 << n]);
                }
            }

            var (some, shares) = (waiting, waiting.ConvertAll(i => due[i]));
            while (true)
            {
                // The smallest set that is short by most.
                var (most, lacking) = (0L, new List<int>());
                for (var set = 1; set < 1 << some.Count; set++)
                {
                    var members = Enumerable.Range(0, some.Count).Where(i => (set >> i & 1) == 1).ToList();
                    var missing = members.Sum(i => shares[i]) - room[members.Sum(i => 1 << numbers.IndexOf(now[some[i]]))];
                    (most, lacking) = missing > most || (missing == most && missing > 0 && members.Count < lacking.Count) ? (missing, members) : (most, lacking);
                }

                if (most == 0)
                {
                    break;
                }

                some = lacking.ConvertAll(i => some[i]);
                shares = [.. Shares(room[some.Sum(i => 1 << numbers.IndexOf(now[i]))], [.. some.Select(i => due[i])])];
            }

            for (var i = 0; i < some.Count; i++)
            {
                given[some[i]] = shares[i];
                has[numbers.IndexOf(now[some[i]])] += shares[i];
            }

            waiting = [.. waiting.Except(some)];
        }

        return given;
    }
}
