namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>What the auditor expects of a command: the code of the refusal, or the serials that an accepted one must take.</summary>
internal sealed class Forecast(Auditor auditor, IReadOnlyDictionary<Guid, Guid> owners, Guid bankA, Guid bankB, Guid venue)
{
    private const string Accepted = "accepted";

    /// <summary>The serials to be taken of each line, when the forecast is acceptance.</summary>
    public List<long[]> Serials { get; } = [];

    public string Of(Command command, Actor actor, LocalDate today)
    {
        Serials.Clear();
        return command switch
        {
            TransferUnits c => c.From == c.To ? "same-account" : Disposal(c.From, actor) ?? Receipt(c.To) ?? Lines(c.From, c.Lines),
            RetireUnits c => Disposal(c.Account, actor) ?? Lines(c.Account, c.Lines),
            RegisterTrade c => Trade(c, actor),
            RegisterPledge c => Pledge(c, actor),
            ReleasePledge c => Release(c, actor),
            OpenLoan c => Loan(c, actor),
            RepayLoan c => Repayment(c, actor, today),
            CancelUnits c => Cancellation(c, actor),
            CompensateReversal c => !actor.IsRegistrar ? "not-authorized" : Struck(c.Lines) ?? FromBuffer(c.Lines.Sum(l => l.Kilograms.Value)),
            ExpireUnits c => !actor.IsRegistrar ? "not-authorized" : c.Scheme != Bonus ? "scheme-not-found" : c.On > today ? "date-in-future" : Expiry(c.On),
            RevokeVoucher c => !actor.IsRegistrar ? "not-authorized" : Revocation(c.Voucher.Value, revoked: false),
            CancelRevokedUnits c => !actor.IsRegistrar ? "not-authorized" : Revocation(c.Voucher.Value, revoked: true),
            CloseAccount c => Disposal(c.Account, actor) ?? (HoldsAny(c.Account) ? "account-not-empty" : Accepted),
            _ => throw new InvalidOperationException(),
        };
    }

    private static bool Acts(Actor actor, Guid party) => actor.IsRegistrar || actor.Organization?.Value == party;

    private string? Disposal(AccountId account, Actor actor) =>
        !owners.TryGetValue(account.Value, out var owner) ? "account-not-found" : !Acts(actor, owner) ? "not-authorized" : Receipt(account) ?? Keeps(account);

    private string? Receipt(AccountId account) =>
        !owners.ContainsKey(account.Value) ? "account-not-found" : auditor.ClosedAccounts.Contains(account.Value) ? "account-closed" : null;

    private string? Keeps(AccountId account) => account.Value == auditor.Buffer ? "buffer-account" : null;

    private string Cancellation(CancelUnits c, Actor actor)
    {
        if (!owners.TryGetValue(c.Account.Value, out var owner))
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

    private string Trade(RegisterTrade c, Actor actor)
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
            : Receipt(c.Seller) ?? Keeps(c.Seller) ?? Receipt(c.Buyer) ?? (auditor.TradeNumbers.Contains(c.VenueTradeNumber) ? "trade-number-taken" : Lines(c.Seller, c.Lines));
    }

    private string Pledge(RegisterPledge c, Actor actor)
    {
        if (!owners.TryGetValue(c.Pledgor.Value, out var owner))
        {
            return "account-not-found";
        }

        if (c.Pledgee.Value != bankA && c.Pledgee.Value != bankB)
        {
            return "organization-lacks-role";
        }

        return !Acts(actor, owner) && !Acts(actor, c.Pledgee.Value) ? "not-authorized" : Receipt(c.Pledgor) ?? Keeps(c.Pledgor) ?? Lines(c.Pledgor, c.Lines);
    }

    private string Release(ReleasePledge c, Actor actor)
    {
        if (!auditor.Liens.TryGetValue(c.Pledge.Value, out var lien))
        {
            return "pledge-not-found";
        }

        if (actor.Organization?.Value != lien.Pledgee)
        {
            return "not-the-pledgee";
        }

        if (!InForce(c.Pledge.Value))
        {
            return "pledge-not-in-force";
        }

        foreach (var (line, i) in (c.Lines ?? []).Select((l, i) => (l, i)))
        {
            if (c.Lines!.Take(i).Any(l => l.Voucher == line.Voucher))
            {
                return "duplicate-voucher-line";
            }

            var pledged = SerialsWhere(line.Voucher.Value, cell => cell.Lien == c.Pledge.Value);
            var wanted = line.Ranges is null ? pledged.Take((int)line.Kilograms.Value).ToArray() : Expand(line.Ranges);
            if (wanted.Length < line.Kilograms.Value || wanted.Except(pledged).Any())
            {
                return "release-exceeds-pledge";
            }

            Serials.Add(wanted);
        }

        return Accepted;
    }

    private bool InForce(Guid pledge) => auditor.Vouchers.Values.Any(v => v.Any(c => c.Lien == pledge));

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
                : !InForce(id.Value) ? "pledge-not-in-force"
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

    private string Lines(AccountId account, IReadOnlyList<Line> lines)
    {
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

            if ((lines[i].Ranges is { } ranges ? Named(cells, account.Value, ranges) : Lowest(cells, account.Value, lines[i])) is { } refusal)
            {
                return refusal;
            }
        }

        return Accepted;
    }

    private string? Named(Auditor.Cell[] cells, Guid account, SerialRanges ranges)
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
        return serials.All(s => cells[s - 1].IsFree) ? null : "units-under-lien";
    }

    private string? Lowest(Auditor.Cell[] cells, Guid account, Line line)
    {
        var owned = cells.Count(c => c.Holder == account && c.Fate == Auditor.Fate.Live);
        var free = SerialsWhere(line.Voucher.Value, c => c.Holder == account && c.IsFree);
        Serials.Add(free.Take((int)line.Kilograms.Value).ToArray());
        return owned < line.Kilograms.Value ? "insufficient-units" : free.Length < line.Kilograms.Value ? "units-under-lien" : null;
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
