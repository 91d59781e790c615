namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Draws about pledges, deferred trades and freezes; mostly of one that stands as the act needs it, now and then of any.</summary>
internal sealed partial class Scenario
{
    private readonly List<PledgeId> pledges = [];
    private readonly List<TradeId> held = [];

    /// <summary>A reservation or hold whose time is over, as the register itself ends it; and now and then one that is not.</summary>
    private (Command, Actor)? Due()
    {
        var isUndue = random.Next(20) == 0;
        if (random.Next(2) == 0)
        {
            var late = auditor.Liens.Values.FirstOrDefault(l => l.Status == "reserved" && l.Until <= Now);
            return isUndue ? (new ExpireReservation(Likely(l => l.Status == "reserved")), Registrar)
                : late is null ? null : (new ExpireReservation(new PledgeId(late.Id)), Registrar);
        }

        var over = auditor.Deals.FirstOrDefault(d => d.Value.Status == "registered" && d.Value.Until <= Now).Key;
        return isUndue ? (new ExpireTrade(AnyTrade()), Registrar) : over == Guid.Empty ? null : (new ExpireTrade(new TradeId(over)), Registrar);
    }

    private (Command, Actor) Pledging(AccountId pledgor)
    {
        var command = Pledge(pledgor, Lines());
        return (random.Next(5) == 0 ? command with { ReserveUntil = Until(30) } : command, Party(random.Next(2) == 0 ? command.Pledgee.Value : auditor.Owners.GetValueOrDefault(pledgor.Value)));
    }

    /// <summary>A ranked pledge, often behind another, often of several lenders.</summary>
    private (Command, Actor) Stacking(AccountId pledgor)
    {
        var lines = Lines();
        var before = auditor.Liens.Values.Where(l => l.Ranked && l.InForce).ToArray();
        if (before.Length > 0 && random.Next(3) > 0)
        {
            var first = before[random.Next(before.Length)];
            (pledgor, lines) = (new AccountId(first.Pledgor), Under(new PledgeId(first.Id)));
        }

        var command = Pledge(pledgor, lines) with { Mode = PledgeMode.Ranked, ReserveUntil = random.Next(5) == 0 ? Until(30) : null };
        var others = random.Next(3) > 0 ? 0 : random.Next(6) == 0 ? RegisterPledge.PledgeesMax - 1 : random.Next(1, 3);
        if (others > 0)
        {
            command = command with
            {
                Others = [.. Enumerable.Range(0, others).Select(i => new CoPledge(NewPledge(), random.Next(40) == 0 ? Forest : random.Next(2) == 0 ? Bank : SecondBank, Secured(), $"C-{i}", null))],
            };
        }

        return (command, Party(random.Next(2) == 0 ? command.Pledgee.Value : auditor.Owners.GetValueOrDefault(pledgor.Value)));
    }

    private RegisterPledge Pledge(AccountId pledgor, Line[] lines)
    {
        var pledgee = random.Next(12) == 0 ? Group : random.Next(2) == 0 ? Bank : SecondBank;
        var command = Encumber(pledgor, pledgee, NewPledge(), lines) with { SecuredAmount = Secured() };
        return random.Next(30) == 0 ? command with { Valuation = command.Valuation with { Date = Day.PlusDays(1) } } : command;
    }

    private (Command, Actor) Registering()
    {
        var pledge = Likely(l => l.Status == "reserved");
        return (new RegisterReservation(pledge, null), Party(PledgeeOf(pledge).Value));
    }

    private (Command, Actor) Releasing()
    {
        var pledge = Likely(l => l.InForce);
        return (new ReleasePledge(pledge, random.Next(6) == 0 ? null : Under(pledge), ReleaseReason.Waived), Party(PledgeeOf(pledge).Value));
    }

    private (Command, Actor) Substituting(AccountId account)
    {
        var pledge = Likely(l => l.InForce && (l.Pledgor == account.Value || random.Next(6) == 0));
        return (new SubstituteUnits(pledge, Lines(), Under(pledge), null), Party(PledgeeOf(pledge).Value));
    }

    private (Command, Actor) Notifying()
    {
        var pledge = Likely(l => l.Sound && (l.Ranked || random.Next(3) == 0));
        return (World.Notify(pledge) with { Date = random.Next(10) == 0 ? Day.PlusDays(random.Next(-2, 3)) : null }, Party(PledgeeOf(pledge).Value));
    }

    private (Command, Actor) Enforcing()
    {
        var pledge = Likely(l => l.InDefault);
        var lender = PledgeeOf(pledge);
        var isTakeover = random.Next(3) == 0;
        var buyer = isTakeover && random.Next(6) > 0 ? Account(Accounts - 1) : AnyAccount();
        var price = random.Next(1, random.Next(2) == 0 ? 1_500_000 : 150_000_000);
        MarketPrice? market = random.Next(6) == 0 ? null : new(Price(random.Next(1, random.Next(3) == 0 ? 1_500_000 : price + 1) / 10_000m), Exchange, Today);
        return (
            new EnforcePledge(
                pledge, random.Next(2) == 0 ? null : Under(pledge), isTakeover ? EnforcementMethod.ToLender : (EnforcementMethod)random.Next(3),
                random.Next(30) == 0 ? null : buyer, random.Next(30) == 0 ? null : Price(price / 10_000m), Yuan(random.Next(3) == 0 ? random.Next(0, 40) / 100m : 0), market, null),
            Party(lender.Value));
    }

