namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Units as the naive model is asked for them: so many, or these serials in ascending order.</summary>
internal sealed record Ask(int Voucher, int Kilograms, int[]? Serials);

/// <summary>
/// A naive second register of what lies on units: one cell per kilogram, money in whole fen, time in days. It shares no code with the product, knows nothing of ranges and pieces, and
/// says of every act which refusal is due, or does it.
/// </summary>
/// <remarks>Accounts and organizations are letters: O of the forest owner F, B of the group G, S of the stranger T, L of the bank K. E is the exchange, Q the second bank, R the registrar.</remarks>
internal sealed partial class LockModel
{
    public const string Accepted = "accepted";
    private const int MarksMax = 16;
    private const int StopsMax = 16;

    internal sealed class Cell
    {
        public char Holder = 'O';
        public char Fate = 'l';

        public List<Mark> Marks { get; } = [];

        public bool IsLive => Fate == 'l';

        public bool IsFree => IsLive && Marks.Count == 0;

        public bool IsFrozen => Marks.Exists(m => m.Kind == 'f');

        public bool IsFullOfStops => Marks.Count(m => m.Kind == 'f') >= StopsMax;

        public bool TakesRanked => Marks.Count < MarksMax && Marks.TrueForAll(m => m.Kind == 'r');

        public bool Under(int pledge) => Marks.Exists(m => m.IsPledge && m.Number == pledge);

        /// <summary>Who came first stands first; who came in one act stands equal.</summary>
        public List<List<int>> Ranks()
        {
            var ranks = new SortedDictionary<int, List<int>>();
            foreach (var mark in Marks.Where(m => m.IsPledge))
            {
                ranks.TryAdd(mark.Came, []);
                ranks[mark.Came].Add(mark.Number);
            }

            return [.. ranks.Values];
        }
    }

    /// <param name="Kind">h hold, x exclusive, r ranked, f freeze.</param>
    /// <param name="Came">The act with which it came.</param>
    internal readonly record struct Mark(char Kind, int Number, int Came)
    {
        public bool IsPledge => Kind is 'x' or 'r';
    }

    internal sealed record Deal(int Number, char Seller, char Buyer, Instant? Until, List<int> Vouchers)
    {
        public string Status { get; set; } = "registered";
    }

    internal sealed record Stop(int Number, char? Account)
    {
        public bool Lifted { get; set; }
    }

    private readonly bool[] revoked;
    private readonly Dictionary<char, List<int>> accountStops = "OBSL".ToDictionary(a => a, _ => new List<int>());
    private int acts;

    public LockModel(int[] sizes)
    {
        Cells = [.. sizes.Select(size => Enumerable.Range(0, size).Select(_ => new Cell()).ToArray())];
        revoked = new bool[sizes.Length];
    }

    public Cell[][] Cells { get; }

    public SortedDictionary<int, Deal> Deals { get; } = [];

    public SortedDictionary<int, Stop> Stops { get; } = [];

    public Instant Now { get; set; }

    /// <summary>Days since 1970 by the clock of Lanzhou, eight hours ahead.</summary>
    public int Day => (int)((Now.ToUnixTimeSeconds() + (8 * 3600)) / 86_400);

    public bool IsRevoked(int voucher) => voucher < revoked.Length && revoked[voucher];

    public static char OwnerOf(char account) => account switch { 'O' => 'F', 'B' => 'G', 'S' => 'T', _ => 'K' };

    public string Transfer(char from, char to, Ask[] asks, char actor) =>
        from == to ? "same-account" : Gives(from, actor) ?? Take(from, asks, ranked: false, c => c.Holder = to);

    public string Retire(char account, Ask[] asks, char actor) => Gives(account, actor) ?? Take(account, asks, ranked: false, c => c.Fate = 'r');

    public string Cancel(char account, Ask[] asks, char actor) =>
        actor != 'R' ? "not-authorized" : Frozen(account) ?? Take(account, asks, ranked: false, c => c.Fate = 'c');

