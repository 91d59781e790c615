namespace CarbonLedger.Core.Trades;

/// <summary>Ends a hold whose time is over. The register itself does it, when it is due.</summary>
public sealed record ExpireTrade(TradeId Trade) : Command
{
    public override void Collect(Needs needs) => Trades.Trade.Collect(needs, Trade);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<TradeState>(Trade.Value) is not { } trade)
        {
            return new Refusal.TradeNotFound(Trade);
        }

        if (trade.Status != TradeStatus.Registered || trade.HoldUntil > context.Now)
        {
            return new Refusal.TradeNotOpen(Trade, trade.Status, "ending its hold for its time");
        }

        // From here the expiry must succeed.
        return Decision.Accept(Trade.Value, [new TradeEvent.TradeExpired(Trade), .. Trades.Trade.Unheld(trade)]);
    }
}
