using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Trades;

/// <summary>Where a trade stands. Only a registered one can still change.</summary>
public enum TradeStatus
{
    /// <summary>The seller's units are held until the venue settles or voids.</summary>
    Registered,

    /// <summary>The units are the buyer's.</summary>
    Settled,

    /// <summary>The venue gave it up; the units stayed the seller's.</summary>
    Voided,

    /// <summary>The hold ended by itself; the units stayed the seller's.</summary>
    Expired,
}

/// <summary>One line of a trade.</summary>
/// <param name="Amount">price × tonnes, rounded half away from zero to the fen.</param>
public sealed record TradeLine(VoucherId Voucher, SerialRanges Serials, PricePerTonne PricePerTonne, Money Amount);

public abstract record TradeEvent : LedgerEvent
{
    private TradeEvent() { }

    /// <summary>The trade this is about; its id is the stream's.</summary>
    public abstract TradeId Trade { get; init; }
    public override Guid Stream => Trade.Value;

    /// <summary>An exchange registered a trade that it settles later; until then the seller's units are held.</summary>
    /// <param name="HoldUntil">The instant at which the hold ends by itself.</param>
    public sealed record TradeRegistered(
        TradeId Trade,
        OrganizationId Venue,
        string VenueTradeNumber,
        AccountId Seller,
        AccountId Buyer,
        IReadOnlyList<TradeLine> Lines,
        Money Amount,
        Instant TradedAt,
        Instant HoldUntil) : TradeEvent;

    /// <summary>The units of a trade moved: at once, or when the venue settled what it had registered before.</summary>
    public sealed record TradeSettled(
        TradeId Trade,
        OrganizationId Venue,
        string VenueTradeNumber,
        AccountId Seller,
        AccountId Buyer,
        IReadOnlyList<TradeLine> Lines,
        Money Amount,
        Instant TradedAt) : TradeEvent;

    /// <summary>The venue gave up a registered trade.</summary>
    public sealed record TradeVoided(TradeId Trade, string? Reason) : TradeEvent;

    /// <summary>The time of a registered trade's hold was over.</summary>
    public sealed record TradeExpired(TradeId Trade) : TradeEvent;
}

/// <param name="HoldUntil">Null for a trade that was settled at once.</param>
/// <param name="VoidReason">What the venue said when it gave the trade up.</param>
public sealed record TradeState(
    TradeId Trade,
    OrganizationId Venue,
    string VenueTradeNumber,
    AccountId Seller,
    AccountId Buyer,
    IReadOnlyList<TradeLine> Lines,
    Money Amount,
    Instant TradedAt,
    TradeStatus Status,
    Instant? HoldUntil = null,
    string? VoidReason = null) : State
{
    public override Guid Id => Trade.Value;

    public override Instant? DueAt => Status == TradeStatus.Registered ? HoldUntil : null;

    public override bool IsAtRest => Status != TradeStatus.Registered;

    /// <summary>True once the hold's time is over, whether or not its end is recorded: the end is the agreed instant, not the moment at which somebody notices it.</summary>
    public bool HasLapsed(Instant now) => Status == TradeStatus.Expired || DueAt <= now;
}

public static class Trade
{
    public static void Evolve(Register register, TradeState? state, TradeEvent fact)
    {
        switch (fact)
        {
            case TradeEvent.TradeRegistered e:
                register.Take(UniqueName.VenueTrade(e.Venue, e.VenueTradeNumber));
                register.Set(new TradeState(
                    e.Trade, e.Venue, e.VenueTradeNumber, e.Seller, e.Buyer, e.Lines, e.Amount, e.TradedAt, TradeStatus.Registered, e.HoldUntil));
                break;
            case TradeEvent.TradeSettled e when state is null:
                register.Take(UniqueName.VenueTrade(e.Venue, e.VenueTradeNumber));
                register.Set(new TradeState(e.Trade, e.Venue, e.VenueTradeNumber, e.Seller, e.Buyer, e.Lines, e.Amount, e.TradedAt, TradeStatus.Settled));
                break;
            case TradeEvent.TradeSettled:
                register.Set(state! with { Status = TradeStatus.Settled });
                break;
            case TradeEvent.TradeVoided e:
                register.Set(state! with { Status = TradeStatus.Voided, VoidReason = e.Reason });
                break;
            case TradeEvent.TradeExpired:
                register.Set(state! with { Status = TradeStatus.Expired });
                break;
            default:
                throw new InvalidOperationException($"No arm for {fact.GetType().Name}.");
        }
    }

    /// <summary>Names what the end of a hold looks at: the trade, its units, their vouchers.</summary>
    internal static TradeState? Collect(Needs needs, TradeId id)
    {
        var trade = needs.Found<TradeState>(id.Value);
        foreach (var line in trade?.Lines ?? [])
        {
            needs.Locked(line.Voucher, line.Serials);
        }

        return trade;
    }

    /// <summary>Why this actor cannot settle or void the trade now; null when it can.</summary>
    internal static Refusal? CannotEnd(TradeState trade, Context context, string act)
    {
        if (context.Actor.Organization != trade.Venue)
        {
            return new Refusal.NotTheVenue(context.Actor, trade.Trade);
        }

        if (trade.HasLapsed(context.Now))
        {
            return new Refusal.HoldExpired(trade.Trade, trade.HoldUntil!.Value);
        }

        return trade.Status == TradeStatus.Registered ? null : new Refusal.TradeNotOpen(trade.Trade, trade.Status, act);
    }

    /// <summary>The events that end a trade's hold and leave the units with the seller, in the vouchers' streams.</summary>
    internal static IEnumerable<LedgerEvent> Unheld(TradeState trade) =>
        trade.Lines.Select(l => new VoucherEvent.HoldEnded(l.Voucher, trade.Trade, trade.Seller, l.Serials));

    /// <summary>The events that end a trade's hold and give the units to the buyer.</summary>
    internal static IEnumerable<LedgerEvent> Delivered(TradeState trade) =>
        trade.Lines.Select(l => new VoucherEvent.UnitsDelivered(l.Voucher, trade.Trade, trade.Seller, trade.Buyer, l.Serials));

    /// <summary>The events that give a trade's units to the buyer at once.</summary>
    internal static IEnumerable<LedgerEvent> Moved(TradeId trade, AccountId seller, AccountId buyer, IEnumerable<TradeLine> lines) =>
        lines.Select(l => new VoucherEvent.UnitsTransferred(l.Voucher, null, trade, seller, buyer, l.Serials, null));
}
