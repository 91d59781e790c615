namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Pledges, loans and the distribution of proceeds, in whole fen.</summary>
internal sealed partial class LockModel
{
    internal sealed record Lien(int Number, char Pledgor, char Bank, bool Ranked, long Secured, string? Scope)
    {
        public string Status { get; set; } = "registered";

        public Instant? Until { get; set; }

        public long Recovered { get; set; }

        /// <summary>How much of what was recovered was principal, or all of it while no loan is secured.</summary>
        public long Principal { get; set; }

        public int? Debt { get; set; }

        /// <summary>The vouchers in the order in which they came under the pledge.</summary>
        public List<int> Vouchers { get; set; } = [];

        public bool InForce => Status is "reserved" or "registered" or "partiallyReleased" or "defaultNotified" or "enforcing";

        public bool Sound => Status is "registered" or "partiallyReleased";

        public bool Secures(string part) => Scope is null || Scope.Contains(part);
    }

    internal sealed record Debt(int Number, char Bank, int PartsPerMillion, int Basis)
    {
        public long Principal { get; set; }

        public long Costs { get; set; }

        public Int128 Exact { get; set; }

        public long PaidInterest { get; set; }

        public int Last { get; set; }

        public long Interest(int day)
        {
            var whole = (Int128)1_000_000 * Basis;
            return (long)((Exact + ((Int128)Principal * PartsPerMillion * Math.Max(0, day - Last)) + (whole / 2)) / whole) - PaidInterest;
        }

        public long Owed(int day) => Principal + Interest(day) + Costs;

        /// <summary>Costs, interest and principal: what is paid first stands first.</summary>
        public long[] Parts(int day) => [Costs, Interest(day), Principal];

        public void Pay(long amount, int day)
        {
            var costs = Math.Min(amount, Costs);
            var interest = Math.Min(amount - costs, Interest(day));
            Pay([costs, interest, amount - costs - interest], day);
        }

        public void Pay(long[] parts, int day)
        {
            Settle(day);
            (Costs, PaidInterest, Principal) = (Costs - parts[0], PaidInterest + parts[1], Principal - parts[2]);
        }

        public void Settle(int day) => (Exact, Last) = (Exact + ((Int128)Principal * PartsPerMillion * (day - Last)), day);
    }

    public SortedDictionary<int, Lien> Liens { get; } = [];

    public SortedDictionary<int, Debt> Debts { get; } = [];

    /// <summary>The figures of the newest enforcement.</summary>
    public string Sale { get; private set; } = "";

    public List<int> SerialsUnder(int pledge, int voucher) => [.. Enumerable.Range(1, Cells[voucher].Length).Where(s => Cells[voucher][s - 1].Under(pledge))];

    /// <param name="banks">The lender, and others of equal rank.</param>
    public string Pledge(int number, char pledgor, (char Bank, long Secured)[] banks, Ask[] asks, bool ranked, Instant? until, string? scope, char actor)
    {
        var refusal = !Acts(actor, OwnerOf(pledgor)) && actor != banks[0].Bank ? "not-authorized"
            : Frozen(pledgor) ?? (until <= Now || until > Now + Duration.FromDays(30) ? "reservation-time-out-of-range" : null);
        if (refusal is not null)
        {
            return refusal;
        }

        (refusal, var taken) = Find(pledgor, asks, ranked);
        if (refusal is not null)
        {
            return refusal;
        }

        if (banks.Length > 1 && taken.Exists(t => t.Exists(c => c.Marks.Count + banks.Length > MarksMax)))
        {
            return "too-many-locks";
        }

        acts++;
        for (var i = 0; i < banks.Length; i++)
        {
            taken.SelectMany(t => t).ToList().ForEach(c => c.Marks.Add(new Mark(ranked ? 'r' : 'x', number + i, acts)));
            Liens.Add(number + i, new Lien(number + i, pledgor, banks[i].Bank, ranked, banks[i].Secured, scope)
            {
                Status = until is null ? "registered" : "reserved",
                Until = until,
                Vouchers = [.. asks.Select(a => a.Voucher)],
            });
        }

        return Accepted;
    }

    public string Register(int number, char actor)
    {
        var refusal = !Liens.TryGetValue(number, out var lien) ? "pledge-not-found"
            : !Acts(actor, OwnerOf(lien.Pledgor)) && actor != lien.Bank ? "not-authorized"
            : lien.Status == "expired" ? "reservation-expired"
            : lien.Status != "reserved" ? "pledge-not-in-state"
            : lien.Until <= Now ? "reservation-expired"
            : Frozen(lien.Pledgor) ?? Stopped(lien.Vouchers, Cells.Select(cells => cells.Where(c => c.Under(number))));
        if (refusal is null)
        {
            (Liens[number].Status, Liens[number].Until) = ("registered", null);
        }

        return refusal ?? Accepted;
    }

    public string ExpirePledge(int number)
    {
        var refusal = !Liens.TryGetValue(number, out var lien) ? "pledge-not-found"
            : lien.Status != "reserved" || lien.Until > Now ? "pledge-not-in-state" : null;
        return refusal ?? End(Liens[number], "expired");
    }

