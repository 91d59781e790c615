using System.Text.Json;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>What a venue's trades say day by day, and the rules that take a price from them.</summary>
public sealed class VenuePriceSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_venues_days_show_volume_average_and_last()
    {
        var venue = await Api.OrganizationAsync("exchange");
        var before = await Api.HeadAsync();
        await TradeAsync(venue, "2021-08-20T02:00:00Z", (1_000, "40.00"));
        await TradeAsync(venue, "2021-08-20T06:00:00Z", (2_000, "43.00"), (500, "41.50"));
        await TradeAsync(venue, "2021-08-20T01:00:00Z", (1, "39.0001"));
        await TradeAsync(venue, "2021-08-20T16:00:00Z", (7, "45.00")); // midnight of the 21st in Shanghai
        await Api.DoAsync("/v1/reference-prices", new { venueId = venue, date = "2021-08-22", pricePerTonne = "44.00" });
        await Api.DoAsync("/v1/reference-prices", new { venueId = venue, date = "2021-08-22", pricePerTonne = "44.50" });

        var prices = await Api.ReadAsync($"/v1/venues/{venue}/prices");
        var days = prices.GetProperty("days");
        Assert.Equal(["2021-08-20", "2021-08-21", "2021-08-22"], days.EnumerateArray().Select(d => d.GetProperty("date").GetString()));

        // (40 × 1,000 + 43 × 2,000 + 41.5 × 500 + 39.0001 × 1) ÷ 3,501 = 146,789.0001 ÷ 3,501 = 41.9277…
        var first = days[0];
        Assert.Equal(
            (3, 3_501, "41.9277", "41.50", "39.0001", "43.00", "146.79"),
            (first.GetProperty("trades").GetInt32(), first.GetProperty("kilograms").GetInt32(), TextOrNull(first, "average"), TextOrNull(first, "last"), TextOrNull(first, "lowest"), TextOrNull(first, "highest"), TextOrNull(first, "amount")));
        Assert.Equal(("45.00", 7), (TextOrNull(days[1], "last"), days[1].GetProperty("kilograms").GetInt32()));
        Assert.Equal(("44.50", 0), (TextOrNull(days[2], "referencePrice"), days[2].GetProperty("trades").GetInt32()));
        Assert.Equal(("45.00", "2021-08-21", 4), (TextOrNull(prices.GetProperty("total"), "last"), TextOrNull(prices.GetProperty("total"), "lastDate"), prices.GetProperty("total").GetProperty("trades").GetInt32()));
        Assert.True(prices.GetProperty("logIndex").GetInt64() > before);
    }

    [Fact]
    public async Task Days_are_chosen_and_paged_and_known_at_a_past_instant()
    {
        var venue = await Api.OrganizationAsync("exchange");
        foreach (var day in Enumerable.Range(1, 5))
        {
            await Api.DoAsync("/v1/reference-prices", new { venueId = venue, date = $"2021-08-0{day}", pricePerTonne = $"4{day}.00" });
        }

        var then = Now();
        await Task.Delay(20);
        await Api.DoAsync("/v1/reference-prices", new { venueId = venue, date = "2021-08-03", pricePerTonne = "99.00" });

        var read = new List<string?>();
        string? cursor = null;
        do
        {
            var page = await Api.ReadAsync($"/v1/venues/{venue}/prices?from=2021-08-02&to=2021-08-04&limit=2{(cursor is null ? "" : "&cursor=" + cursor)}");
            read.AddRange(page.GetProperty("days").EnumerateArray().Select(d => $"{TextOrNull(d, "date")} {TextOrNull(d, "referencePrice")}"));
            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        Assert.Equal(["2021-08-02 42.00", "2021-08-03 99.00", "2021-08-04 44.00"], read);
        var past = await Api.ReadAsync($"/v1/venues/{venue}/prices?from=2021-08-03&to=2021-08-03&asOf={then}");
        Assert.Equal("43.00", TextOrNull(past.GetProperty("days")[0], "referencePrice"));
    }

    [Fact]
    public async Task Bad_questions_are_told()
    {
        var venue = (await Api.CastAsync()).Venue;
        await RefusedGetAsync(404, "organization-not-found", $"/v1/venues/{Nobody}/prices");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/venues/{venue}/prices?from=yesterday");
        await RefusedGetAsync(400, "period-reversed", $"/v1/venues/{venue}/prices?from=2021-08-02&to=2021-08-01");
        await RefusedGetAsync(400, "cursor-malformed", $"/v1/venues/{venue}/prices?cursor=ffffffff-0000-0000-0000-000000000000");
    }

    [Fact]
    public async Task A_loan_is_valued_by_its_banks_rule_with_rule_source_and_date()
    {
        // A server of its own: prices of any venue count.
        var venue = (await Api.CastAsync()).Venue;
        var bank = (await Api.CastAsync()).Bank;
        var id = (await Api.DoAsync("/v1/loans", await Api.LoanBodyAsync([await Api.PledgeAsync(await Api.VoucherAsync(10_000_000), 1_000_000)]))).Id;
        var yesterday = DateTime.UtcNow.AddHours(8).Date.AddDays(-1);
        string At(int daysBefore) => yesterday.AddDays(-daysBefore).ToString("yyyy-MM-dd");

        await PolicyAsync(bank, new { valuationRule = "average", averageDays = 10 });
        await IsAsync(id, "contractPrice", null, "41940.00", "average", "2021-08-20"); // no trade within ten days
        await PolicyAsync(bank, new { valuationRule = "referencePrice" });
        await Api.DoAsync("/v1/reference-prices", new { venueId = venue, date = At(3), pricePerTonne = "50.00" });
        await IsAsync(id, "referencePrice", "50.00", "50000.00", null, At(3));

        await TradeAsync(venue, At(9) + "T02:00:00Z", (3_000, "30.00"));
        await TradeAsync(venue, At(8) + "T02:00:00Z", (1_000, "34.00"));
        await TradeAsync(venue, At(20) + "T02:00:00Z", (1_000_000, "99.00"));
        await PolicyAsync(bank, new { valuationRule = "lastTrade" });
        await IsAsync(id, "lastTrade", "34.00", "34000.00", null, At(8));
        await PolicyAsync(bank, new { valuationRule = "average", averageDays = 11 });
        await IsAsync(id, "average", "31.00", "31000.00", null, At(8)); // (30 × 3 + 34 × 1) ÷ 4
        await PolicyAsync(bank, new { valuationRule = "average", averageDays = 10 });
        await IsAsync(id, "average", "34.00", "34000.00", null, At(8));
        await PolicyAsync(bank, new { valuationRule = "contractPrice" });
        await IsAsync(id, "contractPrice", null, "41940.00", null, "2021-08-20");
    }

    [Fact]
    public async Task Pages_show_the_position_of_the_first_one_whatever_is_registered_meanwhile()
    {
        var venue = await Api.OrganizationAsync("exchange");
        await TradeAsync(venue, "2021-08-20T02:00:00Z", (1_000, "40.00"));
        await TradeAsync(venue, "2021-08-21T02:00:00Z", (1_000, "41.00"));
        var first = await Api.ReadAsync($"/v1/venues/{venue}/prices?limit=1");
        await TradeAsync(venue, "2021-08-19T02:00:00Z", (1_000, "39.00"));
        await TradeAsync(venue, "2021-08-21T03:00:00Z", (1_000, "42.00"));
        var second = await Api.ReadAsync($"/v1/venues/{venue}/prices?limit=1&cursor={TextOrNull(first, "nextCursor")}");

        Assert.Equal(first.GetProperty("logIndex").GetInt64(), second.GetProperty("logIndex").GetInt64());
        Assert.Equal(first.GetProperty("total").GetRawText(), second.GetProperty("total").GetRawText());
        Assert.Equal([("2021-08-20", 1), ("2021-08-21", 1)], new[] { first, second }.SelectMany(p => p.GetProperty("days").EnumerateArray()).Select(d => (TextOrNull(d, "date"), d.GetProperty("trades").GetInt32())));
        Assert.Null(TextOrNull(second, "nextCursor"));
        await RefusedGetAsync(400, "cursor-malformed", $"/v1/venues/{venue}/prices?cursor={Nobody}");
    }

    private async Task IsAsync(string loan, string rule, string? price, string value, string? insteadOf, string sourceDate)
    {
        var wire = await Api.ReadAsync($"/v1/loans/{loan}");
        Assert.Equal(
            (rule, price, value, insteadOf, sourceDate),
            (TextOrNull(wire, "valuationRule"), TextOrNull(wire, "pricePerTonne"), TextOrNull(wire, "collateralValue"), TextOrNull(wire, "valuationInsteadOf"), TextOrNull(wire, "valuationSourceDate")));
        Assert.NotEqual("", TextOrNull(wire, "valuationSource"));
    }

    private Task PolicyAsync(string bank, object policy) => Api.DoAsync($"/v1/banks/{bank}/collateral-policy", policy, bank);

    private async Task TradeAsync(string venue, string tradedAt, params (long Kilograms, string Price)[] lines)
    {
        var vouchers = await Task.WhenAll(lines.Select(l => Api.VoucherAsync(l.Kilograms)));
        var account = vouchers[0].Account;
        foreach (var voucher in vouchers.Skip(1))
        {
            await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(voucher.Account, account, voucher.Line(voucher.Kilograms)));
        }

        var body = await Api.TradeBodyAsync(
            account, (await Api.CastAsync()).BuyerAccount, Api.Unique("T"), [.. vouchers.Zip(lines, (v, l) => (object)new { voucherId = v.Id, kilograms = l.Kilograms, pricePerTonne = l.Price })]);
        await Api.DoAsync("/v1/trades", body.With(new { venueId = venue, tradedAt }));
    }

    private static string? TextOrNull(JsonElement of, string member) => of.TryGetProperty(member, out var value) ? value.GetString() : null;
}
