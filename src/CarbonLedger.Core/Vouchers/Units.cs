namespace CarbonLedger.Core.Vouchers;

/// <summary>The loaded part of one voucher's serials: pieces in ascending order that never overlap (D3).</summary>
/// <remarks>
/// A decision loads a bounded part of a holding: its lowest free pieces up to a frontier. Beyond the frontier there may be pieces
/// that are not loaded, so taking "the lowest" never looks there. Since every change of a voucher's units is made here as well as in the
/// database, what is known of them stays known from one batch to the next (<see cref="Settle"/>), as long as nobody else writes.
/// </remarks>
/// <param name="complete">True when every piece of the voucher is known (tests, replay).</param>
public sealed class Units(bool complete = false)
{
    /// <summary>The most pieces one line may take. An exchange moves more with several commands.</summary>
    public const int PiecesPerLineMax = 1_000;

    private readonly SortedChunks<Piece, long> pieces = new();

    // The free ones of them by account: an exchange's voucher has thousands, and each transfer asks for the lowest of one account.
    private readonly SortedChunks<FreePiece, FreePlace> free = new();

    // By their last serials, as the rows are.
    private readonly HashSet<long> changed = [];
    private readonly HashSet<long> added = [];
    private readonly Dictionary<AccountId, long> frontiers = [];
    private readonly HashSet<AccountId> loadedNow = [];

    public IEnumerable<Piece> Pieces => pieces.All;

    public int PieceCount => pieces.Count;

    /// <summary>Pieces that differ from what was loaded, in ascending order, and whether a row for their last serial exists already.</summary>
    public IEnumerable<(Piece Piece, bool Exists)> Changes => changed.Order().Select(last => (EndingAt(last), !added.Contains(last)));

    /// <summary>
    /// Says that all changes are in the database: what is known now is known to the next batch. Changed pieces that a command would have to look for
    /// all the same are forgotten: those that have ended, and those of accounts of which no holding is known.
    /// </summary>
    public void Settle()
    {
        foreach (var last in changed)
        {
            var piece = EndingAt(last);
            if (piece.Status != UnitStatus.Live || !frontiers.ContainsKey(piece.Account))
            {
                Unfree(pieces.Remove(piece.Place));
            }
        }

        changed.Clear();
        added.Clear();
        loadedNow.Clear();
        KnowsLive = false; // what was lowest may have ended
    }

    /// <summary>Takes in a loaded piece; one that is known already (by an earlier round) is left as it is.</summary>
    public void Load(Piece piece)
    {
        if (pieces.TryFind(piece.Range.First, out var known) && known.Range.Overlaps(piece.Range))
        {
            return;
        }

        Put(piece);
    }

    /// <summary>Says how far an account's free pieces are known: up to this serial, or <see cref="long.MaxValue"/> for all.</summary>
    public void LoadFrontier(AccountId account, long serial)
    {
        frontiers[account] = Math.Max(serial, frontiers.GetValueOrDefault(account));
        loadedNow.Add(account);
    }

    /// <summary>True when something is known of the account's free pieces, enough or not.</summary>
    public bool KnowsSomeOf(AccountId account) => frontiers.ContainsKey(account);

    /// <summary>True when the lowest live pieces are loaded, <see cref="PiecesPerLineMax"/> and one more, or all there are.</summary>
    public bool KnowsLive { get; private set; }

    /// <summary>Says that the lowest live pieces are loaded.</summary>
    public void LoadLive() => KnowsLive = true;

    /// <summary>True when so much is known to be free, or when this batch has looked for more already.</summary>
    public bool KnowsHolding(AccountId account, Kilograms quantity)
    {
        if (complete || loadedNow.Contains(account))
        {
            return true;
        }

        if (!frontiers.TryGetValue(account, out var frontier))
        {
            return false;
        }

        var known = 0L;
        foreach (var (holder, range) in free.After(new FreePlace(account, 0)))
        {
            if (known >= quantity.Value || holder != account || range.First > frontier)
            {
                break;
            }

            known += range.Count;
        }

        return known >= quantity.Value;
    }

