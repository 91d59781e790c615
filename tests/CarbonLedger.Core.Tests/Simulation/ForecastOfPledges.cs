namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>What the auditor expects of commands about pledges and deferred trades.</summary>
internal sealed partial class Forecast
{
    private static readonly Duration HoldMax = Duration.FromDays(90);
    private static readonly Duration ReservationMax = Duration.FromDays(30);

    private string Trade(RegisterTrade c, Actor actor, Instant now)
    {
        if (!Acts(actor, c.Venue.Value))
        {
            return "not-authorized";
        }

        if (c.Venue.Value != venue)
        {
            return "organization-lacks-role";
        }

        return c.Seller == c.Buyer ? "same-account"
            : Receipt(c.Seller) ?? Keeps(c.Seller) ?? Receipt(c.Buyer)
            ?? (c.TradedAt > now ? "date-in-future"
            : c.HoldUntil <= now || c.HoldUntil > now + HoldMax ? "hold-time-out-of-range"
            : auditor.TradeNumbers.Contains(c.VenueTradeNumber) ? "trade-number-taken" : Lines(c.Seller, c.Lines));
    }

    private string Settlement(SettleTrade c, Actor actor, Instant now)
    {
        if (EndOfHold(c.Trade.Value, actor, now) is { } refusal)
        {
            return refusal;
        }

        var deal = auditor.Deals[c.Trade.Value];
        return Receipt(new AccountId(deal.Buyer)) ?? Stopped(auditor.Under(c.Trade.Value)) ?? Unheld(c.Trade.Value);
    }

    private string? EndOfHold(Guid trade, Actor actor, Instant now)
    {
        if (!auditor.Deals.TryGetValue(trade, out var deal))
        {
            return "trade-not-found";
        }

        return actor.Organization?.Value != deal.Venue ? "not-the-venue"
            : deal.Status == "expired" || (deal.Status == "registered" && deal.Until <= now) ? "hold-expired"
            : deal.Status != "registered" ? "trade-not-open" : null;
    }

    /// <summary>The held serials, line after line.</summary>
    private string Unheld(Guid trade)
    {
        Serials.AddRange(auditor.Deals[trade].Units.Select(u => SerialsWhere(u.Voucher.Value, c => c.Carries(trade))));
        return Accepted;
    }

    private string Pledge(RegisterPledge c, Actor actor, Instant now, LocalDate today)
    {
        if (!Owners.TryGetValue(c.Pledgor.Value, out var owner))
        {
            return "account-not-found";
        }

        var lenders = (c.Others ?? []).Select(o => o.Pledgee).Prepend(c.Pledgee).Select(p => p.Value).ToArray();
        if (lenders.Any(l => l != bankA && l != bankB))
        {
            return "organization-lacks-role";
        }

        var ranked = c.Mode == PledgeMode.Ranked;
        var refusal = !Acts(actor, owner) && !Acts(actor, lenders[0]) ? "not-authorized"
            : Receipt(c.Pledgor) ?? Keeps(c.Pledgor)
            ?? (c.Valuation.Date > today ? "date-in-future"
            : c.ReserveUntil <= now || c.ReserveUntil > now + ReservationMax ? "reservation-time-out-of-range"
            : Lines(c.Pledgor, c.Lines, behind: ranked));
        if (refusal != Accepted || lenders.Length == 1)
        {
            return refusal;
        }

        var lines = Serials.ToArray();
        Serials.AddRange(Enumerable.Repeat(lines, lenders.Length - 1).SelectMany(l => l));
        var room = Auditor.MarksMax - lenders.Length;
        return lines.Zip(c.Lines, (serials, line) => serials.All(s => (auditor.Vouchers[line.Voucher.Value][s - 1].Marks?.Length ?? 0) <= room)).All(fits => fits) ? Accepted : "too-many-locks";
    }

    private string Registration(RegisterReservation c, Actor actor, Instant now)
    {
        if (!auditor.Liens.TryGetValue(c.Pledge.Value, out var lien))
        {
            return "pledge-not-found";
        }

        return !Acts(actor, Owners[lien.Pledgor]) && !Acts(actor, lien.Pledgee) ? "not-authorized"
            : lien.Status == "expired" || (lien.Status == "reserved" && lien.Until <= now) ? "reservation-expired"
            : lien.Status != "reserved" ? "pledge-not-in-state" : Stopped(auditor.Under(lien.Id)) ?? Accepted;
    }

