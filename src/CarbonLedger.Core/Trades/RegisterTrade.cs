using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Trades;

/// <summary>Registers a trade of an exchange. The units move at once, or are held until the venue settles.</summary>
/// <param name="Prices">For each line the price per tonne.</param>
/// <param name="HoldUntil">Given to settle later: the instant at which the hold ends by itself. Null to settle at once.</param>
public sealed record RegisterTrade(
    TradeId Trade,
    OrganizationId Venue,
    string VenueTradeNumber,
    AccountId Seller,
    AccountId Buyer,
    IReadOnlyList<Line> Lines,
    IReadOnlyList<PricePerTonne> Prices,
    Instant TradedAt,
    Instant? HoldUntil = null) : Command
{
    /// <summary>The longest that units may wait for their settlement.</summary>
    public static readonly Duration HoldMax = Duration.FromDays(90);

    public override void Collect(Needs needs)
    {
        needs.State(Venue.Value);
        needs.State(Seller.Value);
        needs.State(Buyer.Value);
        needs.Unique(UniqueName.VenueTrade(Venue, VenueTradeNumber));
        foreach (var line in Lines)
        {
            needs.Line(Seller, line);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.MayActFor(Venue))
        {
            return new Refusal.NotAuthorized(context.Actor, "Registering a trade", "its venue");
        }

        if (Organization.Lacks(register, Venue, Role.Exchange) is { } venue)
        {
            return venue;
        }

        if (Seller == Buyer)
        {
            return new Refusal.SameAccount(Seller);
        }

        var seller = register.Find<AccountState>(Seller.Value);
        if ((seller is null ? new Refusal.AccountNotFound(Seller) : Account.CannotGive(seller) ?? Account.CannotReceive(register, Buyer)) is { } account)
        {
            return account;
        }

        if (TradedAt > context.Now)
        {
            return new Refusal.DateInFuture("The trade time's date", RegistryCalendar.DateOf(TradedAt), context.Today);
        }

        if (HoldUntil <= context.Now || HoldUntil > context.Now + HoldMax)
        {
            return new Refusal.HoldTimeOutOfRange(HoldUntil.Value, context.Now);
        }

        if (Lines.Zip(Prices, (line, price) => price.YuanOf(line.Kilograms)).Sum() > Money.AmountMax)
        {
            return new Refusal.AmountTooGreat("The trade's amount");
        }

        if (register.IsTaken(UniqueName.VenueTrade(Venue, VenueTradeNumber)))
        {
            return new Refusal.TradeNumberTaken(Venue, VenueTradeNumber);
        }

        var (taken, refusal) = FreeUnits.Take(register, Seller, Lines);
        if (refusal is not null)
        {
            return refusal;
        }

        // From here the trade must succeed.
        var lines = taken
            .Select((t, i) => new TradeLine(t.Voucher, t.Serials, Prices[i], Prices[i].Of(t.Serials.Kilograms)))
            .ToArray();
        var amount = lines.Aggregate(Money.Zero, (sum, line) => sum + line.Amount);
        return HoldUntil is { } until
            ? Decision.Accept(
                Trade.Value,
                [
                    new TradeEvent.TradeRegistered(Trade, Venue, VenueTradeNumber, Seller, Buyer, lines, amount, TradedAt, until),
                    .. lines.Select(l => new VoucherEvent.UnitsHeld(l.Voucher, Trade, Seller, l.Serials)),
                ])
            : Decision.Accept(
                Trade.Value,
                [
                    new TradeEvent.TradeSettled(Trade, Venue, VenueTradeNumber, Seller, Buyer, lines, amount, TradedAt),
                    .. Trades.Trade.Moved(Trade, Seller, Buyer, lines),
                ]);
    }
}