    public string Revoke(int voucher, char actor, bool again)
    {
        if (actor != 'R')
        {
            return "not-authorized";
        }

        if (voucher >= Cells.Length)
        {
            return "voucher-not-found";
        }

        if (revoked[voucher] != again)
        {
            return again ? "voucher-not-revoked" : "voucher-revoked";
        }

        var free = Cells[voucher].Where(c => c.IsFree && Frozen(c.Holder) is null).ToList();
        if (again && free.Count == 0)
        {
            return "nothing-to-cancel";
        }

        free.ForEach(c => c.Fate = 'c');
        revoked[voucher] = true;
        return Accepted;
    }

    public string Trade(int number, char seller, char buyer, Ask[] asks, Instant? until, char actor)
    {
        var refusal = actor is not ('R' or 'E') ? "not-authorized"
            : seller == buyer ? "same-account"
            : Frozen(seller) ?? (until <= Now || until > Now + Duration.FromDays(90) ? "hold-time-out-of-range" : null);
        if (refusal is not null)
        {
            return refusal;
        }

        var result = Take(seller, asks, ranked: false, c =>
        {
            c.Holder = until is null ? buyer : seller;
            if (until is not null)
            {
                c.Marks.Add(new Mark('h', number, acts));
            }
        });
        if (result == Accepted)
        {
            Deals.Add(number, new Deal(number, seller, buyer, until, [.. asks.Select(a => a.Voucher)]) { Status = until is null ? "settled" : "registered" });
        }

        return result;
    }

    /// <param name="end">settled, voided or expired.</param>
    public string EndTrade(int number, string end, char actor)
    {
        if (!Deals.TryGetValue(number, out var deal))
        {
            return "trade-not-found";
        }

        var refusal = end == "expired"
            ? deal.Status != "registered" || deal.Until > Now ? "trade-not-open" : null
            : actor != 'E' ? "not-the-venue"
            : deal.Status == "expired" || (deal.Status == "registered" && deal.Until <= Now) ? "hold-expired"
            : deal.Status != "registered" ? "trade-not-open" : null;
        var held = deal.Vouchers.Select(v => Cells[v].Where(c => c.Marks.Exists(m => m.Kind == 'h' && m.Number == number)).ToList()).ToList();
        if (refusal is null && end == "settled")
        {
            refusal = Frozen(deal.Seller) ?? Stopped(deal.Vouchers, held);
        }

        if (refusal is not null)
        {
            return refusal;
        }

        foreach (var cell in held.SelectMany(h => h))
        {
            cell.Marks.RemoveAll(m => m.Kind == 'h' && m.Number == number);
            cell.Holder = end == "settled" ? deal.Buyer : cell.Holder;
        }

        deal.Status = end;
        return Accepted;
    }

    public string Freeze(int number, char? account, Ask[] asks, char actor)
    {
        if (actor != 'R')
        {
            return "not-authorized";
        }

        if (account is { } whole)
        {
            accountStops[whole].Add(number);
            Stops.Add(number, new Stop(number, whole));
            return Accepted;
        }

        var taken = new List<Cell>();
        for (var i = 0; i < asks.Length; i++)
        {
            var ask = asks[i];
            if (ask.Voucher >= Cells.Length)
            {
                return "voucher-not-found";
            }

            if (asks.Take(i).Any(a => a.Voucher == ask.Voucher))
            {
                return "duplicate-voucher-line";
            }

            var cells = Cells[ask.Voucher];
            if (ask.Serials?[^1] > cells.Length)
            {
                return "serials-beyond-voucher";
            }

            var chosen = ask.Serials is { } named
                ? named.Select(s => cells[s - 1]).ToList()
                : cells.Where(c => c.IsLive && !c.IsFrozen).Take(ask.Kilograms).ToList();
            if (chosen.Find(c => !c.IsLive || c.IsFullOfStops) is { } unfit)
            {
                return unfit.IsLive ? "too-many-locks" : "units-not-live";
            }

            if (chosen.Count < ask.Kilograms)
            {
                return "insufficient-live-units";
            }

            taken.AddRange(chosen);
        }

        acts++;
        taken.ForEach(c => c.Marks.Add(new Mark('f', number, acts)));
        Stops.Add(number, new Stop(number, null));
        return Accepted;
    }