    public string VoidPledge(int number, char actor)
    {
        var refusal = actor != 'R' ? "not-authorized"
            : !Liens.TryGetValue(number, out var lien) ? "pledge-not-found" : lien.InForce ? null : "pledge-not-in-force";
        return refusal ?? End(Liens[number], "voided");
    }

    public string Release(int number, Ask[]? asks, char actor)
    {
        var refusal = !Liens.TryGetValue(number, out var lien) ? "pledge-not-found"
            : actor != lien.Bank ? "not-the-pledgee" : lien.InForce ? null : "pledge-not-in-force";
        if (refusal is not null)
        {
            return refusal;
        }

        (refusal, var chosen) = Choose(lien!, asks);
        if (refusal is null)
        {
            Leave(lien!, chosen.SelectMany(c => c.Cells));
            Shrink(lien!);
        }

        return refusal ?? Accepted;
    }

    public string Substitute(int number, Ask[] come, Ask[] go, char actor)
    {
        var refusal = !Liens.TryGetValue(number, out var lien) ? "pledge-not-found"
            : actor != lien.Bank ? "not-the-pledgee"
            : lien.Sound || lien.Status == "defaultNotified" ? Frozen(lien.Pledgor) : "pledge-not-in-state";
        if (refusal is not null)
        {
            return refusal;
        }

        (refusal, var gone) = Choose(lien!, go);
        if (refusal is not null)
        {
            return refusal;
        }

        (refusal, var taken) = Find(lien!.Pledgor, come, lien.Ranked, number);
        if (refusal is not null)
        {
            return refusal;
        }

        acts++;
        Leave(lien, gone.SelectMany(c => c.Cells));
        taken.SelectMany(t => t).ToList().ForEach(c => c.Marks.Add(new Mark(lien.Ranked ? 'r' : 'x', number, acts)));
        lien.Vouchers = [.. lien.Vouchers.Concat(come.Select(a => a.Voucher)).Distinct()];
        return Accepted;
    }

    public string Notify(int number, char actor)
    {
        var refusal = !Liens.TryGetValue(number, out var lien) ? "pledge-not-found"
            : actor != lien.Bank ? "not-the-pledgee" : !lien.Sound ? "pledge-not-in-state" : ClaimOf(lien).Sum() > 0 ? null : "nothing-secured";
        if (refusal is null)
        {
            Liens[number].Status = "defaultNotified";
        }

        return refusal ?? Accepted;
    }

    /// <param name="price">In ten-thousandths of a yuan per tonne; so is the market's.</param>
    public string Enforce(int number, Ask[]? asks, char buyer, long price, long costs, bool toLender, long? market, char actor)
    {
        var refusal = !Liens.TryGetValue(number, out var lien) ? "pledge-not-found"
            : actor != lien.Bank ? "not-the-pledgee"
            : lien.Sound ? "default-not-notified"
            : lien.Status is not ("defaultNotified" or "enforcing") ? "pledge-not-in-state"
            : ClaimOf(lien).Sum() == 0 ? "nothing-secured"
            : buyer == lien.Pledgor ? "same-account"
            : OwnerOf(buyer) == OwnerOf(lien.Pledgor) ? "buyer-is-the-pledgor"
            : !toLender && OwnerOf(buyer) == lien.Bank ? "no-forfeiture"
            : toLender && OwnerOf(buyer) != lien.Bank ? "buyer-not-the-lender"
            : toLender && market is null ? "no-market-price"
            : toLender && price < market ? "price-below-market"
            : Frozen(lien.Pledgor);
        if (refusal is not null)
        {
            return refusal;
        }

        (refusal, var chosen) = Choose(lien!, asks, toSell: true);
        refusal ??= Stopped([.. chosen.Select(c => c.Voucher)], chosen.Select(c => c.Cells));
        if (refusal is not null)
        {
            return refusal;
        }

        // yuan per tonne / 10,000 × kilograms = hundred-thousandths of a fen.
        var proceeds = chosen.Sum(c => Half(price * c.Cells.Count, 100_000));
        var sold = chosen.OrderBy(c => c.Voucher).SelectMany(c => c.Cells).ToList();
        var met = sold.SelectMany(c => c.Marks.Where(m => m.IsPledge)).Select(m => m.Number).Distinct().Select(n => Liens[n]).ToList();
        var paid = Distribute(proceeds, costs, sold, met);
        foreach (var debt in met.Where(l => l.Debt is not null && l.Status != "reserved" && paid[l.Number].Sum() > 0).GroupBy(l => l.Debt!.Value))
        {
            Debts[debt.Key].Pay([.. Enumerable.Range(0, 3).Select(i => debt.Sum(l => paid[l.Number][i]))], Day);
        }

        foreach (var one in met)
        {
            one.Recovered += paid[one.Number].Sum();
            one.Principal += paid[one.Number][2];
            Leave(one, sold.Where(c => c.Under(one.Number)));
            Shrink(one);
        }

        lien!.Status = lien.Vouchers.Count == 0 ? "enforced" : "enforcing";
        sold.ForEach(c => c.Holder = buyer);
        return Accepted;
    }

