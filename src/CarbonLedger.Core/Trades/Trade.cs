namespace CarbonLedger.Core.Trades;

/// <summary>One line of a trade.</summary>
/// <param name="Amount">price × tonnes, rounded half away from zero to the fen.</param>
public sealed record TradeLine(VoucherId Voucher, SerialRanges Serials, PricePerTonne PricePerTonne, Money Amount);

public abstract record TradeEvent : LedgerEvent
{
    private TradeEvent() { }

    /// <summary>An exchange registered a trade and the units moved at once.</summary>
    public sealed record TradeSettled(
        TradeId Trade,
        OrganizationId Venue,
        string VenueTradeNumber,
        AccountId Seller,
        AccountId Buyer,
        IReadOnlyList<TradeLine> Lines,
        Money Amount,
        Instant TradedAt) : TradeEvent
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public override Guid Stream => Trade.Value;
    }
}

public static class Trade
{
    public static void Evolve(Register register, TradeEvent fact)
    {
        switch (fact)
        {
            case TradeEvent.TradeSettled e:
                register.Take(UniqueName.VenueTrade(e.Venue, e.VenueTradeNumber));
                break;
            default:
                throw new InvalidOperationException($"No arm for {fact.GetType().Name}.");
        }
    }
}
