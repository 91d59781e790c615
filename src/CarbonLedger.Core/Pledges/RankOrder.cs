namespace CarbonLedger.Core.Pledges;

/// <summary>In what order the pledges on sold units are paid: each once all those are that stand before it on any stretch.</summary>
/// <param name="ranks">The pledges on each stretch, rank by rank.</param>
internal sealed class RankOrder(IReadOnlyList<IReadOnlyList<IReadOnlyList<int>>> ranks)
{
    private readonly int[] heads = new int[ranks.Count];
    private readonly HashSet<int> done = [];
    private readonly ILookup<int, (int Stretch, int Rank)> places = ranks
        .SelectMany((stretch, s) => stretch.SelectMany((rank, r) => rank.Select(pledge => (Pledge: pledge, Place: (s, r)))))
        .ToLookup(p => p.Pledge, p => p.Place);

    /// <summary>Which pledge lies on which stretch.</summary>
    public IEnumerable<(int Pledge, int Stretch)> Lying => places.SelectMany(p => p, (p, place) => (p.Key, place.Stretch));

    /// <summary>The pledges that are paid next, together, in the order in which they are met; none when all were. They may draw where nobody stands before them any more.</summary>
    public IReadOnlyList<int> Next(Draws draws)
    {
        for (var s = 0; s < heads.Length; s++)
        {
            while (heads[s] < ranks[s].Count && ranks[s][heads[s]].All(done.Contains))
            {
                heads[s]++;
            }
        }

        int[] first = [.. heads.SelectMany((head, s) => head < ranks[s].Count ? ranks[s][head] : []).Where(p => !done.Contains(p)).Distinct()];
        var ready = first.Where(p => places[p].All(IsReached)).ToHashSet();
        while (ready.RemoveWhere(p => !places[p].All(place => ranks[place.Stretch][place.Rank].All(other => done.Contains(other) || ready.Contains(other)))) > 0)
        {
            // One of equal rank waits for another stretch: they go together.
        }

        // Where two stand before each other on different units, each is first paid out of what it stands first on.
        int[] next = ready.Count > 0 ? [.. first.Where(ready.Contains)] : first;
        foreach (var (pledge, place) in next.SelectMany(p => places[p].Where(IsReached), (p, place) => (p, place)))
        {
            draws.Open(pledge, place.Stretch);
        }

        return next;
    }

    /// <summary>Says that those are paid as far as can be.</summary>
    /// <param name="isPaid">True when nothing is due to a pledge any more.</param>
    public void Paid(IReadOnlyList<int> pledges, Func<int, bool> isPaid)
    {
        if (pledges.All(p => places[p].All(IsReached)))
        {
            done.UnionWith(pledges);
            return;
        }

        done.UnionWith(pledges.Where(isPaid));
        for (var s = 0; s < heads.Length; s++)
        {
            if (heads[s] < ranks[s].Count && !ranks[s][heads[s]].All(done.Contains))
            {
                heads[s]++; // what this stretch brought is drawn: who stands first there keeps nobody from anything
            }
        }
    }

    private bool IsReached((int Stretch, int Rank) place) => place.Rank <= heads[place.Stretch];
}
