namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Pledges as the auditor keeps them: P1 to P4, and what must hold of every lock in the end.</summary>
internal sealed partial class Auditor
{
    internal sealed record Lien(Guid Id, Guid Pledgor, Guid Pledgee, bool Ranked, decimal Secured, Guid With)
    {
        /// <summary>"registered", "partiallyReleased", "released", "reserved", "expired", "defaultNotified", "enforcing", "enforced" or "voided".</summary>
        public string Status { get; set; } = "registered";

        public Instant? Until { get; set; }

        public LocalDate TermBegins { get; init; }

        public Guid Loan { get; set; }

        public decimal Recovered { get; set; }

        public decimal RecoveredPrincipal { get; set; }

        public bool Sound => Status is "registered" or "partiallyReleased";

        public bool InDefault => Status is "defaultNotified" or "enforcing";

        public bool InForce => Sound || InDefault || Status == "reserved";
    }

    /// <summary>Pledges of the decision that is being read.</summary>
    private readonly HashSet<Guid> fresh = [];

    public Dictionary<Guid, Lien> Liens { get; } = [];

    /// <summary>What happened at all, for the count of what the scenarios reach.</summary>
    public HashSet<string> Happened { get; } = [];

    /// <summary>The serials under a pledge or a hold, by voucher.</summary>
    public IEnumerable<(Guid Voucher, long[] Serials)> Under(Guid id) => Vouchers
        .Where(v => Array.Exists(v.Value, c => c.Carries(id)))
        .Select(v => (v.Key, v.Value.Select((c, i) => (c, Serial: i + 1L)).Where(x => x.c.Carries(id)).Select(x => x.Serial).ToArray()));

    private void ReadPledge(PledgeEvent fact, RecordedEvent recorded)
    {
        if (fact is PledgeEvent.PledgeRegistered registered)
        {
            Register(registered, recorded.At);
            return;
        }

        var lien = Liens[fact.Pledge.Value];
        var isPledgee = recorded.Actor.Organization?.Value == lien.Pledgee;
        switch (fact)
        {
            case PledgeEvent.ReservationRegistered:
                Check(lien.Status == "reserved" && lien.Until > recorded.At, "a pledge was registered that was not, or no longer, reserved");
                Check(Under(lien.Id).All(u => !Revoked.Contains(u.Voucher) && Array.TrueForAll(u.Serials, s => !Vouchers[u.Voucher][s - 1].IsFrozen)), "frozen or revoked units were pledged");
                (lien.Status, lien.Until) = ("registered", null);
                break;
            case PledgeEvent.ReservationExpired:
                Check(lien.Status == "reserved" && lien.Until <= recorded.At, "a reservation ended before its time");
                End(lien, "expired");
                break;
            case PledgeEvent.PledgeVoided:
                Check(lien.InForce && recorded.Actor.IsRegistrar, "a pledge was voided that was not in force, or not by the registrar");
                End(lien, "voided");
                break;
            case PledgeEvent.PledgeReleased e:
                Check(lien.InForce, "a pledge was released that was not in force");
                Check(isPledgee || e.Paid is not null, "another than the pledgee released a pledge");
                if (e.Paid is { } paid)
                {
                    Check(e.Reason == ReleaseReason.Enforced, "a pledge that another's enforcement ended was released for something else");
                    Toggle(Ended(lien.Id, paid.Amount, e.Units));
                }

                Leave(lien, e.Units);
                lien.Status = IsAll(lien, e.Units) ? "released" : lien.Status == "registered" ? "partiallyReleased" : lien.Status;
                break;
            case PledgeEvent.PledgeSubstituted e:
                Check(isPledgee && (lien.Sound || lien.Status == "defaultNotified"), "units were substituted by another than the pledgee, or under a pledge that was not in force");
                Come(lien, e.In, Guid.Empty);
                Leave(lien, e.Out);
                break;
            case PledgeEvent.PledgeSecuredLoan e:
                Check(lien.Loan == Guid.Empty && lien.Sound, "a pledge secures two loans, or is not in force");
                lien.Loan = e.Loan.Value;
                break;
            case PledgeEvent.DefaultNotified e:
                Check(!SecuresNothing(lien.Id, RegistryCalendar.DateOf(recorded.At)), "a default was notified where nothing was owed");
                Check(isPledgee && lien.Sound && e.Date >= lien.TermBegins, "a default was notified by another than the pledgee, of a pledge that was not in force, or before its term");
                lien.Status = "defaultNotified";
                break;
            case PledgeEvent.PledgeEnforced e:
                Check(!SecuresNothing(lien.Id, RegistryCalendar.DateOf(recorded.At)), "a pledge was enforced where nothing was owed");
                Check(isPledgee && lien.InDefault, "a pledge was enforced by another than the pledgee, or without a notice");
                Enforce(lien, e, RegistryCalendar.DateOf(recorded.At));
                break;
            default:
                throw new InvalidOperationException($"The auditor cannot read {fact.GetType().Name}.");
        }
    }

