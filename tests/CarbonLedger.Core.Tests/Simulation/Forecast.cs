namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>What the auditor expects of a command: the code of the refusal, or the serials that an accepted one must take.</summary>
internal sealed partial class Forecast(Auditor auditor, Guid bankA, Guid bankB, Guid venue)
{
    private const string Accepted = "accepted";

    /// <summary>The serials to be taken of each line, when the forecast is acceptance.</summary>
    public List<long[]> Serials { get; } = [];

    private Dictionary<Guid, Guid> Owners => auditor.Owners;

    public string Of(Command command, Actor actor, Instant now, LocalDate today)
    {
        Serials.Clear();
        return command switch
        {
            TransferUnits c => c.From == c.To ? "same-account" : Disposal(c.From, actor) ?? Receipt(c.To) ?? Lines(c.From, c.Lines),
            RetireUnits c => Disposal(c.Account, actor) ?? Lines(c.Account, c.Lines),
            RegisterTrade c => Trade(c, actor, now),
            SettleTrade c => Settlement(c, actor, now),
            VoidTrade c => EndOfHold(c.Trade.Value, actor, now) ?? Unheld(c.Trade.Value),
            ExpireTrade c => !auditor.Deals.TryGetValue(c.Trade.Value, out var deal) ? "trade-not-found" : deal.Status != "registered" || deal.Until > now ? "trade-not-open" : Unheld(c.Trade.Value),
            RegisterPledge c => Pledge(c, actor, now, today),
            RegisterReservation c => Registration(c, actor, now),
            ExpireReservation c => !auditor.Liens.TryGetValue(c.Pledge.Value, out var lien) ? "pledge-not-found" : lien.Status != "reserved" || lien.Until > now ? "pledge-not-in-state" : Accepted,
            SubstituteUnits c => Substitution(c, actor),
            NotifyDefault c => Notice(c, actor, today),
            EnforcePledge c => Enforcement(c, actor, today),
            VoidPledge c => !actor.IsRegistrar ? "not-authorized" : !auditor.Liens.TryGetValue(c.Pledge.Value, out var lien) ? "pledge-not-found" : lien.InForce ? Accepted : "pledge-not-in-force",
            ReleasePledge c => Release(c, actor),
            OrderFreeze c => Freeze(c, actor),
            LiftFreeze c => Lifting(c, actor),
            OpenLoan c => Loan(c, actor),
            RepayLoan c => Repayment(c, actor, today),
            CancelUnits c => Cancellation(c, actor),
            CompensateReversal c => !actor.IsRegistrar ? "not-authorized" : Struck(c.Lines) ?? FromBuffer(c.Lines.Sum(l => l.Kilograms.Value)),
            ExpireUnits c => !actor.IsRegistrar ? "not-authorized" : c.Scheme != Bonus ? "scheme-not-found" : c.On > today ? "date-in-future" : Expiry(c.On),
            RevokeVoucher c => !actor.IsRegistrar ? "not-authorized" : Revocation(c.Voucher.Value, revoked: false),
            CancelRevokedUnits c => !actor.IsRegistrar ? "not-authorized" : Revocation(c.Voucher.Value, revoked: true),
            CloseAccount c => Disposal(c.Account, actor) ?? (HoldsAny(c.Account) ? "account-not-empty" : auditor.Deals.Values.Any(d => d.Status == "registered" && d.Buyer == c.Account.Value) ? "account-awaits-delivery" : Accepted),
            _ => throw new InvalidOperationException(),
        };
    }

    private static bool Acts(Actor actor, Guid party) => actor.IsRegistrar || actor.Organization?.Value == party;

    private string? Disposal(AccountId account, Actor actor) =>
        !Owners.TryGetValue(account.Value, out var owner) ? "account-not-found" : !Acts(actor, owner) ? "not-authorized" : Receipt(account) ?? Keeps(account);

    private string? Receipt(AccountId account) =>
        !Owners.ContainsKey(account.Value) ? "account-not-found" : auditor.ClosedAccounts.Contains(account.Value) ? "account-closed" : null;

    private string? Keeps(AccountId account) => account.Value == auditor.Buffer ? "buffer-account" : null;

