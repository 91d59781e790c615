namespace CarbonLedger.Core.Pledges;

/// <summary>Which pledge draws how much on which stretch of units, in whole parts of one size: those of a sale are fen.</summary>
/// <remarks>
/// What a pledge was given it keeps, but not where it comes from: where one behind it would go without while another stretch has money to spare,
/// draws move there, along augmenting paths as in any maximum flow (Ford and Fulkerson).
/// </remarks>
internal sealed class Draws
{
    private readonly (int Pledge, int Stretch)[] edges;
    private readonly ILookup<int, int> ofPledge;
    private readonly ILookup<int, int> ofStretch;
    private readonly HashSet<int> open = [];
    private Int128[] spare;
    private Int128[] drawn;

    /// <param name="stretches">What each stretch has to give.</param>
    /// <param name="lying">Which pledge lies on which stretch.</param>
    public Draws(IReadOnlyList<Int128> stretches, IEnumerable<(int Pledge, int Stretch)> lying)
    {
        edges = [.. lying];
        ofPledge = Enumerable.Range(0, edges.Length).ToLookup(e => edges[e].Pledge);
        ofStretch = Enumerable.Range(0, edges.Length).ToLookup(e => edges[e].Stretch);
        spare = [.. stretches];
        drawn = new Int128[edges.Length];
    }

    /// <summary>Lets a pledge draw on a stretch from now on.</summary>
    public void Open(int pledge, int stretch) => open.UnionWith(ofPledge[pledge].Where(e => edges[e].Stretch == stretch));

    /// <summary>The most that all pledges can draw together, each at most what is due to it, whichever of them goes without.</summary>
    public Int128 Most(IReadOnlyList<Int128> due)
    {
        open.UnionWith(Enumerable.Range(0, edges.Length));
        var together = Int128.Zero;
        for (var pledge = 0; pledge < due.Count; pledge++)
        {
            var raised = Raise(pledge, due[pledge]);
            together += raised;
            if (raised < due[pledge])
            {
                // From what a pledge in want can reach nothing leads on to money: nobody after it need look there.
                open.ExceptWith(Search([pledge], out _).Stretches.Keys.SelectMany(stretch => ofStretch[stretch]));
            }
        }

        return together;
    }

    /// <summary>Gives each pledge what is due to it, or as much as there is for it, in proportion to what is due. Returns what each was given.</summary>
    public long[] Give(IReadOnlyList<int> pledges, IReadOnlyList<long> due)
    {
        var given = new long[pledges.Count];
        var waiting = Enumerable.Range(0, pledges.Count).Where(i => due[i] > 0).ToArray();
        while (waiting.Length > 0)
        {
            // Those that cannot all have what is asked for, and keep nobody else from it, share what there is for them; until the shares can be drawn.
            var (some, shares) = (waiting, waiting.Select(i => due[i]).ToArray());
            while (!TryDraw(pledges, some, shares, out var lacking, out var together))
            {
                (some, shares) = (lacking, Waterfall.Shares(together, [.. lacking.Select(i => due[i])]));
            }

            for (var i = 0; i < some.Length; i++)
            {
                given[some[i]] = shares[i];
            }

            waiting = [.. waiting.Except(some)];
        }

        return given;
    }

    /// <summary>Takes back what a pledge was given and does not need.</summary>
    public void TakeBack(int pledge, long amount)
    {
        foreach (var edge in ofPledge[pledge])
        {
            var less = (long)Int128.Min(drawn[edge], amount);
            drawn[edge] -= less;
            spare[edges[edge].Stretch] += less;
            amount -= less;
        }
    }

    /// <summary>Draws the shares, or nothing where they cannot all be drawn.</summary>
    /// <param name="lacking">Then the fewest that want more than there is for them.</param>
    /// <param name="together">What there is for those.</param>
    private bool TryDraw(IReadOnlyList<int> pledges, int[] some, long[] shares, out int[] lacking, out long together)
    {
        var (spareBefore, drawnBefore) = (spare.ToArray(), drawn.ToArray());
        var raised = some.Select((member, i) => Raise(pledges[member], shares[i])).ToArray();
        var unmet = Enumerable.Range(0, some.Length).Where(i => raised[i] < shares[i]).ToArray();
        if (unmet.Length == 0)
        {
            (lacking, together) = ([], 0);
            return true;
        }

        var reached = Search(unmet.Select(i => pledges[some[i]]), out _).Pledges;
        var wanting = Enumerable.Range(0, some.Length).Where(i => reached.ContainsKey(pledges[some[i]])).ToArray();
        (lacking, together) = ([.. wanting.Select(i => some[i])], wanting.Sum(i => (long)raised[i]));
        (spare, drawn) = (spareBefore, drawnBefore);
        return false;
    }

    private Int128 Raise(int pledge, Int128 wanted)
    {
        var raised = Int128.Zero;
        while (raised < wanted)
        {
            var (stretches, pledges) = Search([pledge], out var found);
            if (found is not { } end)
            {
                break;
            }

            // From the stretch with money to spare back to the pledge: every other step is a draw that moves over.
            var (more, less) = (new List<int>(), new List<int>());
            for (var stretch = end; ;)
            {
                more.Add(stretches[stretch]);
                if (pledges[edges[stretches[stretch]].Pledge] is not { } moved)
                {
                    break;
                }

                less.Add(moved);
                stretch = edges[moved].Stretch;
            }

            var amount = less.Select(e => drawn[e]).Append(spare[end]).Append(wanted - raised).Min();
            more.ForEach(e => drawn[e] += amount);
            less.ForEach(e => drawn[e] -= amount);
            spare[end] -= amount;
            raised += amount;
        }

        return raised;
    }

    /// <summary>All that pledges can draw on, directly or when others move: each stretch with the draw that leads there, each pledge with its draw that would move.</summary>
    /// <param name="found">The first stretch with money to spare, where the search ends.</param>
    private (Dictionary<int, int> Stretches, Dictionary<int, int?> Pledges) Search(IEnumerable<int> from, out int? found)
    {
        var (stretches, pledges) = (new Dictionary<int, int>(), from.ToDictionary(p => p, _ => (int?)null));
        var queue = new Queue<int>(pledges.Keys);
        found = null;
        while (queue.TryDequeue(out var pledge))
        {
            foreach (var edge in ofPledge[pledge].Where(open.Contains))
            {
                var stretch = edges[edge].Stretch;
                if (!stretches.TryAdd(stretch, edge))
                {
                    continue;
                }

                if (spare[stretch] > 0)
                {
                    found = stretch;
                    return (stretches, pledges);
                }

                foreach (var other in ofStretch[stretch].Where(e => drawn[e] > 0 && pledges.TryAdd(edges[e].Pledge, e)))
                {
                    queue.Enqueue(edges[other].Pledge);
                }
            }
        }

        return (stretches, pledges);
    }
}