    private void Register(PledgeEvent.PledgeRegistered e, Instant at)
    {
        var with = e.EqualRankWith?.Value ?? Guid.Empty;
        var lien = new Lien(e.Pledge.Value, e.Pledgor.Value, e.Pledgee.Value, e.Mode == PledgeMode.Ranked, e.SecuredAmount.Amount, with)
        {
            Status = e.ReservedUntil is null ? "registered" : "reserved",
            Until = e.ReservedUntil,
            TermBegins = e.Term.First,
        };
        Check(lien.Until is not { } until || until > at, "a reservation was over before it began");
        Check(with == Guid.Empty || (lien.Ranked && fresh.Contains(with)), "a pledge has equal rank with one that did not come with it");
        Liens.Add(lien.Id, lien);
        fresh.Add(lien.Id);
        Come(lien, e.Units, with);
    }

    private void Enforce(Lien lien, PledgeEvent.PledgeEnforced e, LocalDate today)
    {
        var toLender = e.Method == EnforcementMethod.ToLender;
        Check(Owners[e.Buyer.Value] != Owners[lien.Pledgor], "units were sold to their pledgor");
        Check(toLender == (Owners[e.Buyer.Value] == lien.Pledgee), "the lender got units by a sale, or another by agreement with the lender");
        Check(toLender == (e.Reference is not null), "a takeover names no market price, or a sale does");
        Check(e.Reference is not { } market || e.PricePerTonne.Amount >= market.PricePerTonne.Amount, "the lender took units over below the market price");
        var sold = e.Units.SelectMany(u => u.Serials, (u, r) => Vouchers[u.Voucher.Value][(int)(r.First - 1)..(int)r.Last]).SelectMany(c => c).ToArray();
        Check(Array.TrueForAll(sold, c => c.Carries(lien.Id) && c.Fate == Fate.Live && !c.IsFrozen), "units were sold that were frozen or not under the pledge");
        Check(e.Proceeds.Amount == e.Units.Sum(u => Worth(u.Serials.Sum(r => r.Last - r.First + 1), e.PricePerTonne.Amount)), "the proceeds are not the price of the units");
        Check(e.Proceeds.Amount == e.Costs.Amount + e.Distribution.Sum(p => p.Paid.Amount) + e.Surplus.Amount, "the proceeds were not distributed, or more than they were");
        var met = sold.SelectMany(c => c.Marks!).Select(m => m.Id).Distinct().ToArray();
        Check(met.ToHashSet().SetEquals(e.Distribution.Select(p => p.Pledge.Value)) && met.Length == e.Distribution.Count, "the distribution is not of the pledges on the units");
        CheckDistribution(e, sold, today);

        foreach (var payout in e.Distribution)
        {
            Liens[payout.Pledge.Value].Recovered += payout.Paid.Amount;
            Liens[payout.Pledge.Value].RecoveredPrincipal += payout.ToPrincipal?.Amount ?? payout.Paid.Amount;
            if (payout.Pledge.Value != lien.Id)
            {
                Toggle(Ended(payout.Pledge.Value, payout.Paid.Amount, e.Units));
            }
        }

        foreach (var loan in e.Distribution.Where(p => p.Paid.Amount > 0 && p.Loan is not null).GroupBy(p => p.Loan))
        {
            Toggle($"{lien.Id} repays {loan.Key} with {loan.Sum(p => p.Paid.Amount):0.00}");
            Happened.Add("a loan repaid by enforcement");
        }

        foreach (var units in e.Units)
        {
            Toggle(Moved(lien.Id, units.Voucher, units.Serials, new AccountId(lien.Pledgor), e.Buyer));
        }

        Leave(lien, e.Units);
        lien.Status = IsAll(lien, e.Units) ? "enforced" : "enforcing";
    }

