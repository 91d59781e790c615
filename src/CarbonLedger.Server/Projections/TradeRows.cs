using CarbonLedger.Core.Log;
using CarbonLedger.Core.Trades;
using Npgsql;
using NpgsqlTypes;

namespace CarbonLedger.Server.Projections;

/// <summary>
/// The trades of each venue, day by day, in whatever state: what a venue's own list is held against. And the prices of those that were settled. What one
/// step brings is gathered: a trade that is registered and settled within it is written once.
/// </summary>
internal sealed class TradeRows
{
    public static readonly IReadOnlyList<string> Tables = ["venue_trades", "trade_prices"];

    /// <summary>A trade that was registered in an earlier step has its rows already.</summary>
    private const string InsertTrades =
        """
        insert into venue_trades (trade_id, line, venue_id, date, trade_number, traded_at, seller_id, buyer_id, status, hold_until, voucher_id, kilograms, price_per_tonne, amount)
        select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::date[], $5::text[], $6::timestamptz[], $7::uuid[], $8::uuid[], $9::text[], $10::timestamptz[],
            $11::uuid[], $12::bigint[], $13::numeric[], $14::numeric[])
        on conflict (trade_id, line) do update set status = excluded.status
        """;

    private const string InsertPrices =
        """
        insert into trade_prices (log_index, line, venue_id, trade_number, traded_at, date, kilograms, price_per_tonne, amount)
        select * from unnest($1::bigint[], $2::int[], $3::uuid[], $4::text[], $5::timestamptz[], $6::date[], $7::bigint[], $8::numeric[], $9::numeric[])
        """;

    private const string EndTrades =
        "update venue_trades t set status = e.status from unnest($1::uuid[], $2::text[]) as e(trade_id, status) where t.trade_id = e.trade_id";

    private readonly Dictionary<TradeId, Row> trades = [];
    private readonly Dictionary<TradeId, TradeStatus> ended = [];

    public void Take(long logIndex, TradeEvent fact)
    {
        switch (fact)
        {
            case TradeEvent.TradeRegistered e:
                trades.Add(e.Trade, new Row(e.Venue, e.VenueTradeNumber, e.Seller, e.Buyer, e.Lines, e.TradedAt, e.HoldUntil, TradeStatus.Registered, null));
                break;
            case TradeEvent.TradeSettled e:
                var known = trades.GetValueOrDefault(e.Trade) ?? new Row(e.Venue, e.VenueTradeNumber, e.Seller, e.Buyer, e.Lines, e.TradedAt, null, default, null);
                trades[e.Trade] = known with { Status = TradeStatus.Settled, SettledIndex = logIndex };
                break;
            case TradeEvent.TradeVoided e:
                End(e.Trade, TradeStatus.Voided);
                break;
            case TradeEvent.TradeExpired e:
                End(e.Trade, TradeStatus.Expired);
                break;
            default:
                throw new InvalidOperationException($"No arm for {fact.GetType().Name}.");
        }
    }

    public async Task WriteAsync(StatementPipeline pipeline, CancellationToken stop)
    {
        var lines = trades.SelectMany(t => t.Value.Lines, (t, line) => (Trade: t.Key, Row: t.Value, Line: line)).ToArray();
        var numbers = trades.Values.SelectMany(t => Enumerable.Range(1, t.Lines.Count)).ToArray();
        if (lines.Length > 0)
        {
            await pipeline.AddAsync(
                StatementPipeline.Statement(
                    InsertTrades,
                    lines.Select(l => l.Trade.Value).ToArray(),
                    numbers,
                    lines.Select(l => l.Row.Venue.Value).ToArray(),
                    lines.Select(l => l.Row.Date).ToArray(),
                    lines.Select(l => l.Row.Number).ToArray(),
                    lines.Select(l => l.Row.TradedAt.ToDateTimeUtc()).ToArray(),
                    lines.Select(l => l.Row.Seller.Value).ToArray(),
                    lines.Select(l => l.Row.Buyer.Value).ToArray(),
                    lines.Select(l => Names.Of(l.Row.Status)).ToArray(),
                    new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, Value = lines.Select(l => l.Row.HoldUntil?.ToDateTimeUtc()).ToArray() },
                    lines.Select(l => l.Line.Voucher.Value).ToArray(),
                    lines.Select(l => l.Line.Serials.Kilograms.Value).ToArray(),
                    lines.Select(l => l.Line.PricePerTonne.Amount).ToArray(),
                    lines.Select(l => l.Line.Amount.Amount).ToArray()),
                stop);
        }

        var settled = lines.Zip(numbers).Where(l => l.First.Row.SettledIndex is not null).ToArray();
        if (settled.Length > 0)
        {
            await pipeline.AddAsync(
                StatementPipeline.Statement(
                    InsertPrices,
                    settled.Select(l => l.First.Row.SettledIndex!.Value).ToArray(),
                    settled.Select(l => l.Second).ToArray(),
                    settled.Select(l => l.First.Row.Venue.Value).ToArray(),
                    settled.Select(l => l.First.Row.Number).ToArray(),
                    settled.Select(l => l.First.Row.TradedAt.ToDateTimeUtc()).ToArray(),
                    settled.Select(l => l.First.Row.Date).ToArray(),
                    settled.Select(l => l.First.Line.Serials.Kilograms.Value).ToArray(),
                    settled.Select(l => l.First.Line.PricePerTonne.Amount).ToArray(),
                    settled.Select(l => l.First.Line.Amount.Amount).ToArray()),
                stop);
        }

        if (ended.Count > 0)
        {
            await pipeline.AddAsync(
                StatementPipeline.Statement(EndTrades, ended.Keys.Select(t => t.Value).ToArray(), ended.Values.Select(Names.Of).ToArray()), stop);
        }
    }

    private void End(TradeId trade, TradeStatus status)
    {
        if (trades.TryGetValue(trade, out var row))
        {
            trades[trade] = row with { Status = status };
        }
        else
        {
            ended.Add(trade, status);
        }
    }

    private sealed record Row(
        OrganizationId Venue,
        string Number,
        AccountId Seller,
        AccountId Buyer,
        IReadOnlyList<TradeLine> Lines,
        Instant TradedAt,
        Instant? HoldUntil,
        TradeStatus Status,
        long? SettledIndex)
    {
        /// <summary>The day of the trade in the register's time zone.</summary>
        public DateOnly Date { get; } = RegistryCalendar.DateOf(TradedAt).ToDateOnly();
    }
}