    private string Cancellation(CancelUnits c, Actor actor)
    {
        if (!Owners.TryGetValue(c.Account.Value, out var owner))
        {
            return "account-not-found";
        }

        var export = c.Reason == CancellationReason.Exported;
        if (export ? !Acts(actor, owner) : !actor.IsRegistrar)
        {
            return "not-authorized";
        }

        var refusal = (c.Grounds == Grounds(c.Reason) ? null : "cancellation-grounds") ?? Receipt(c.Account) ?? (export ? Keeps(c.Account) : null) ?? Lines(c.Account, c.Lines);
        return refusal == Accepted && c.Reason == CancellationReason.Expiry ? "scheme-has-lifetime" : refusal;
    }

    private string? Struck(IReadOnlyList<Line> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            var voucher = lines[i].Voucher.Value;
            var refusal = !auditor.Vouchers.TryGetValue(voucher, out var cells) ? "voucher-not-found"
                : lines.Take(i).Any(l => l.Voucher == lines[i].Voucher) ? "duplicate-voucher-line"
                : auditor.Revoked.Contains(voucher) ? "voucher-revoked"
                : (lines[i].Ranges is { } ranges ? Expand(ranges)[^1] : lines[i].Kilograms.Value) > cells.Length ? "serials-beyond-voucher" : null;
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return null;
    }

    private string FromBuffer(long need)
    {
        foreach (var voucher in auditor.Vouchers.Keys.Where(v => !auditor.Revoked.Contains(v)).Order())
        {
            var taken = SerialsWhere(voucher, c => c.IsFree && c.Holder == auditor.Buffer).Take((int)need).ToArray();
            if (taken.Length > 0)
            {
                Serials.Add(taken);
                need -= taken.Length;
            }
        }

        return need > 0 ? "buffer-short" : Accepted;
    }

    private string Expiry(LocalDate on)
    {
        foreach (var voucher in auditor.Ends.OrderBy(e => e.Value).ThenBy(e => e.Key).Where(e => e.Value.PlusYears(Scenario.LifetimeYears) < on && !auditor.Revoked.Contains(e.Key)))
        {
            TakeFree(voucher.Key);
        }

        return Serials.Count == 0 ? "nothing-expires" : Accepted;
    }

    private string Revocation(Guid voucher, bool revoked)
    {
        if (!auditor.Vouchers.ContainsKey(voucher))
        {
            return "voucher-not-found";
        }

        if (auditor.Revoked.Contains(voucher) != revoked)
        {
            return revoked ? "voucher-not-revoked" : "voucher-revoked";
        }

        TakeFree(voucher);
        return revoked && Serials.Count == 0 ? "nothing-to-cancel" : Accepted;
    }

    /// <summary>Every free kilogram, one entry per holder, whoever has the lowest first.</summary>
    private void TakeFree(Guid voucher)
    {
        var cells = auditor.Vouchers[voucher];
        foreach (var holder in cells.Where(c => c.IsFree).Select(c => c.Holder).Distinct())
        {
            Serials.Add(SerialsWhere(new VoucherId(voucher).Value, c => c.IsFree && c.Holder == holder));
        }
    }

    private bool HoldsAny(AccountId account) =>
        auditor.Vouchers.Values.Any(v => v.Any(c => c.Holder == account.Value && c.Fate == Auditor.Fate.Live));

