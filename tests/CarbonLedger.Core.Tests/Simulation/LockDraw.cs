namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Draws a command for the register and the same act for the model. What it asks for is mostly possible, and wrong in some way now and then.</summary>
internal sealed class LockDraw(Random random, LockModel model)
{
    private const string Accounts = "OBSL";
    private const string Organizations = "FGTEKQ";
    private int numbers;

    public static AccountId Account(char letter) => letter switch { 'O' => Owner, 'B' => Buyer, 'S' => Other, _ => LockModelSpec.LenderAccount };

    public static VoucherId Voucher(int index) => new(Id(0x40, index + 1));

    public (Command Command, Actor Actor, Func<string> Judge) Next()
    {
        return random.Next(100) switch
        {
            < 6 => Transfer(),
            < 9 => Retire(),
            < 11 => Cancel(),
            < 13 => Revoke(),
            < 20 => Trade(),
            >= 20 and < 30 when Is(model.Deals.Values.Any(d => d.Status == "registered")) => EndTrade(),
            >= 30 and < 34 when Is(model.Liens.Values.Any(l => l.Status == "reserved")) => Reservation(),
            >= 34 and < 39 when Is(model.Liens.Values.Any(l => l.InForce)) => Release(),
            >= 39 and < 44 when Is(model.Liens.Values.Any(l => l.InForce)) => Substitute(),
            >= 44 and < 50 when Is(model.Liens.Values.Any(l => l.Sound)) => Notify(),
            >= 50 and < 64 when Is(model.Liens.Values.Any(l => l.Status is "defaultNotified" or "enforcing")) => Enforce(),
            64 when Is(model.Liens.Values.Any(l => l.InForce)) => VoidPledge(),
            >= 65 and < 70 when Is(model.Stops.Values.Any(s => !s.Lifted)) => Lift(),
            >= 70 and < 74 => Freeze(),
            >= 74 and < 79 when Is(model.Liens.Values.Any(l => l.Sound && l.Debt is null)) => Lend(),
            >= 79 and < 82 when Is(model.Debts.Count > 0) => Repay(),
            >= 82 and < 84 when Is(model.Debts.Count > 0) => Charge(),
            _ => Pledge(),
        };
    }

    /// <summary>The reservations and holds that are due, as the register's own clockwork ends them; and now and then one that is not.</summary>
    public (Command Command, Actor Actor, Func<string> Judge)? Due()
    {
        var due = model.Liens.Values.Where(l => l.Status == "reserved" && (l.Until <= model.Now || random.Next(40) == 0)).Select(l => l.Number).ToArray();
        if (due.Length > 0)
        {
            var pledge = Any(due);
            return (new ExpireReservation(new PledgeId(Id(0x50, pledge))), Registrar, () => model.ExpirePledge(pledge));
        }

        var deals = model.Deals.Values.Where(d => d.Status == "registered" && (d.Until <= model.Now || random.Next(40) == 0)).Select(d => d.Number).ToArray();
        return deals.Length == 0 ? null : EndOf(Any(deals), "expired", 'R');
    }