    public string Lend(int number, char bank, long principal, int partsPerMillion, int basis, int[] pledges, char actor)
    {
        if (!Acts(actor, bank))
        {
            return "not-authorized";
        }

        foreach (var id in pledges)
        {
            var refusal = !Liens.TryGetValue(id, out var lien) ? "pledge-not-found"
                : lien.Bank != bank ? "pledge-of-another-lender"
                : !lien.Sound ? "pledge-not-in-force" : lien.Debt is null ? null : "pledge-secures-loan";
            if (refusal is not null)
            {
                return refusal;
            }
        }

        Debts.Add(number, new Debt(number, bank, partsPerMillion, basis) { Principal = principal, Last = Day });
        Array.ForEach(pledges, p => Liens[p].Debt = number);
        return Accepted;
    }

    public string Repay(int number, long amount, char actor)
    {
        var refusal = Entry(number, actor) ?? (amount > Debts[number].Owed(Day) ? "repayment-exceeds-outstanding" : null);
        if (refusal is null)
        {
            Debts[number].Pay(amount, Day);
        }

        return refusal ?? Accepted;
    }

    public string Charge(int number, long amount, char actor)
    {
        var refusal = Entry(number, actor);
        if (refusal is null)
        {
            Debts[number].Settle(Day);
            Debts[number].Costs += amount;
        }

        return refusal ?? Accepted;
    }

    /// <summary>A loan is repaid when nothing was left at its last entry.</summary>
    private string? Entry(int number, char actor) => !Debts.TryGetValue(number, out var debt) ? "loan-not-found"
        : !Acts(actor, debt.Bank) ? "not-authorized" : debt.Owed(debt.Last) == 0 ? "loan-repaid" : null;

    private string End(Lien lien, string status)
    {
        Leave(lien, [.. Cells.SelectMany(c => c).Where(c => c.Under(lien.Number))]);
        lien.Status = status;
        return Accepted;
    }

    private void Leave(Lien lien, IEnumerable<Cell> cells)
    {
        foreach (var cell in cells.ToList())
        {
            cell.Marks.RemoveAll(m => m.IsPledge && m.Number == lien.Number);
        }

        lien.Vouchers = [.. lien.Vouchers.Where(v => SerialsUnder(lien.Number, v).Count > 0)];
    }

    private static void Shrink(Lien lien) =>
        lien.Status = lien.Vouchers.Count == 0 ? "released" : lien.Status == "registered" ? "partiallyReleased" : lien.Status;

    /// <summary>Cells under the pledge, as its lines name them; all of them without lines.</summary>
    /// <param name="toSell">A quantity is then taken of what is not frozen, if there is enough.</param>
    private (string? Refusal, List<(int Voucher, List<Cell> Cells)> Chosen) Choose(Lien lien, Ask[]? asks, bool toSell = false)
    {
        asks ??= [.. lien.Vouchers.Select(v => new Ask(v, SerialsUnder(lien.Number, v).Count, null))];
        var chosen = new List<(int Voucher, List<Cell>)>();
        foreach (var ask in asks)
        {
            if (chosen.Exists(c => c.Voucher == ask.Voucher))
            {
                return ("duplicate-voucher-line", []);
            }

            var under = ask.Voucher < Cells.Length ? SerialsUnder(lien.Number, ask.Voucher) : [];
            if (ask.Serials is { } named ? named.Except(under).Any() : under.Count < ask.Kilograms)
            {
                return ("release-exceeds-pledge", []);
            }

            var fit = under.FindAll(s => toSell && !Cells[ask.Voucher][s - 1].IsFrozen);
            chosen.Add((ask.Voucher, [.. (ask.Serials ?? (fit.Count >= ask.Kilograms ? fit : under).Take(ask.Kilograms)).Select(s => Cells[ask.Voucher][s - 1])]));
        }

        return (null, chosen);
    }

    private long[] ClaimOf(Lien lien)
    {
        if (lien.Status == "reserved")
        {
            return [0, 0, 0];
        }

        var secured = Math.Max(0, lien.Secured - lien.Principal);
        return lien.Debt is { } number
            ? [lien.Secures("costs") ? Debts[number].Costs : 0, lien.Secures("interest") ? Debts[number].Interest(Day) : 0, lien.Secures("principal") ? Math.Min(Debts[number].Principal, secured) : 0]
            : [0, 0, secured];
    }

    /// <summary>In proportion to what is due; fen by fen, what is missing to the greatest fraction, the earlier one of equals.</summary>
    private static long[] Shares(long amount, long[] due)
    {
        var total = due.Sum();
        if (amount >= total)
        {
            return due;
        }

        var shares = due.Select(d => amount * d / total).ToArray();
        var fractions = due.Select(d => amount * d % total).ToArray();
        for (var missing = amount - shares.Sum(); missing > 0; missing--)
        {
            var next = Array.IndexOf(fractions, fractions.Max());
            shares[next]++;
            fractions[next] = -1;
        }

        return shares;
    }

    private static long Half(long numerator, long denominator) => ((2 * numerator) + denominator) / (2 * denominator);
}
