using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Trades;

/// <summary>The venue has the money: the held units go to the buyer. Nobody else can say so.</summary>
public sealed record SettleTrade(TradeId Trade) : Command
{
    public override void Collect(Needs needs)
    {
        if (Trades.Trade.Collect(needs, Trade) is { } trade)
        {
            needs.State(trade.Seller.Value);
            needs.State(trade.Buyer.Value);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<TradeState>(Trade.Value) is not { } trade)
        {
            return new Refusal.TradeNotFound(Trade);
        }

        if (Trades.Trade.CannotEnd(trade, context, "settling") is { } refusal)
        {
            return refusal;
        }

        var seller = register.Find<AccountState>(trade.Seller.Value)!;
        if ((Account.CannotGive(seller) ?? Account.CannotReceive(register, trade.Buyer)) is { } account)
        {
            return account;
        }

        if (FreeUnits.StoppedSince(register, [.. trade.Lines.Select(l => new VoucherSerials(l.Voucher, l.Serials))]) is { } units)
        {
            return units;
        }

        // From here the settlement must succeed.
        return Decision.Accept(
            Trade.Value,
            [
                new TradeEvent.TradeSettled(Trade, trade.Venue, trade.VenueTradeNumber, trade.Seller, trade.Buyer, trade.Lines, trade.Amount, trade.TradedAt),
                .. Trades.Trade.Delivered(trade),
            ]);
    }
}