    /// <summary>Where all sold units stand under the same pledges, rank after rank in full before the next; within a rank in proportion, to the fen.</summary>
    private void CheckDistribution(PledgeEvent.PledgeEnforced e, Cell[] sold, LocalDate today)
    {
        foreach (var payout in e.Distribution)
        {
            var lien = Liens[payout.Pledge.Value];
            var (interest, principal) = ClaimOf(lien, today);
            Check(payout.Due.Amount == interest + principal && payout.Paid.Amount <= payout.Due.Amount, "a pledge was said to be due, or was paid, what it was not");
            Check(lien.RecoveredPrincipal + (payout.ToPrincipal?.Amount ?? payout.Paid.Amount) <= lien.Secured, "a pledge brought more than it secures");
            Happened.Add(payout.Paid.Amount < payout.Due.Amount ? "a shortfall" : "a pledge paid in full");
        }

        Check(e.Surplus.Amount == 0 || e.Costs.Amount <= e.Proceeds.Amount, "a surplus was left before the costs were paid");
        Happened.Add(e.Surplus.Amount > 0 ? "a surplus" : "no surplus");
        if (!Array.TrueForAll(sold, c => Text(c.Marks) == Text(sold[0].Marks)))
        {
            Happened.Add("units of different ranks sold");
            return;
        }

        var rest = e.Proceeds.Amount - e.Costs.Amount;
        var debts = e.Distribution.Where(p => p.Loan is not null).Select(p => p.Loan!.Value.Value).Distinct()
            .ToDictionary(l => l, l => (Interest: Loans[l].InterestBy(today), Loans[l].Principal));
        foreach (var (rank, number) in RanksOf(sold[0].Marks!).Select((r, i) => (r, i + 1)))
        {
            var payouts = rank.Select(id => e.Distribution.Single(p => p.Pledge.Value == id)).ToArray();
            var owed = payouts.Where(p => p.Loan is null).Sum(p => p.Due.Amount) + payouts.Where(p => p.Loan is not null)
                .GroupBy(p => p.Loan!.Value.Value).Sum(g => debts[g.Key].Interest + Math.Min(debts[g.Key].Principal, g.Sum(p => ClaimOf(Liens[p.Pledge.Value], today).Principal)));
            var paid = payouts.Sum(p => p.Paid.Amount);
            Check(Array.TrueForAll(payouts, p => p.Rank == number) && paid == Math.Min(rest, owed), $"rank {number} got {paid} of the {rest} that were left, {owed} were owed to it");
            if (paid < owed && Array.TrueForAll(payouts, p => p.Loan is null || payouts.Count(q => q.Loan == p.Loan) == 1))
            {
                Check(Array.TrueForAll(payouts, p => Math.Abs((p.Paid.Amount * owed) - (paid * Owed(p))) < 0.01m * owed), "a rank was not shared in proportion");
            }

            if (paid > 0)
            {
                Happened.Add(payouts.Count(p => p.Paid.Amount > 0) > 1 ? "equal ranks paid" : number > 1 ? "a later rank paid" : "the first rank paid");
            }

            rest -= paid;
            foreach (var loan in payouts.Where(p => p.Loan is not null).GroupBy(p => p.Loan!.Value.Value))
            {
                var (all, interest) = (loan.Sum(p => p.Paid.Amount), Math.Min(debts[loan.Key].Interest, loan.Sum(p => p.Paid.Amount)));
                Check(loan.Sum(p => p.ToPrincipal?.Amount ?? p.Paid.Amount) == all - interest, "principal was paid before interest");
                debts[loan.Key] = (debts[loan.Key].Interest - interest, debts[loan.Key].Principal - (all - interest));
            }
        }

        decimal Owed(Payout p) => p.Loan is null ? p.Due.Amount
            : debts[p.Loan.Value.Value].Interest + Math.Min(ClaimOf(Liens[p.Pledge.Value], today).Principal, debts[p.Loan.Value.Value].Principal);
    }