    private string Release(ReleasePledge c, Actor actor) =>
        NotThePledgee(c.Pledge.Value, actor) ?? (!auditor.Liens[c.Pledge.Value].InForce ? "pledge-not-in-force" : Chosen(c.Pledge.Value, c.Lines) ?? Accepted);

    private string Substitution(SubstituteUnits c, Actor actor)
    {
        if (NotThePledgee(c.Pledge.Value, actor) is { } stranger)
        {
            return stranger;
        }

        var lien = auditor.Liens[c.Pledge.Value];
        var refusal = !lien.Sound && lien.Status != "defaultNotified" ? "pledge-not-in-state" : Chosen(lien.Id, c.Out);
        if (refusal is not null)
        {
            return refusal;
        }

        var gone = Serials.ToArray();
        Serials.Clear();
        refusal = Lines(new AccountId(lien.Pledgor), c.In, behind: lien.Ranked, own: lien.Id);
        Serials.AddRange(gone);
        return refusal;
    }

    private string Notice(NotifyDefault c, Actor actor, LocalDate today) =>
        NotThePledgee(c.Pledge.Value, actor) ?? (!auditor.Liens[c.Pledge.Value].Sound ? "pledge-not-in-state" : auditor.SecuresNothing(c.Pledge.Value, today) ? "nothing-secured" : c.Date > today ? "date-in-future"
            : (c.Date ?? today) < auditor.Liens[c.Pledge.Value].TermBegins ? "notice-before-term" : Accepted);

    private string Enforcement(EnforcePledge c, Actor actor, LocalDate today)
    {
        if (NotThePledgee(c.Pledge.Value, actor) is { } stranger)
        {
            return stranger;
        }

        var lien = auditor.Liens[c.Pledge.Value];
        if (!lien.InDefault)
        {
            return lien.Sound ? "default-not-notified" : "pledge-not-in-state";
        }

        if (auditor.SecuresNothing(lien.Id, today))
        {
            return "nothing-secured";
        }

        if (c.Buyer is not { } buyer || c.PricePerTonne is not { } price)
        {
            return "enforcement-incomplete";
        }

        return buyer.Value == lien.Pledgor ? "same-account"
            : Receipt(buyer) ?? (Owners[buyer.Value] == Owners[lien.Pledgor] ? "buyer-is-the-pledgor" : null) ?? Sale(c, Owners[buyer.Value] == lien.Pledgee, price.Amount) ?? Chosen(lien.Id, c.Lines, toSell: true)
            ?? Stopped(c.Lines is null ? auditor.Under(lien.Id) : c.Lines.Zip(Serials, (l, s) => (l.Voucher.Value, s))) ?? Accepted;
    }

    private static string? Sale(EnforcePledge c, bool buyerIsLender, decimal price) => c.Method switch
    {
        not EnforcementMethod.ToLender => buyerIsLender ? "no-forfeiture" : null,
        _ => !buyerIsLender ? "buyer-not-the-lender"
            : c.Market is null ? "no-market-price"
            : price < c.Market.PricePerTonne.Amount ? "price-below-market" : null,
    };

    private string? NotThePledgee(Guid pledge, Actor actor) => !auditor.Liens.TryGetValue(pledge, out var lien) ? "pledge-not-found"
        : actor.Organization?.Value != lien.Pledgee ? "not-the-pledgee" : null;

    /// <summary>Units under a pledge, as lines name them; without lines all, and no serials are foretold.</summary>
    /// <param name="toSell">A quantity is taken of what is not frozen, where that suffices.</param>
    private string? Chosen(Guid pledge, IReadOnlyList<Line>? lines, bool toSell = false)
    {
        foreach (var (line, i) in (lines ?? []).Select((l, i) => (l, i)))
        {
            if (lines!.Take(i).Any(l => l.Voucher == line.Voucher))
            {
                return "duplicate-voucher-line";
            }

            var pledged = SerialsWhere(line.Voucher.Value, cell => cell.Carries(pledge));
            var fit = SerialsWhere(line.Voucher.Value, cell => cell.Carries(pledge) && !cell.IsFrozen);
            var of = toSell && fit.Length >= line.Kilograms.Value ? fit : pledged;
            var wanted = line.Ranges is null ? of.Take((int)line.Kilograms.Value).ToArray() : Expand(line.Ranges);
            if (wanted.Length < line.Kilograms.Value || wanted.Except(pledged).Any())
            {
                return "release-exceeds-pledge";
            }

            Serials.Add(wanted);
        }

        return null;
    }
}
