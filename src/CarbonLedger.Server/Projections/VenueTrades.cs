using CarbonLedger.Core.Log;
using CarbonLedger.Core.Trades;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>The trades of each venue, day by day, in whatever state: what a venue's own list is held against.</summary>
internal static class VenueTrades
{
    public const string Table = "venue_trades";

    /// <summary>A trade that was registered to be settled later has its rows already.</summary>
    private const string Insert =
        """
        insert into venue_trades (trade_id, line, venue_id, date, trade_number, traded_at, seller_id, buyer_id, status, hold_until, voucher_id, kilograms, price_per_tonne, amount)
        select $1, l.line, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, l.voucher, l.kilograms, l.price, l.amount
        from unnest($10::uuid[], $11::bigint[], $12::numeric[], $13::numeric[]) with ordinality as l(voucher, kilograms, price, amount, line)
        on conflict (trade_id, line) do update set status = excluded.status
        """;

    public static NpgsqlBatchCommand? StatementOf(LedgerEvent fact) => fact switch
    {
        TradeEvent.TradeRegistered e => Inserted(e.Trade, e.Venue, e.VenueTradeNumber, e.Seller, e.Buyer, e.Lines, e.TradedAt, TradeStatus.Registered, e.HoldUntil),
        TradeEvent.TradeSettled e => Inserted(e.Trade, e.Venue, e.VenueTradeNumber, e.Seller, e.Buyer, e.Lines, e.TradedAt, TradeStatus.Settled, null),
        TradeEvent.TradeVoided e => Ended(e.Trade, TradeStatus.Voided),
        TradeEvent.TradeExpired e => Ended(e.Trade, TradeStatus.Expired),
        _ => null,
    };

    private static NpgsqlBatchCommand Inserted(
        TradeId trade, OrganizationId venue, string number, AccountId seller, AccountId buyer, IReadOnlyList<TradeLine> lines, Instant tradedAt, TradeStatus status, Instant? holdUntil) => StatementPipeline.Statement(
        Insert,
        trade.Value,
        venue.Value,
        RegistryCalendar.DateOf(tradedAt).ToDateOnly(),
        number,
        tradedAt.ToDateTimeUtc(),
        seller.Value,
        buyer.Value,
        Trade.NameOf(status),
        holdUntil?.ToDateTimeUtc(),
        lines.Select(l => l.Voucher.Value).ToArray(),
        lines.Select(l => l.Serials.Kilograms.Value).ToArray(),
        lines.Select(l => l.PricePerTonne.Amount).ToArray(),
        lines.Select(l => l.Amount.Amount).ToArray());

    private static NpgsqlBatchCommand Ended(TradeId trade, TradeStatus status) =>
        StatementPipeline.Statement("update venue_trades set status = $2 where trade_id = $1", trade.Value, Trade.NameOf(status));
}