    private string Loan(OpenLoan c, Actor actor)
    {
        if (!Acts(actor, c.Bank.Value))
        {
            return "not-authorized";
        }

        if (c.Bank.Value != bankA && c.Bank.Value != bankB)
        {
            return "organization-lacks-role";
        }

        foreach (var id in c.Pledges)
        {
            if (!auditor.Liens.TryGetValue(id.Value, out var lien))
            {
                return "pledge-not-found";
            }

            var refusal = lien.Pledgee != c.Bank.Value ? "pledge-of-another-lender"
                : !lien.Sound ? "pledge-not-in-force"
                : lien.Loan != Guid.Empty ? "pledge-secures-loan" : null;
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return Accepted;
    }

    private string Repayment(RepayLoan c, Actor actor, LocalDate today)
    {
        if (!auditor.Loans.TryGetValue(c.Loan.Value, out var book))
        {
            return "loan-not-found";
        }

        var date = c.Date ?? today;
        return !Acts(actor, book.Bank) ? "not-authorized"
            : date > today ? "date-in-future"
            : book.Principal + book.Interest == 0 ? "loan-repaid"
            : date < book.Day ? "date-before-last-entry"
            : c.Amount.Amount > book.Principal + book.InterestBy(date) ? "repayment-exceeds-outstanding"
            : Accepted;
    }

    /// <param name="behind">True for a ranked pledge, which takes units under ranked pledges too.</param>
    /// <param name="own">The pledge that takes them, which does not take its own.</param>
    private string Lines(AccountId account, IReadOnlyList<Line> lines, bool behind = false, Guid own = default)
    {
        bool Fits(Auditor.Cell cell) => cell.IsFree || (behind && cell.TakesRanked && !cell.Carries(own));
        string Why(Auditor.Cell cell) => Array.Exists(cell.Marks!, m => m.Kind == 'x' || (m.Kind == 'r' && (!behind || m.Id == own))) ? "units-under-lien"
            : cell.IsFrozen ? "units-frozen" : Array.Exists(cell.Marks!, m => m.Kind == 'h') ? "units-locked" : "too-many-locks";
        for (var i = 0; i < lines.Count; i++)
        {
            if (!auditor.Vouchers.TryGetValue(lines[i].Voucher.Value, out var cells))
            {
                return "voucher-not-found";
            }

            if (auditor.Revoked.Contains(lines[i].Voucher.Value))
            {
                return "voucher-revoked";
            }

            if (lines.Take(i).Any(l => l.Voucher == lines[i].Voucher))
            {
                return "duplicate-voucher-line";
            }

            if ((lines[i].Ranges is { } ranges ? Named(cells, account.Value, ranges, Fits, Why) : Lowest(cells, account.Value, lines[i], Fits, Why)) is { } refusal)
            {
                return refusal;
            }
        }

        return Accepted;
    }

    private string? Named(Auditor.Cell[] cells, Guid account, SerialRanges ranges, Func<Auditor.Cell, bool> fits, Func<Auditor.Cell, string> why)
    {
        var serials = Expand(ranges);
        if (serials.Any(s => s > cells.Length))
        {
            return "serials-beyond-voucher";
        }

        if (serials.Any(s => cells[s - 1].Holder != account || cells[s - 1].Fate != Auditor.Fate.Live))
        {
            return "units-not-held";
        }

        Serials.Add(serials);
        var stopped = serials.Where(s => !fits(cells[s - 1])).ToArray();
        return stopped.Length == 0 ? null : why(cells[stopped[0] - 1]);
    }

    private string? Lowest(Auditor.Cell[] cells, Guid account, Line line, Func<Auditor.Cell, bool> fits, Func<Auditor.Cell, string> why)
    {
        var need = (int)line.Kilograms.Value;
        var owned = cells.Count(c => c.Holder == account && c.Fate == Auditor.Fate.Live);
        var free = SerialsWhere(line.Voucher.Value, c => c.Holder == account && c.IsFree).Take(need).ToArray();
        var others = SerialsWhere(line.Voucher.Value, c => c.Holder == account && !c.IsFree && fits(c));
        free = [.. free.Concat(others.Take(need - free.Length)).Order()];
        Serials.Add(free);
        return owned < need ? "insufficient-units"
            : free.Length < need ? why(cells.First(c => c.Holder == account && c.Fate == Auditor.Fate.Live && !fits(c))) : null;
    }

    private long[] SerialsWhere(Guid voucher, Func<Auditor.Cell, bool> wanted) =>
        auditor.Vouchers.TryGetValue(voucher, out var cells) ? cells.Select((c, i) => (c, i)).Where(x => wanted(x.c)).Select(x => x.i + 1L).ToArray() : [];

    private static long[] Expand(SerialRanges ranges)
    {
        var serials = new List<long>();
        foreach (var range in ranges)
        {
            for (var serial = range.First; serial <= range.Last; serial++)
            {
                serials.Add(serial);
            }
        }

        return [.. serials];
    }
}
