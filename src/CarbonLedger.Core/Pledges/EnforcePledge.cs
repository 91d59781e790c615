using System.Text.Json.Serialization;
using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Pledges;

/// <summary>How pledged units are realised (Civil Code art. 436).</summary>
public enum EnforcementMethod
{
    /// <summary>Sold as pledgee and pledgor agreed (协议变卖).</summary>
    Agreement,

    /// <summary>Auctioned (拍卖).</summary>
    Auction,

    /// <summary>Sold by a court (司法变卖).</summary>
    CourtSale,

    /// <summary>Taken over by the lender by agreement, not below the market reference price (协议折价). Never by default alone (art. 428).</summary>
    ToLender,
}

/// <summary>A published price, and where it stands.</summary>
public sealed record MarketPrice(PricePerTonne PricePerTonne, OrganizationId Venue, LocalDate Date);

/// <summary>What one pledge got out of an enforcement.</summary>
/// <param name="Rank">Its best rank on the sold units.</param>
/// <param name="Due">What it secured at that moment.</param>
/// <param name="Loan">The loan that was paid with it.</param>
/// <param name="ToPrincipal">How much of <paramref name="Paid"/> was principal; absent when all of it was, or no loan is recorded.</param>
/// <param name="StillSecured">What it secures after that; absent when that is what was due and not paid. It is less where another pledge paid the same debt.</param>
public sealed record Payout(PledgeId Pledge, int Rank, Money Due, Money Paid, LoanId? Loan, Money? ToPrincipal = null, Money? StillSecured = null)
{
    /// <summary>What the sale left unpaid of what the pledge secures.</summary>
    [JsonIgnore]
    public Money Shortfall => StillSecured ?? Due - Paid;
}