    public string Lift(int number, bool byItsAuthority, char actor)
    {
        var refusal = actor != 'R' ? "not-authorized"
            : !Stops.TryGetValue(number, out var found) ? "freeze-not-found"
            : found.Lifted ? "freeze-lifted"
            : byItsAuthority ? null : "authority-differs";
        if (refusal is not null)
        {
            return refusal;
        }

        foreach (var cell in Cells.SelectMany(c => c))
        {
            cell.Marks.RemoveAll(m => m.Kind == 'f' && m.Number == number);
        }

        if (Stops[number].Account is { } account)
        {
            accountStops[account].Remove(number);
        }

        Stops[number].Lifted = true;
        return Accepted;
    }

    private static bool Acts(char actor, char party) => actor == 'R' || actor == party;

    private string? Frozen(char account) => accountStops[account].Count > 0 ? "account-frozen" : null;

    private string? Gives(char account, char actor) => Acts(actor, OwnerOf(account)) ? Frozen(account) : "not-authorized";

    /// <summary>What came upon locked units since: first any revocation, then any freeze.</summary>
    private string? Stopped(IReadOnlyList<int> vouchers, IEnumerable<IEnumerable<Cell>> cells) =>
        vouchers.Any(v => revoked[v]) ? "voucher-revoked" : cells.Any(of => of.Any(c => c.IsFrozen)) ? "units-frozen" : null;

    private string Take(char account, Ask[] asks, bool ranked, Action<Cell> act)
    {
        var (refusal, taken) = Find(account, asks, ranked);
        if (refusal is not null)
        {
            return refusal;
        }

        acts++;
        foreach (var cell in taken.SelectMany(t => t))
        {
            act(cell);
        }

        return Accepted;
    }

    /// <summary>The cells of each line; or why they cannot be had.</summary>
    private (string? Refusal, List<List<Cell>> Taken) Find(char account, Ask[] asks, bool ranked, int? own = null)
    {
        bool Fits(Cell cell) => cell.IsFree || (ranked && cell.TakesRanked && !(own is { } pledge && cell.Under(pledge)));
        string Why(Cell cell) => cell.Marks.Exists(m => m.Kind == 'x' || (m.Kind == 'r' && (!ranked || m.Number == own))) ? "units-under-lien"
            : cell.IsFrozen ? "units-frozen" : cell.Marks.Exists(m => m.Kind == 'h') ? "units-locked" : "too-many-locks";
        var taken = new List<List<Cell>>();
        for (var i = 0; i < asks.Length; i++)
        {
            var ask = asks[i];
            if (ask.Voucher >= Cells.Length)
            {
                return ("voucher-not-found", []);
            }

            if (revoked[ask.Voucher])
            {
                return ("voucher-revoked", []);
            }

            if (asks.Take(i).Any(a => a.Voucher == ask.Voucher))
            {
                return ("duplicate-voucher-line", []);
            }

            var cells = Cells[ask.Voucher];
            if (ask.Serials is { } named)
            {
                if (named[^1] > cells.Length)
                {
                    return ("serials-beyond-voucher", []);
                }

                var chosen = named.Select(s => cells[s - 1]).ToList();
                if (chosen.Exists(c => c.Holder != account || !c.IsLive))
                {
                    return ("units-not-held", []);
                }

                if (chosen.Find(c => !Fits(c)) is { } locked)
                {
                    return (Why(locked), []);
                }

                taken.Add(chosen);
                continue;
            }

            var owned = cells.Where(c => c.Holder == account && c.IsLive).ToList();
            var lowest = owned.Where(c => c.IsFree).Take(ask.Kilograms).ToList();
            if (ranked)
            {
                lowest.AddRange(owned.Where(c => !c.IsFree && Fits(c)).Take(ask.Kilograms - lowest.Count).ToList());
            }

            if (lowest.Count < ask.Kilograms)
            {
                return (owned.Count < ask.Kilograms ? "insufficient-units" : Why(owned.Find(c => !Fits(c))!), []);
            }

            taken.Add(lowest);
        }

        return (null, taken);
    }
}
