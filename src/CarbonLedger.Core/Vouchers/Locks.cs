namespace CarbonLedger.Core.Vouchers;

/// <summary>What stops units from moving.</summary>
public enum LockKind
{
    /// <summary>The settlement hold of a trade: delivery against payment.</summary>
    Hold,

    /// <summary>A pledge that stands alone.</summary>
    Exclusive,

    /// <summary>A pledge that others may stand behind.</summary>
    Ranked,

    /// <summary>A court's or regulator's stop.</summary>
    Freeze,
}

/// <summary>One lock on a stretch of serials.</summary>
/// <param name="Id">The trade, pledge or freeze.</param>
/// <param name="EqualRankWith">The first of the pledges it came to these serials together with, at equal rank.</param>
public readonly record struct UnitLock(LockKind Kind, Guid Id, Guid? EqualRankWith = null)
{
    public bool IsPledge => Kind is LockKind.Exclusive or LockKind.Ranked;
}

/// <summary>The locks on a stretch of serials, in the order in which they came: the order of the pledges is their priority (P2).</summary>
/// <remarks>Compared by value. Locks are orthogonal to status and, but for the rules of <see cref="Add"/>, to each other (D4).</remarks>
public sealed class Locks : IEquatable<Locks>
{
    /// <summary>The most holds and pledges on one kilogram. Beyond it a court would have to look at the paper anyway.</summary>
    public const int LocksPerUnitMax = 16;

    /// <summary>The most freezes on one kilogram, and of one account. They have room of their own: however many pledges lie there, a court's stop comes to lie on them.</summary>
    public const int FreezesPerUnitMax = 16;

    public static readonly Locks None = new([]);

    private static readonly string[] KindNames = ["hold", "exclusive", "ranked", "freeze"];

    private readonly UnitLock[] items;

    private Locks(UnitLock[] items) => this.items = items;

    public bool Any => items.Length > 0;

    public IReadOnlyList<UnitLock> Items => items;

    public IEnumerable<UnitLock> Pledges => items.Where(l => l.IsPledge);

    /// <summary>
    /// The pledges by rank, first rank first: by arrival, and those that came together with equal rank share one (P2). Where an earlier one is released,
    /// the later ones move up; where a pledge comes back, it stands behind those that came in the meantime.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<PledgeId>> Ranks
    {
        get
        {
            var ranks = new List<List<PledgeId>>();
            Guid? together = null;
            foreach (var item in Pledges)
            {
                if (ranks.Count == 0 || item.EqualRankWith is null || item.EqualRankWith != together)
                {
                    ranks.Add([]);
                    together = item.EqualRankWith ?? item.Id;
                }

                ranks[^1].Add(new PledgeId(item.Id));
            }

            return ranks;
        }
    }

    public bool IsFrozen => Array.Exists(items, l => l.Kind == LockKind.Freeze);

    public bool IsHeld => Array.Exists(items, l => l.Kind == LockKind.Hold);

    /// <summary>True when a ranked pledge may come here: nothing but ranked pledges, or nothing at all, is there, and there is room for one more.</summary>
    public bool TakesRankedPledge => Array.TrueForAll(items, l => l.Kind == LockKind.Ranked) && items.Length < LocksPerUnitMax;

    /// <summary>True when there is room for one more freeze.</summary>
    public bool TakesFreeze => items.Length < FreezesPerUnitMax || items.Count(l => l.Kind == LockKind.Freeze) < FreezesPerUnitMax;

    /// <summary>The pledge that stands alone here.</summary>
    public PledgeId? ExclusivePledge => Array.Find(items, l => l.Kind == LockKind.Exclusive) is { Id: var id } && id != Guid.Empty ? new PledgeId(id) : null;

    /// <summary>The pledge of first rank.</summary>
    public PledgeId? FirstPledge => Array.Find(items, l => l.IsPledge) is { Id: var id } && id != Guid.Empty ? new PledgeId(id) : null;

    public bool Has(Guid id) => Array.Exists(items, l => l.Id == id);

    /// <summary>The rank of a pledge here: 1 for the first; 0 when it does not lie here.</summary>
    public int RankOf(PledgeId pledge)
    {
        var ranks = Ranks;
        for (var rank = 1; rank <= ranks.Count; rank++)
        {
            if (ranks[rank - 1].Contains(pledge))
            {
                return rank;
            }
        }

        return 0;
    }

    /// <summary>Puts one more lock on. A hold and an exclusive pledge need free units, a ranked pledge none but ranked ones; a freeze lies on anything.</summary>
    /// <exception cref="InvalidOperationException">A decision let through what it must not.</exception>
    public Locks Add(UnitLock item)
    {
        var allowed = item.Kind switch
        {
            LockKind.Hold or LockKind.Exclusive => !Any,
            LockKind.Ranked => TakesRankedPledge,
            LockKind.Freeze => TakesFreeze,
        };
        return allowed && !Has(item.Id) ? new Locks([.. items, item]) : throw new InvalidOperationException($"{item} cannot come to {this}.");
    }

    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public Locks Remove(Guid id)
    {
        if (!Has(id))
        {
            throw new InvalidOperationException($"{id} does not lie on {this}.");
        }

        return items.Length == 1 ? None : new Locks(Array.FindAll(items, l => l.Id != id));
    }

    public bool Equals(Locks? other) => other is not null && (ReferenceEquals(this, other) || items.AsSpan().SequenceEqual(other.items));

    public override bool Equals(object? obj) => Equals(obj as Locks);

    public override int GetHashCode() => items.Length == 0 ? 0 : HashCode.Combine(items.Length, items[0]);

    /// <summary><c>kind:id</c> and, at equal rank, <c>=id</c> of the pledge it came with; separated by blanks. Empty without locks.</summary>
    public override string ToString() =>
        string.Join(' ', items.Select(l => l.EqualRankWith is { } with ? $"{NameOf(l.Kind)}:{l.Id}={with}" : $"{NameOf(l.Kind)}:{l.Id}"));

    /// <summary>Reads what <see cref="ToString"/> writes; null is <see cref="None"/>.</summary>
    public static Locks Parse(string? text) => string.IsNullOrEmpty(text) ? None : new Locks([.. text.Split(' ').Select(ParseOne)]);

    public static string NameOf(LockKind kind) => KindNames[(int)kind];

    /// <exception cref="FormatException">No kind is called so.</exception>
    public static LockKind KindOf(string name) =>
        Array.IndexOf(KindNames, name) is >= 0 and var kind ? (LockKind)kind : throw new FormatException($"No lock is called {name}.");

    private static UnitLock ParseOne(string text)
    {
        var (colon, equal) = (text.IndexOf(':', StringComparison.Ordinal), text.IndexOf('=', StringComparison.Ordinal));
        return new UnitLock(
            KindOf(text[..colon]), Guid.Parse(text[(colon + 1)..(equal < 0 ? text.Length : equal)]), equal < 0 ? null : Guid.Parse(text[(equal + 1)..]));
    }
}
