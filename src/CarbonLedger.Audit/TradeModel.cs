using System.Text.Json;
using CarbonLedger.Core.Values;
using NodaTime;

namespace CarbonLedger.Audit;

/// <summary>The trades of each venue line by line, how they ended, and the prices of those that were settled.</summary>
public sealed class TradeModel : RowModel
{
    private readonly RowTable trades = new(
        "venue_trades",
        2,
        """
        select trade_id, line, venue_id, date, trade_number, traded_at, seller_id, buyer_id, hold_until, voucher_id, kilograms,
            trim_scale(price_per_tonne)::text, trim_scale(amount)::text
        from ledger.venue_trades
        """);

    // Apart from the rest, so that the end of a trade needs to remember no more of it than its lines' number.
    private readonly RowTable ends = new("venue_trades", 2, "select trade_id, line, status from ledger.venue_trades");

    private readonly RowTable prices = new(
        "trade_prices",
        2,
        """
        select log_index, line, venue_id, trade_number, traded_at, date, kilograms, trim_scale(price_per_tonne)::text, trim_scale(amount)::text
        from ledger.trade_prices
        """);

    private readonly Dictionary<Guid, int> lineCounts = [];

    public override string Projection => Checkpoints.Loans;

    public override IReadOnlyList<RowTable> Tables => [trades, ends, prices];

    public override void Apply(long position, string type, JsonElement data)
    {
        switch (type)
        {
            case "trade_registered":
                Enter(position, data);
                End(position, data, "registered");
                break;
            case "trade_settled":
                if (!lineCounts.ContainsKey(data.GetProperty("trade").GetGuid()))
                {
                    Enter(position, data);
                }

                Price(position, data);
                End(position, data, "settled");
                break;
            case "trade_voided":
                End(position, data, "voided");
                break;
            case "trade_expired":
                End(position, data, "expired");
                break;
        }
    }

    private void Enter(long position, JsonElement data)
    {
        var (trade, number) = (data.GetProperty("trade").GetGuid(), 0);
        foreach (var line in data.GetProperty("lines").EnumerateArray())
        {
            trades.Set(
                position, [trade, ++number], data.GetProperty("venue").GetGuid(), DateOf(data), Text(data, "venueTradeNumber"), InstantOf(data, "tradedAt"),
                data.GetProperty("seller").GetGuid(), data.GetProperty("buyer").GetGuid(), data.TryGetProperty("holdUntil", out _) ? InstantOf(data, "holdUntil") : null,
                line.GetProperty("voucher").GetGuid(), Kilograms(line), Amount(line, "pricePerTonne"), Amount(line, "amount"));
        }

        lineCounts[trade] = number;
    }

    private void Price(long position, JsonElement data)
    {
        var number = 0;
        foreach (var line in data.GetProperty("lines").EnumerateArray())
        {
            prices.Set(
                position, [position, ++number], data.GetProperty("venue").GetGuid(), Text(data, "venueTradeNumber"), InstantOf(data, "tradedAt"), DateOf(data),
                Kilograms(line), Amount(line, "pricePerTonne"), Amount(line, "amount"));
        }
    }

    private void End(long position, JsonElement data, string status)
    {
        var trade = data.GetProperty("trade").GetGuid();
        for (var line = 1; line <= lineCounts[trade]; line++)
        {
            ends.Set(position, [trade, line], status);
        }
    }

    private static DateTime InstantOf(JsonElement data, string name) => data.GetProperty(name).GetDateTime().ToUniversalTime();

    private static DateOnly DateOf(JsonElement data) => RegistryCalendar.DateOf(Instant.FromDateTimeUtc(InstantOf(data, "tradedAt"))).ToDateOnly();
}
