namespace CarbonLedger.Core.Trades;

/// <summary>The venue gives up a registered trade: the hold ends and the units stay the seller's, under whatever freeze lies on them.</summary>
public sealed record VoidTrade(TradeId Trade, string? Reason) : Command
{
    public override void Collect(Needs needs) => Trades.Trade.Collect(needs, Trade);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<TradeState>(Trade.Value) is not { } trade)
        {
            return new Refusal.TradeNotFound(Trade);
        }

        if (Trades.Trade.CannotEnd(trade, context, "voiding") is { } refusal)
        {
            return refusal;
        }

        // From here the voiding must succeed.
        return Decision.Accept(Trade.Value, [new TradeEvent.TradeVoided(Trade, Reason), .. Trades.Trade.Unheld(trade)]);
    }
}