    /// <summary>What a pledge secures: all interest of its loan, and what is left of its amount; what a sale brought of that, no other brings again. Nothing of a loan that is not lent yet.</summary>
    private (decimal Interest, decimal Principal) ClaimOf(Lien lien, LocalDate today)
    {
        var rest = Math.Max(0, lien.Secured - lien.RecoveredPrincipal);
        return lien.Status == "reserved" || (Loans.TryGetValue(lien.Loan, out var book) && today < book.Begins) ? (0, 0)
            : lien.Loan == Guid.Empty ? (0, rest) : (Loans[lien.Loan].InterestBy(today), Math.Min(Loans[lien.Loan].Principal, rest));
    }

    /// <summary>A debt that is paid, or not yet lent, is nobody's default.</summary>
    public bool SecuresNothing(Guid pledge, LocalDate today)
    {
        var (interest, principal) = ClaimOf(Liens[pledge], today);
        return interest + principal == 0;
    }

    /// <summary>By arrival; those that came together and still lie side by side share a rank.</summary>
    private static List<List<Guid>> RanksOf(Mark[] marks)
    {
        var ranks = new List<List<Guid>>();
        for (var i = 0; i < marks.Length; i++)
        {
            var together = i > 0 && marks[i].With != Guid.Empty && (marks[i].With == marks[i - 1].Id || marks[i].With == marks[i - 1].With);
            if (!together)
            {
                ranks.Add([]);
            }

            ranks[^1].Add(marks[i].Id);
        }

        return ranks;
    }

    private void End(Lien lien, string status)
    {
        foreach (var (voucher, serials) in Under(lien.Id))
        {
            Toggle(Left(lien.Id, new VoucherId(voucher), Text(serials)));
        }

        lien.Status = status;
    }

    private void Come(Lien lien, IReadOnlyList<VoucherSerials> units, Guid with)
    {
        foreach (var (voucher, serials) in units)
        {
            Toggle(Came(lien.Id, voucher, serials, new AccountId(lien.Pledgor), lien.Ranked, with));
        }
    }

    private void Leave(Lien lien, IReadOnlyList<VoucherSerials> units)
    {
        foreach (var (voucher, serials) in units)
        {
            Toggle(Left(lien.Id, voucher, Text(serials)));
        }
    }

    private bool IsAll(Lien lien, IReadOnlyList<VoucherSerials> units) =>
        Under(lien.Id).Sum(u => u.Serials.Length) == units.Sum(u => u.Serials.Sum(r => r.Last - r.First + 1));

    /// <summary>Another's enforcement ended a pledge on what it shares with the sold units; said of the sold units by the one, of its own by the other.</summary>
    private string Ended(Guid pledge, decimal paid, IReadOnlyList<VoucherSerials> units)
    {
        var serials = units.Select(u => (u.Voucher, Serials: u.Serials.SelectMany(r => Enumerable.Range((int)r.First, (int)(r.Last - r.First + 1)))
            .Where(s => Vouchers[u.Voucher.Value][s - 1].Carries(pledge)).Select(s => (long)s).ToArray())).Where(u => u.Serials.Length > 0);
        return $"{pledge} is paid {paid:0.00} and ends on {string.Join(';', serials.OrderBy(s => s.Voucher.Value).Select(s => $"{Text(s.Serials)} of {s.Voucher}"))}";
    }

    private void ComparePledge(PledgeState state, Lien lien)
    {
        var (said, kept) = (state.Units.OrderBy(u => u.Voucher.Value).Select(u => $"{u.Voucher.Value} {Text(u.Serials)}"), Under(lien.Id).OrderBy(u => u.Voucher).Select(u => $"{u.Voucher} {Text(u.Serials)}"));
        Check(
            state.Status.ToString().Equals(lien.Status, StringComparison.OrdinalIgnoreCase) && state.ReservedUntil == lien.Until && (state.Loan?.Value ?? Guid.Empty) == lien.Loan
                && (state.Recovered?.Amount ?? 0) == lien.Recovered && said.SequenceEqual(kept),
            $"pledge {lien.Id} stands as {state.Status} on {string.Join(' ', said)}, recovered {state.Recovered}; in the book it is {lien} on {string.Join(' ', kept)}");
    }