    private (Command Command, Actor Actor, Func<string> Judge) Transfer()
    {
        var (from, to, asks) = (Holder(), Any(Accounts), Asks());
        var (actor, who) = By(LockModel.OwnerOf(from), 'R');
        return (World.Transfer(Account(from), Account(to), Lines(asks)), actor, () => model.Transfer(from, to, asks, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Retire()
    {
        var (account, asks, use) = (Holder(), Asks(), new RetirementId(Id(0x80, ++numbers)));
        var (actor, who) = By(LockModel.OwnerOf(account), 'R');
        return (World.Retire(Account(account), Lines(asks)) with { Retirement = use }, actor, () => model.Retire(account, asks, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Cancel()
    {
        var (account, asks, removal) = (Holder(), Asks(), new CancellationId(Id(0xC0, ++numbers)));
        var (actor, who) = By('R');
        return (World.Cancel(Account(account), CancellationReason.CourtOrder, Lines(asks)) with { Cancellation = removal }, actor, () => model.Cancel(account, asks, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Revoke()
    {
        var voucher = random.Next(8) == 0 ? model.Cells.Length : random.Next(model.Cells.Length);
        var again = random.Next(4) > 0 == model.IsRevoked(voucher);
        var (actor, who) = By('R');
        return (again ? new CancelRevokedUnits(Voucher(voucher)) : World.Revoke(Voucher(voucher)), actor, () => model.Revoke(voucher, who, again));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Trade()
    {
        var (number, seller, buyer, asks) = (++numbers, Holder(), Any(Accounts), Asks());
        Instant? until = random.Next(6) == 0 ? null : model.Now + Duration.FromHours(random.Next(14) == 0 ? random.Next(-1, 2) * 24 * 91 : random.Next(1, 200));
        var (actor, who) = By('E', 'R');
        return (
            Sell(Account(seller), Account(buyer), Lines(asks)) with { Trade = new TradeId(Id(0x70, number)), VenueTradeNumber = $"T-{number}", TradedAt = model.Now, HoldUntil = until },
            actor,
            () => model.Trade(number, seller, buyer, asks, until, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) EndTrade()
    {
        var open = model.Deals.Values.Where(d => d.Status == "registered").Select(d => d.Number).ToArray();
        return EndOf(Pick(open, model.Deals.Keys), random.Next(3) == 0 ? "voided" : "settled", random.Next(10) == 0 ? 'R' : 'E');
    }

    private (Command Command, Actor Actor, Func<string> Judge) EndOf(int number, string end, char who)
    {
        var id = new TradeId(Id(0x70, number));
        Command command = end switch { "settled" => new SettleTrade(id), "voided" => new VoidTrade(id, null), _ => new ExpireTrade(id) };
        return (command, ActorOf(who), () => model.EndTrade(number, end, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Pledge()
    {
        var (number, pledgor, ranked, asks) = (++numbers, Holder(), random.Next(4) > 0, Asks());
        var stacked = model.Liens.Values.Where(l => l.Ranked && l.InForce).ToArray();
        if (ranked && stacked.Length > 0 && random.Next(2) == 0)
        {
            var before = Any(stacked);
            (pledgor, asks) = (before.Pledgor, Under(before.Number));
        }

        var banks = Enumerable.Range(0, ranked && random.Next(3) == 0 ? random.Next(2, 4) : 1).Select(_ => (Bank: Any("KQ"), Secured: random.NextInt64(1, random.Next(2) == 0 ? 12 : 80))).ToArray();
        numbers += banks.Length - 1;
        Instant? until = random.Next(4) > 0 ? null : model.Now + Duration.FromHours(random.Next(14) == 0 ? random.Next(-1, 2) * 24 * 31 : random.Next(1, 200));
        var scope = random.Next(3) == 0 ? string.Join(' ', new[] { "principal", "interest", "costs" }.Where(_ => random.Next(3) > 0).Append("penalty")) : null;
        var (actor, who) = By(LockModel.OwnerOf(pledgor), 'R', banks[0].Bank);
        var command = Encumber(Account(pledgor), OrganizationOf(banks[0].Bank), new PledgeId(Id(0x50, number)), Lines(asks)) with
        {
            Mode = ranked ? PledgeMode.Ranked : PledgeMode.Exclusive,
            SecuredAmount = Fen(banks[0].Secured),
            Others = banks.Length == 1 ? null : [.. banks.Skip(1).Select((b, i) => new CoPledge(new PledgeId(Id(0x50, number + 1 + i)), OrganizationOf(b.Bank), Fen(b.Secured), "C", null))],
            ReserveUntil = until,
            Contract = scope is null ? null : new PledgeContract(null, null, [.. scope.Split(' ').Select(p => Enum.Parse<SecuredPart>(p, ignoreCase: true))], null),
        };
        return (command, actor, () => model.Pledge(number, pledgor, banks, asks, ranked, until, scope, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Reservation()
    {
        var number = Pick([.. model.Liens.Values.Where(l => l.Status == "reserved").Select(l => l.Number)], model.Liens.Keys);
        var (actor, who) = By(BankOf(number), 'R');
        return (new RegisterReservation(new PledgeId(Id(0x50, number)), null), actor, () => model.Register(number, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Release()
    {
        var number = Lien(l => l.InForce);
        var asks = random.Next(3) == 0 ? null : Under(number);
        var (actor, who) = By(BankOf(number));
        return (new ReleasePledge(new PledgeId(Id(0x50, number)), asks is null ? null : Lines(asks), ReleaseReason.Waived), actor, () => model.Release(number, asks, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Substitute()
    {
        var number = Lien(l => l.InForce);
        var (come, go) = (Asks(), Under(number));
        var (actor, who) = By(BankOf(number));
        return (new SubstituteUnits(new PledgeId(Id(0x50, number)), Lines(come), Lines(go), null), actor, () => model.Substitute(number, come, go, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Notify()
    {
        var number = Lien(l => l.Sound);
        var (actor, who) = By(BankOf(number));
        return (World.Notify(new PledgeId(Id(0x50, number))), actor, () => model.Notify(number, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Enforce()
    {
        var number = Lien(l => l.Status is "defaultNotified" or "enforcing");
        var asks = random.Next(2) == 0 ? null : Under(number);
        var (price, costs, toLender) = (random.NextInt64(1, 1_500_000), random.Next(3) == 0 ? random.NextInt64(0, 20) : 0, random.Next(4) == 0);
        long? market = random.Next(4) == 0 ? null : random.Next(1, 1_500_000);
        var buyer = toLender && random.Next(4) > 0 ? 'L' : Any(Accounts);
        var (actor, who) = By(BankOf(number));
        var command = new EnforcePledge(
            new PledgeId(Id(0x50, number)), asks is null ? null : Lines(asks), toLender ? EnforcementMethod.ToLender : EnforcementMethod.Auction, Account(buyer),
            Price(price / 10_000m), Fen(costs), market is { } m ? new MarketPrice(Price(m / 10_000m), Exchange, Today) : null, null);
        return (command, actor, () => model.Enforce(number, asks, buyer, price, costs, toLender, market, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) VoidPledge()
    {
        var number = Lien(l => l.InForce);
        var (actor, who) = By('R');
        return (new VoidPledge(new PledgeId(Id(0x50, number)), "court", "D-7", null), actor, () => model.VoidPledge(number, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Freeze()
    {
        var (number, asks) = (++numbers, Asks());
        char? account = random.Next(6) == 0 ? Any(Accounts) : null;
        var (actor, who) = By('R');
        var id = new FreezeId(Id(0xB0, number));
        return (account is { } a ? FreezeAccount(Account(a), id) : FreezeUnits(id, Lines(asks)), actor, () => model.Freeze(number, account, asks, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Lift()
    {
        var number = Pick([.. model.Stops.Values.Where(s => !s.Lifted).Select(s => s.Number)], model.Stops.Keys);
        var right = random.Next(12) > 0;
        var authority = right ? model.Stops.TryGetValue(number, out var stop) && stop.Account is not null ? "bureau" : "court" : "another";
        var (actor, who) = By('R');
        return (World.Lift(new FreezeId(Id(0xB0, number)), authority), actor, () => model.Lift(number, right, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Lend()
    {
        var (number, first) = (++numbers, Lien(l => l.Sound && l.Debt is null));
        var bank = BankOf(first);
        int[] pledges = [first, .. model.Liens.Values.Where(l => l.Number != first && l.Bank == bank && l.Sound && l.Debt is null && random.Next(2) == 0).Select(l => l.Number).Take(2)];
        var (principal, rate, basis) = (random.NextInt64(1, 120), random.Next(0, 240_000), random.Next(2) == 0 ? 360 : 365);
        var (actor, who) = By(bank, 'R');
        var start = new LocalDate(1970, 1, 1).PlusDays(model.Day);
        var command = new OpenLoan(
            new LoanId(Id(0x60, number)), OrganizationOf(bank), Group, Fen(principal), Rate(rate / 1_000_000m), (DayCount)basis, start, start.PlusYears(1), [.. pledges.Select(p => new PledgeId(Id(0x50, p)))]);
        return (command, actor, () => model.Lend(number, bank, principal, rate, basis, pledges, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Repay()
    {
        var (number, amount) = (Pick([.. model.Debts.Keys], [0]), random.NextInt64(1, 90));
        var (actor, who) = By(model.Debts.TryGetValue(number, out var debt) ? debt.Bank : 'K', 'R');
        return (new RepayLoan(new LoanId(Id(0x60, number)), Fen(amount), null), actor, () => model.Repay(number, amount, who));
    }

    private (Command Command, Actor Actor, Func<string> Judge) Charge()
    {
        var (number, amount) = (Pick([.. model.Debts.Keys], [0]), random.NextInt64(1, 20));
        var (actor, who) = By(model.Debts.TryGetValue(number, out var debt) ? debt.Bank : 'K', 'R');
        return (new ChargeCost(new LoanId(Id(0x60, number)), Fen(amount), null, "notary"), actor, () => model.Charge(number, amount, who));
    }

    private static Money Fen(long fen) => Yuan(fen / 100m);

    private static OrganizationId OrganizationOf(char letter) => letter switch { 'F' => Forest, 'G' => Group, 'T' => Stranger, 'E' => Exchange, 'K' => Bank, _ => SecondBank };

    private static Actor ActorOf(char letter) => letter == 'R' ? Registrar : As(OrganizationOf(letter));

    /// <summary>One of those who may; or, once in a while, whoever.</summary>
    private (Actor Actor, char Who) By(params char[] may)
    {
        var who = random.Next(14) == 0 ? Any(Organizations + "R") : may[random.Next(may.Length)];
        return (ActorOf(who), who);
    }

    /// <summary>Likely when there is something to do; seldom otherwise.</summary>
    private bool Is(bool there) => there || random.Next(60) == 0;

    private T Any<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];

    private char Any(string of) => of[random.Next(of.Length)];

    /// <summary>One of the likely ones, seldom another, seldom one that nobody knows.</summary>
    private int Pick(int[] likely, IEnumerable<int> all) => random.Next(20) switch
    {
        0 => 9_999,
        < 4 => all.DefaultIfEmpty(9_999).ElementAt(random.Next(Math.Max(1, all.Count()))),
        _ => likely.Length > 0 ? Any(likely) : all.LastOrDefault(9_999),
    };

    private int Lien(Func<LockModel.Lien, bool> likely) => Pick([.. model.Liens.Values.Where(likely).Select(l => l.Number)], model.Liens.Keys);

    private char BankOf(int lien) => model.Liens.TryGetValue(lien, out var found) ? found.Bank : 'K';

    /// <summary>Mostly an account that has something.</summary>
    private char Holder() => random.Next(12) == 0 ? Any(Accounts) : Any(model.Cells).Select(c => c.Holder).ElementAt(random.Next(model.Cells[0].Length));

    private Ask[] Asks() => [.. Enumerable.Range(0, random.Next(3) == 0 ? 2 : 1).Select(i => AskOf(random.Next(40) == 0 ? model.Cells.Length : (i + random.Next(random.Next(10) == 0 || i == 0 ? 2 : 1)) % model.Cells.Length))];

    private Ask AskOf(int voucher)
    {
        var size = model.Cells[0].Length;
        if (random.Next(2) == 0)
        {
            return new Ask(voucher, random.Next(1, random.Next(3) == 0 ? size + 2 : 7), null);
        }

        var serials = new SortedSet<int>();
        for (var i = random.Next(1, 3); i > 0; i--)
        {
            serials.UnionWith(Enumerable.Range(random.Next(1, size + 1), random.Next(1, 7)));
        }

        if (random.Next(12) > 0)
        {
            serials.RemoveWhere(s => s > size);
        }

        return new Ask(voucher, serials.Count, [.. serials]);
    }

    /// <summary>Mostly such as are under the pledge.</summary>
    private Ask[] Under(int lien)
    {
        if (!model.Liens.TryGetValue(lien, out var found) || found.Vouchers.Count == 0 || random.Next(15) == 0)
        {
            return Asks();
        }

        return [.. found.Vouchers.OrderBy(_ => random.Next()).Take(random.Next(1, 3)).Select(voucher =>
        {
            var under = model.SerialsUnder(lien, voucher);
            var (from, count) = (random.Next(under.Count), random.Next(1, under.Count + 1));
            return random.Next(2) == 0 ? new Ask(voucher, count, null) : new Ask(voucher, Math.Min(count, under.Count - from), [.. under.Skip(from).Take(count)]);
        })];
    }

    private static Line[] Lines(Ask[] asks) =>
        [.. asks.Select(a => a.Serials is { } named ? Line.Of(Voucher(a.Voucher), SerialRanges.Of(named.Select(s => Range(s, s)))) : All(a.Kilograms, Voucher(a.Voucher)))];
}