/// <summary>Sells pledged units at a recorded price and distributes the proceeds. Every pledge on them ends; a shortfall stays a debt (P3).</summary>
/// <param name="Lines">Null for all units that are left under the pledge.</param>
/// <param name="Buyer">The buyer's account, and <paramref name="PricePerTonne"/>: asked for once the pledge may be enforced at all.</param>
/// <param name="Market">The newest published price; what a sale to the lender is held against.</param>
public sealed record EnforcePledge(
    PledgeId Pledge,
    IReadOnlyList<Line>? Lines,
    EnforcementMethod Method,
    AccountId? Buyer,
    PricePerTonne? PricePerTonne,
    Money Costs,
    MarketPrice? Market,
    string? Reason) : Command
{
    public override void Collect(Needs needs)
    {
        if (Buyer is { } buyer)
        {
            needs.State(buyer.Value);
        }

        if (Pledges.Pledge.Collect(needs, Pledge) is not { } pledge)
        {
            return;
        }

        needs.State(pledge.Pledgor.Value);
        foreach (var other in PledgesOn(needs.Register, pledge.Units))
        {
            if (needs.Found<PledgeState>(other.Value)?.Loan is { } loan)
            {
                needs.State(loan.Value);
                Margin.CollectOpenCall(needs, loan);
            }
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<PledgeState>(Pledge.Value) is not { } pledge)
        {
            return new Refusal.PledgeNotFound(Pledge);
        }

        if (context.Actor.Organization != pledge.Pledgee)
        {
            return new Refusal.NotThePledgee(context.Actor, Pledge);
        }

        if (pledge.CanSecure)
        {
            return new Refusal.DefaultNotNotified(Pledge);
        }

        if (!pledge.IsInDefault)
        {
            return new Refusal.PledgeNotInState(Pledge, pledge.Status, "enforcement");
        }

        if (SecuresNothing(register, pledge, context.Today) is { } performed)
        {
            return performed;
        }

        if (Buyer is not { } buyer || PricePerTonne is not { } price)
        {
            return new Refusal.EnforcementIncomplete(Pledge);
        }

        if (buyer == pledge.Pledgor)
        {
            return new Refusal.SameAccount(buyer);
        }

        var pledgor = register.Find<AccountState>(pledge.Pledgor.Value)!;
        if ((Account.CannotReceive(register, buyer) ?? CannotSellTo(register.Find<AccountState>(buyer.Value)!, pledgor, price, pledge)) is { } unfit)
        {
            return unfit;
        }

        if (Account.CannotGive(pledgor) is { } account)
        {
            return account;
        }

        var (chosen, refusal) = Pledges.Pledge.Choose(pledge, Lines, (voucher, serials) => FreeUnits.Unfrozen(register, voucher, serials));
        VoucherSerials[] sold = [.. chosen.OrderBy(u => u.Voucher.Value)]; // who gets an odd fen must not hang on the order of the lines
        if ((refusal ?? FreeUnits.StoppedSince(register, sold)) is { } cannot)
        {
            return cannot;
        }

        if (Money.Exactly(sold.Sum(u => price.YuanOf(u.Serials.Kilograms))) is not { } proceeds)
        {
            return new Refusal.AmountTooGreat("The proceeds");
        }

        // From here the enforcement must succeed.
        var all = PledgesOn(register, sold).Select(p => register.Find<PledgeState>(p.Value)!).ToArray();
        var others = all.Where(p => p.Pledge != Pledge).ToArray();
        var debts = all.Select(p => p.Loan).OfType<LoanId>().Distinct().ToDictionary(l => l, l => DueOn(register, l, context.Today));
        var result = Waterfall.Distribute(proceeds, Costs, StretchesOf(register, sold), [.. all.Select(p => ClaimOf(p, p.Loan is { } loan ? debts[loan] : DebtParts.None))], debts);
        PledgeEvent[] ended =
        [
            new PledgeEvent.PledgeEnforced(
                Pledge, sold, Method, buyer, price, Method == EnforcementMethod.ToLender ? Market : null, proceeds, result.Costs, result.Payouts, result.Surplus, Reason),
            .. others.Join(result.Payouts, o => o.Pledge, p => p.Pledge, (o, p) => new PledgeEvent.PledgeReleased(
                o.Pledge, Common(o.Units, sold), ReleaseReason.Enforced, p.Paid, p.ToPrincipal)),
        ];
        var after = ended.ToDictionary(e => e.Pledge, e => Pledges.Pledge.Evolve(register.Find<PledgeState>(e.Pledge.Value), e));
        return Decision.Accept(
            Pledge.Value,
            [
                .. ended,
                .. result.Repaid.Where(r => r.Value.Sum > Money.Zero).SelectMany(r => Repay(register, r.Key, r.Value, context.Today, after)),
                .. all.SelectMany(p => Pledges.Pledge.Unlocked(p, Common(p.Units, sold))),
                .. sold.Select(u => new VoucherEvent.UnitsTransferred(u.Voucher, null, null, pledge.Pledgor, buyer, u.Serials, Reason, Pledge)),
            ]);
    }

    private Refusal? CannotSellTo(AccountState buyer, AccountState pledgor, PricePerTonne price, PledgeState pledge)
    {
        // A sale ends every pledge on the units. To the pledgor itself, at whatever price, it would only strip the other lenders of theirs.
        if (buyer.Organization == pledgor.Organization)
        {
            return new Refusal.BuyerIsThePledgor(Pledge, buyer.Account, pledgor.Organization);
        }

        var isLender = buyer.Organization == pledge.Pledgee;
        if (Method != EnforcementMethod.ToLender)
        {
            return isLender ? new Refusal.NoForfeiture(Pledge) : null;
        }

        if (!isLender)
        {
            return new Refusal.BuyerNotTheLender(Pledge, buyer.Account);
        }

        return Market is null ? new Refusal.NoMarketPrice(Pledge)
            : price.Amount < Market.PricePerTonne.Amount ? new Refusal.PriceBelowMarket(Pledge, price, Market.PricePerTonne, Market.Date)
            : null;
    }

    /// <summary>Only for a debt that is not performed is a pledge put in default and enforced (Civil Code art. 386). Null while there is one.</summary>
    internal static Refusal? SecuresNothing(Register register, PledgeState pledge, LocalDate today)
    {
        var owed = pledge.Loan is { } loan ? DueOn(register, loan, today) : DebtParts.None;
        return ClaimOf(pledge, owed).Secured.Sum > Money.Zero ? null : new Refusal.NothingSecured(pledge.Pledge, pledge.Loan);
    }

    /// <summary>What a borrower owes on a loan. Before it is disbursed that is nothing, though it counts as outstanding: nobody can repay what he has not had.</summary>
    private static DebtParts DueOn(Register register, LoanId id, LocalDate today) =>
        register.Find<LoanState>(id.Value)! is var loan && today < loan.StartDate ? DebtParts.None : loan.OwedOn(today);

    /// <summary>What a pledge secures: its part of the loan's principal, with interest and costs as its scope says; without a loan, the secured amount.</summary>
    /// <param name="owed">What is owed on its loan.</param>
    private static Waterfall.Claim ClaimOf(PledgeState pledge, DebtParts owed)
    {
        if (pledge.Status == PledgeStatus.Reserved)
        {
            return new Waterfall.Claim(pledge.Pledge, DebtParts.None); // a place in the order, no claim yet
        }

        if (pledge.Loan is not { } loan)
        {
            return new Waterfall.Claim(pledge.Pledge, DebtParts.None with { Principal = pledge.SecuredLeft });
        }

        return new Waterfall.Claim(
            pledge.Pledge,
            new DebtParts(
                pledge.Secures(SecuredPart.Costs) ? owed.Costs : Money.Zero,
                pledge.Secures(SecuredPart.Interest) ? owed.Interest : Money.Zero,
                pledge.Secures(SecuredPart.Principal) ? Money.Lesser(owed.Principal, pledge.SecuredLeft) : Money.Zero),
            loan);
    }

    /// <summary>A loan is paid with what its pledges got. A margin call on one that owes nothing any more ends with it; of any other the next run judges.</summary>
    private IEnumerable<LoanEvent> Repay(Register register, LoanId id, DebtParts paid, LocalDate date, IReadOnlyDictionary<PledgeId, PledgeState> pledges)
    {
        var loan = register.Find<LoanState>(id.Value)!;
        var repayment = Loan.Repaid(id, date, paid, Pledge.Value);
        var left = Loan.Evolve(loan, repayment);
        return left.IsRepaid ? [repayment, .. Margin.Cured(register, left, null, MarginCure.Repayment, date, pledges)] : [repayment];
    }

    /// <summary>The pledges on units, in the order in which they are met from the lowest serial up. Units that are not loaded have none yet.</summary>
    private static IEnumerable<PledgeId> PledgesOn(Register register, IReadOnlyList<VoucherSerials> units) =>
        units.SelectMany(u => Parts(register, u)).SelectMany(p => p.Piece.Locks.Pledges).Select(l => new PledgeId(l.Id)).Distinct();

    private static Waterfall.Stretch[] StretchesOf(Register register, IReadOnlyList<VoucherSerials> sold) =>
        [.. sold.SelectMany(u => Parts(register, u)).Select(p => new Waterfall.Stretch(Kilograms.FromKilograms(p.Part.Count), p.Piece.Locks.Ranks))];

    private static IEnumerable<(Piece Piece, SerialRange Part)> Parts(Register register, VoucherSerials units) =>
        register.Units(units.Voucher)?.Parts(units.Serials) ?? [];

    private static IReadOnlyList<VoucherSerials> Common(IReadOnlyList<VoucherSerials> pledged, IReadOnlyList<VoucherSerials> sold) =>
        [.. pledged
            .Select(p => p with { Serials = p.Serials.Common(sold.FirstOrDefault(s => s.Voucher == p.Voucher)?.Serials ?? SerialRanges.Empty) })
            .Where(p => p.Serials.Count > 0)];
}