    /// <summary>Who may hold what: every lock has its place, its pledge or trade is open, and its holder is who gave it; and free = owned − locked.</summary>
    public void CheckRules(Register register)
    {
        foreach (var (voucher, cells) in Vouchers)
        {
            foreach (var cell in cells)
            {
                var (marks, locks) = (cell.Marks ?? [], (cell.Marks ?? []).Where(m => m.Kind != 'f').ToArray());
                Check(cell.Fate == Fate.Live || marks.Length == 0, "a kilogram ended under a lock");
                Check(locks.Length < 2 || Array.TrueForAll(locks, m => m.Kind == 'r'), "a hold or an exclusive pledge does not stand alone");
                Check(marks.Length <= MarksMax && marks.DistinctBy(m => m.Id).Count() == marks.Length, "too many marks, or one twice");
                foreach (var mark in marks)
                {
                    var stands = mark.Kind == 'f' ? !Stops[mark.Id].Lifted : mark.Kind == 'h'
                        ? Deals[mark.Id] is { Status: "registered" } deal && deal.Seller == cell.Holder
                        : Liens[mark.Id] is { InForce: true } lien && lien.Pledgor == cell.Holder && lien.Ranked == (mark.Kind == 'r');
                    Check(stands, $"{mark} lies on a kilogram of {cell.Holder}, and should not");
                }
            }

            foreach (var account in cells.Select(c => c.Holder).Distinct())
            {
                var (owned, free) = (cells.Count(c => c.Holder == account && c.Fate == Fate.Live), cells.Count(c => c.Holder == account && c.IsFree));
                var holding = register.Units(new VoucherId(voucher))!.Holding(new AccountId(account));
                Check(holding.Owned.Value == owned && holding.Free.Value == free, $"the register says {holding.Owned} owned and {holding.Free} free, the cells {owned} and {free}");
            }
        }

        foreach (var lien in Liens.Values)
        {
            Check(lien.InForce == Under(lien.Id).Any(), $"{lien} lies on units, or on none, and should not");
        }

        foreach (var (freeze, stop) in Stops)
        {
            Check(Under(freeze).Sum(u => u.Serials.Length) == (stop.Lifted ? 0 : stop.Units.Count), "a freeze does not lie on its units, or still does");
        }

        foreach (var (trade, deal) in Deals)
        {
            Check((deal.Status == "registered") == Under(trade).Any(), $"the hold of {trade}, which is {deal.Status}, lies on units, or on none, and should not");
        }
    }

    /// <summary>What an accepted command says is what became of it.</summary>
    public void CheckMeant(Command command)
    {
        switch (command)
        {
            case RegisterPledge c:
                Guid[] all = [c.Pledge.Value, .. (c.Others ?? []).Select(o => o.Pledge.Value)];
                Check(Liens[all[0]] == new Lien(all[0], c.Pledgor.Value, c.Pledgee.Value, c.Mode == PledgeMode.Ranked, c.SecuredAmount.Amount, Guid.Empty) { Status = c.ReserveUntil is null ? "registered" : "reserved", Until = c.ReserveUntil, TermBegins = c.Term.First }, "a pledge is not what was asked for");
                foreach (var other in c.Others ?? [])
                {
                    var wanted = Liens[all[0]] with { Id = other.Pledge.Value, Pledgee = other.Pledgee.Value, Secured = other.SecuredAmount.Amount, With = all[0] };
                    Check(Liens[other.Pledge.Value] == wanted, "a pledge of equal rank is not what was asked for");
                }

                break;
            case ReleasePledge { Lines: null } c:
                Check(Liens[c.Pledge.Value].Status == "released", "a whole release released not the whole");
                break;
            case EnforcePledge { Lines: null } c:
                Check(Liens[c.Pledge.Value].Status == "enforced", "a whole enforcement enforced not the whole");
                break;
            case RegisterTrade c:
                Check(Deals[c.Trade.Value].Until == c.HoldUntil && Deals[c.Trade.Value].Status == (c.HoldUntil is null ? "settled" : "registered"), "a trade is not held as was asked for");
                Check(Deals[c.Trade.Value].Seller == c.Seller.Value && Deals[c.Trade.Value].Buyer == c.Buyer.Value && Deals[c.Trade.Value].Venue == c.Venue.Value, "a trade has other parties than was asked for");
                break;
        }
    }
}
