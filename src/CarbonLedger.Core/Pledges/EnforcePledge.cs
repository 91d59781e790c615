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
public sealed record Payout(PledgeId Pledge, int Rank, Money Due, Money Paid, LoanId? Loan);

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

        if (Buyer is not { } buyer || PricePerTonne is not { } price)
        {
            return new Refusal.EnforcementIncomplete(Pledge);
        }

        if (buyer == pledge.Pledgor)
        {
            return new Refusal.SameAccount(buyer);
        }

        if ((Account.CannotReceive(register, buyer) ?? CannotSellTo(register.Find<AccountState>(buyer.Value)!, price, pledge)) is { } unfit)
        {
            return unfit;
        }

        if (Account.CannotGive(register.Find<AccountState>(pledge.Pledgor.Value)!) is { } account)
        {
            return account;
        }

        var (sold, refusal) = Pledges.Pledge.Choose(pledge, Lines);
        if ((refusal ?? FreeUnits.StoppedSince(register, sold)) is { } cannot)
        {
            return cannot;
        }

        // From here the enforcement must succeed.
        var all = PledgesOn(register, sold).Select(p => register.Find<PledgeState>(p.Value)!).ToArray();
        var others = all.Where(p => p.Pledge != Pledge).ToArray();
        var proceeds = sold.Aggregate(Money.Zero, (sum, u) => sum + price.Of(u.Serials.Kilograms));
        var result = Waterfall.Distribute(proceeds, Costs, StretchesOf(register, sold), [.. all.Select(p => ClaimOf(register, p, context.Today))]);
        return Decision.Accept(
            Pledge.Value,
            [
                new PledgeEvent.PledgeEnforced(
                    Pledge, sold, Method, buyer, price, Method == EnforcementMethod.ToLender ? Market : null, proceeds, result.Costs, result.Payouts, result.Surplus, Reason),
                .. others.Select(o => new PledgeEvent.PledgeReleased(
                    o.Pledge, Common(o.Units, sold), ReleaseReason.Enforced, result.Payouts.First(p => p.Pledge == o.Pledge).Paid)),
                .. Repayments(register, Pledge, result.Payouts, context.Today),
                .. all.SelectMany(p => Pledges.Pledge.Unlocked(p, Common(p.Units, sold))),
                .. sold.Select(u => new VoucherEvent.UnitsTransferred(u.Voucher, null, null, pledge.Pledgor, buyer, u.Serials, Reason, Pledge)),
            ]);
    }

    private Refusal? CannotSellTo(AccountState buyer, PricePerTonne price, PledgeState pledge)
    {
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

    /// <summary>What a pledge secures on a date: its part of the loan's principal, interest and costs; without a loan, the secured amount.</summary>
    private static Waterfall.Claim ClaimOf(Register register, PledgeState pledge, LocalDate date)
    {
        if (pledge.Status == PledgeStatus.Reserved)
        {
            return new Waterfall.Claim(pledge.Pledge, Money.Zero, null, Money.Zero); // a place in the order, no claim yet
        }

        if (pledge.Loan is not { } id)
        {
            var secured = pledge.SecuredAmount - Money.Lesser(pledge.SecuredAmount, pledge.Recovered ?? Money.Zero);
            return new Waterfall.Claim(pledge.Pledge, secured, null, secured);
        }

        var loan = register.Find<LoanState>(id.Value)!;
        var principal = pledge.Secures(SecuredPart.Principal) ? Money.Lesser(loan.Principal, pledge.SecuredAmount) : Money.Zero;
        var interest = pledge.Secures(SecuredPart.Interest) ? loan.InterestOn(date) : Money.Zero;
        var costs = pledge.Secures(SecuredPart.Costs) ? loan.UnpaidCosts : Money.Zero;
        return new Waterfall.Claim(pledge.Pledge, principal + interest + costs, id, loan.OutstandingOn(date));
    }

    private static IEnumerable<LedgerEvent> Repayments(Register register, PledgeId enforced, IReadOnlyList<Payout> payouts, LocalDate date)
    {
        foreach (var paid in payouts.Where(p => p.Loan is not null && p.Paid > Money.Zero).GroupBy(p => p.Loan!.Value))
        {
            var loan = register.Find<LoanState>(paid.Key.Value)!;
            var amount = paid.Aggregate(Money.Zero, (sum, p) => sum + p.Paid);
            var on = date > loan.SettledTo ? date : loan.SettledTo;
            var allocated = loan.Allocate(amount, on);
            yield return new LoanEvent.LoanRepaid(
                paid.Key, on, allocated.ToInterest, allocated.ToPrincipal, allocated.ToCosts > Money.Zero ? allocated.ToCosts : null, enforced.Value);
        }
    }

    /// <summary>The pledges on units, in the order in which they are met from the lowest serial up. Units that are not loaded have none yet.</summary>
    private static IEnumerable<PledgeId> PledgesOn(Register register, IReadOnlyList<VoucherSerials> units) =>
        units.SelectMany(u => Parts(register, u)).SelectMany(p => p.Piece.Locks.Pledges).Select(l => new PledgeId(l.Id)).Distinct();

    /// <summary>Neighbours with the same ranks are one stretch: how freezes and releases of before have cut the units changes no figure.</summary>
    private static List<Waterfall.Stretch> StretchesOf(Register register, IReadOnlyList<VoucherSerials> sold)
    {
        var stretches = new List<Waterfall.Stretch>();
        foreach (var (piece, part) in sold.SelectMany(u => Parts(register, u)))
        {
            var next = new Waterfall.Stretch(Kilograms.FromKilograms(part.Count), piece.Locks.Ranks);
            if (stretches.Count > 0 && stretches[^1] is var before && before.Ranks.Zip(next.Ranks).All(r => r.First.SequenceEqual(r.Second)) && before.Ranks.Count == next.Ranks.Count)
            {
                stretches[^1] = before with { Kilograms = before.Kilograms + next.Kilograms };
            }
            else
            {
                stretches.Add(next);
            }
        }

        return stretches;
    }

    private static IEnumerable<(Piece Piece, SerialRange Part)> Parts(Register register, VoucherSerials units) =>
        register.Units(units.Voucher)?.Parts(units.Serials) ?? [];

    private static IReadOnlyList<VoucherSerials> Common(IReadOnlyList<VoucherSerials> pledged, IReadOnlyList<VoucherSerials> sold) =>
        [.. pledged
            .Select(p => p with { Serials = p.Serials.Common(sold.FirstOrDefault(s => s.Voucher == p.Voucher)?.Serials ?? SerialRanges.Empty) })
            .Where(p => p.Serials.Count > 0)];
}