    private (Command, Actor) Voiding() => (new VoidPledge(Likely(l => l.InForce), "court", "D-7", null), Authority());

    /// <summary>A stop on units, often such as are pledged or held.</summary>
    private (Command, Actor) Freezing()
    {
        var lines = random.Next(3) == 0 ? Lines() : random.Next(2) == 0 ? Under(Likely(l => l.InForce)) : Under(OpenTrade().Value);
        return (FreezeUnits(new FreezeId(Id(0xB0, ++numbers)), lines), Authority());
    }

    private (Command, Actor) Lifting()
    {
        var open = auditor.Stops.Where(s => !s.Value.Lifted || random.Next(8) == 0).Select(s => s.Key).ToArray();
        var freeze = open.Length == 0 || random.Next(12) == 0 ? Stop : new FreezeId(open[random.Next(open.Length)]);
        return (Lift(freeze, random.Next(8) == 0 ? "another court" : "court"), Authority());
    }

    private RegisterTrade Held(RegisterTrade sale)
    {
        held.Add(sale.Trade);
        return sale with { HoldUntil = Until(90) };
    }

    private (Command, Actor) EndingTrade()
    {
        var trade = OpenTrade();
        return (random.Next(3) == 0 ? new VoidTrade(trade, null) : new SettleTrade(trade), Party(Exchange.Value));
    }

    /// <summary>An end of a hold or reservation: mostly soon, now and then one that is over or too far away.</summary>
    private Instant Until(int daysMax) =>
        random.Next(12) == 0 ? Now + Duration.FromDays(random.Next(2) * (daysMax + 1)) : Now + Duration.FromHours(random.Next(1, random.Next(2) == 0 ? 48 : daysMax * 24));

    private Money Secured() => Yuan(random.Next(4) == 0 ? 495_000 : random.Next(1, 100) / 100m);

    private PledgeId NewPledge()
    {
        pledges.Add(new PledgeId(Id(0x50, ++numbers)));
        return pledges[^1];
    }

    private OrganizationId PledgeeOf(PledgeId pledge) => auditor.Liens.TryGetValue(pledge.Value, out var lien) ? new OrganizationId(lien.Pledgee) : Bank;

    private TradeId OpenTrade()
    {
        var registered = auditor.Deals.Where(d => d.Value.Status == "registered").Select(d => new TradeId(d.Key)).ToArray();
        return registered.Length == 0 || random.Next(8) == 0 ? AnyTrade() : registered[random.Next(registered.Length)];
    }

    private TradeId AnyTrade() => held.Count == 0 || random.Next(10) == 0 ? Deal : held[random.Next(held.Count)];

    private PledgeId AnyPledge() => pledges.Count == 0 || random.Next(30) == 0 ? Lien
        : random.Next(8) == 0 ? pledges[random.Next(pledges.Count)]
        : auditor.Liens.Count == 0 ? Lien : new PledgeId(auditor.Liens.Keys.ElementAt(random.Next(auditor.Liens.Count)));

    private PledgeId Likely(Func<Auditor.Lien, bool> likely)
    {
        var found = random.Next(8) == 0 ? [] : auditor.Liens.Values.Where(likely).ToArray();
        return found.Length == 0 ? AnyPledge() : new PledgeId(found[random.Next(found.Length)].Id);
    }

    /// <summary>Mostly a part of what is under the pledge or hold, in one voucher or in each; now and then whatever.</summary>
    private Line[] Under(PledgeId pledge) => Under(pledge.Value);

    private Line[] Under(Guid pledgeOrTrade)
    {
        var under = auditor.Under(pledgeOrTrade).ToArray();
        if (under.Length == 0 || random.Next(8) == 0)
        {
            return Lines();
        }

        return [.. (random.Next(2) == 0 ? under : [under[random.Next(under.Length)]]).Select(u => LineOf(new VoucherId(u.Voucher), u.Serials))];
    }

    private Line LineOf(VoucherId voucher, long[] serials)
    {
        if (random.Next(2) == 0)
        {
            return Line.Of(voucher, Kg(random.Next(12) == 0 ? serials.Length + 1 : random.Next(1, serials.Length + 1)));
        }

        var from = random.Next(serials.Length);
        var to = from;
        while (to + 1 < serials.Length && serials[to + 1] == serials[to] + 1 && random.Next(4) > 0)
        {
            to++;
        }

        return Named(serials[from], serials[to], voucher);
    }
}