    /// <summary>The same units to try something on; what is tried there changes nothing here.</summary>
    public Units Copy()
    {
        var copy = new Units(complete) { KnowsLive = KnowsLive };
        foreach (var piece in pieces.All)
        {
            copy.Put(piece);
        }

        copy.changed.UnionWith(changed);
        copy.added.UnionWith(added);
        copy.loadedNow.UnionWith(loadedNow);
        foreach (var (account, serial) in frontiers)
        {
            copy.frontiers.Add(account, serial);
        }

        return copy;
    }

    /// <summary>The register's first entry for a voucher: all of it, live, with one holder.</summary>
    public void Issue(Kilograms quantity, AccountId holder)
    {
        if (pieces.Count > 0)
        {
            throw new InvalidOperationException("A voucher is issued once.");
        }

        Put(new Piece(SerialRange.Inclusive(1, quantity.Value), holder, UnitStatus.Live, Locks.None));
        changed.Add(quantity.Value);
        added.Add(quantity.Value);
        frontiers[holder] = long.MaxValue;
    }

    /// <summary>True when every serial of the range is loaded.</summary>
    public bool Covers(SerialRange range)
    {
        var next = range.First;
        foreach (var piece in pieces.From(range.First))
        {
            if (next >= range.EndExclusive || piece.Range.First > next)
            {
                break;
            }

            next = Math.Max(next, piece.Range.EndExclusive);
        }

        return next >= range.EndExclusive;
    }

    /// <summary>The pieces that stand on these serials; the first and last may reach beyond.</summary>
    public IEnumerable<Piece> On(SerialRange range)
    {
        foreach (var piece in pieces.From(range.First))
        {
            if (piece.Range.First >= range.EndExclusive)
            {
                break;
            }

            if (piece.Range.Overlaps(range))
            {
                yield return piece;
            }
        }
    }

    /// <summary>The pieces that stand on these serials, each with the part of it that does.</summary>
    public IEnumerable<(Piece Piece, SerialRange Part)> Parts(SerialRanges ranges) =>
        ranges.SelectMany(On, (range, piece) => (piece, piece.Range.Common(range)));

    /// <summary>Live kilograms of an account that are known, those that are free to the taker, and the lowest piece that is not.</summary>
    public (Kilograms Owned, Kilograms Free, Piece? Other) Holding(AccountId account, Taker taker = default)
    {
        var (owned, free) = (0L, 0L);
        Piece? other = null;
        foreach (var piece in pieces.All)
        {
            if (piece.Account == account && piece.Status == UnitStatus.Live)
            {
                var takes = taker.Takes(piece.Locks);
                owned += piece.Range.Count;
                free += takes ? piece.Range.Count : 0;
                other ??= takes ? null : piece;
            }
        }

        return (Kilograms.FromKilograms(owned), Kilograms.FromKilograms(free), other);
    }

    /// <summary>The lowest free serials of an account that make up a quantity; or fewer than asked, when no more are known.</summary>
    /// <param name="all">False when the account may have free units beyond those known.</param>
    public SerialRanges LowestFree(AccountId account, Kilograms quantity, out bool all)
    {
        var frontier = complete ? long.MaxValue : frontiers.GetValueOrDefault(account, 0);
        var taken = new List<SerialRange>();
        var need = quantity.Value;
        foreach (var (holder, range) in free.After(new FreePlace(account, 0)))
        {
            if (need == 0 || holder != account || range.First > frontier)
            {
                break;
            }

            if (taken.Count == PiecesPerLineMax)
            {
                all = false;
                return SerialRanges.Of(taken);
            }

            var count = Math.Min(need, range.Count);
            taken.Add(SerialRange.HalfOpen(range.First, range.First + count));
            need -= count;
        }

        all = frontier == long.MaxValue;
        return SerialRanges.Of(taken);
    }

    /// <summary>The lowest serials under ranked pledges that the taker may stand behind, up to a quantity.</summary>
    /// <param name="all">False when the account may have more locked pieces than are known.</param>
    public SerialRanges LowestBehind(AccountId account, Kilograms quantity, Taker taker, out bool all)
    {
        var taken = new List<SerialRange>();
        var (need, seen) = (quantity.Value, 0);
        all = true;
        foreach (var piece in pieces.All)
        {
            if (need == 0)
            {
                break;
            }

            if (piece.Account != account || piece.Status != UnitStatus.Live || !piece.IsLocked)
            {
                continue;
            }

            // A batch loads as many locked pieces and no more; what it may conclude must not depend on what it happens to know.
            if (seen++ == PiecesPerLineMax)
            {
                all = false;
                break;
            }

            if (taker.Takes(piece.Locks))
            {
                var count = Math.Min(need, piece.Range.Count);
                taken.Add(SerialRange.HalfOpen(piece.Range.First, piece.Range.First + count));
                need -= count;
            }
        }

        return SerialRanges.Of(taken);
    }

    /// <summary>The lowest live serials of the voucher that carry no freeze and have room for one, up to a quantity.</summary>
    /// <param name="all">False when there may be more than are known.</param>
    public SerialRanges LowestUnfrozen(Kilograms quantity, out bool all)
    {
        var taken = new List<SerialRange>();
        var (need, seen) = (quantity.Value, 0);
        all = true;
        foreach (var piece in pieces.All.Where(p => p.Status == UnitStatus.Live))
        {
            if (need == 0)
            {
                break;
            }

            if (seen++ == PiecesPerLineMax)
            {
                all = false;
                break;
            }

            if (!piece.Locks.IsFrozen)
            {
                var count = Math.Min(need, piece.Range.Count);
                taken.Add(SerialRange.HalfOpen(piece.Range.First, piece.Range.First + count));
                need -= count;
            }
        }

        return SerialRanges.Of(taken);
    }

    /// <summary>Splits at the ends of the ranges and changes what stands on them. Splitting never renumbers.</summary>
    /// <exception cref="InvalidOperationException">A serial is not loaded: an event then names units that no decision has seen.</exception>
    public void Change(SerialRanges ranges, Func<Piece, Piece> change)
    {
        foreach (var range in ranges)
        {
            if (!Covers(range))
            {
                throw new InvalidOperationException($"Serials {range} are not loaded.");
            }

            SplitAt(range.First);
            SplitAt(range.EndExclusive);
            foreach (var piece in pieces.From(range.First))
            {
                if (piece.Range.First >= range.EndExclusive)
                {
                    break;
                }

                var after = change(piece);
                Put(after);
                changed.Add(after.Range.Last);
            }
        }
    }

    private void Put(Piece piece)
    {
        if (pieces.Put(piece) is { } before)
        {
            Unfree(before);
        }

        if (piece.IsFree)
        {
            free.Put(new FreePiece(piece.Account, piece.Range));
        }
    }

    private void Unfree(Piece piece)
    {
        if (piece.IsFree)
        {
            free.Remove(new FreePlace(piece.Account, piece.Range.First));
        }
    }

    private void SplitAt(long serial)
    {
        if (!pieces.TryFind(serial, out var piece) || piece.Range.First == serial || piece.Range.EndExclusive <= serial)
        {
            return;
        }

        Put(piece with { Range = SerialRange.HalfOpen(piece.Range.First, serial) });
        Put(piece with { Range = SerialRange.HalfOpen(serial, piece.Range.EndExclusive) });
        changed.Add(serial - 1); // the upper part keeps the row: it ends where it did
        added.Add(serial - 1);
    }

    private Piece EndingAt(long last) =>
        pieces.TryFind(last, out var piece) && piece.Range.Last == last ? piece : throw new InvalidOperationException($"No piece ends at {last}.");

    private readonly record struct FreePlace(AccountId Account, long First) : IComparable<FreePlace>
    {
        public int CompareTo(FreePlace other) =>
            Account.Value.CompareTo(other.Account.Value) is not 0 and var order ? order : First.CompareTo(other.First);
    }

    private readonly record struct FreePiece(AccountId Account, SerialRange Range) : IOrdered<FreePlace>
    {
        public FreePlace Place => new(Account, Range.First);
    }
}
