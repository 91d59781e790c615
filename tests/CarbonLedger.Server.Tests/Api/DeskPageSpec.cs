using System.Text.RegularExpressions;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>The pages of a loan, a pledge and a trade say what the API says, and lead to each other.</summary>
public sealed class DeskPageSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_loan_shows_what_is_owed_and_how_each_payment_fell()
    {
        var (cast, v) = (await Api.CastAsync(), await Api.VoucherAsync());
        var pledge = await Api.PledgeAsync(v, 1000);
        var id = await Api.LoanAsync(pledge);
        await Api.DoAsync($"/v1/loans/{id}/costs", new { amount = "80.00", date = "2021-09-01", reason = "Notary & filing" });
        var then = Now();
        await Task.Delay(20);
        await Api.DoAsync($"/v1/loans/{id}/repayments", new { amount = "500.00", date = "2021-10-01" });
        var page = await TextAsync($"/loans/{id}");
        var rows = RowsOf(page);

        // 30 days at 4.35 %: 1,000 × 0.0435 × 30 ÷ 360 = 3.625, rounded half away from zero; 500 − 80 − 3.63 are left for the principal.
        Assert.Equal(["2021-09-01", "放款 opened", "1,000.00", "0.00", "", "", "", "1,000.00", "4.35 %"], rows[0]);
        Assert.Equal(["2021-09-01", "费用 costs charged", "80.00", "0.00", "", "", "", "1,080.00", "Notary & filing"], rows[1]);
        Assert.Equal(["2021-10-01", "还款 repaid", "500.00", "3.63", "80.00", "3.63", "416.37", "583.63", ""], rows[2]);
        var outstanding = decimal.Parse(Text(await Api.ReadAsync($"/v1/loans/{id}"), "outstanding"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"<strong>{outstanding:#,##0.00} CNY</strong>", page);
        Assert.Contains($"href=\"/pledges/{pledge}\"", page);
        Assert.Contains($"href=\"/banks/{cast.Bank}/loan-book\"", page);
        Assert.Contains(await NameAsync(cast.Owner), page);

        Assert.Equal(2, RowsOf(await TextAsync($"/loans/{id}?asOf={then}")).Length);
        var first = await TextAsync($"/loans/{id}?limit=2");
        var second = await TextAsync(Regex.Match(first, $"href=\"(/loans/{id}\\?cursor=[^\"]+)\"").Groups[1].Value);
        Assert.Equal([rows[0], rows[1]], RowsOf(first));
        Assert.Equal([rows[2]], RowsOf(second));
    }

    [Fact]
    public async Task A_loan_behind_another_and_under_a_call_says_so()
    {
        var (v, bank) = (await Api.VoucherAsync(2000), await Api.OrganizationAsync("bank"));
        await Api.DoAsync($"/v1/banks/{bank}/collateral-policy", new { warningLoanToValue = 0.1, liquidationLoanToValue = 0.2, valuationRule = "contractPrice" }, bank);
        var before = (await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(v.Account, v.Line((1, 1000)))).With(new { mode = "ranked", securedAmount = "20.00" }))).Id;
        var behind = (await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(v.Account, v.Line((1, 1000)))).With(new { mode = "ranked", pledgeeId = bank }))).Id;
        var id = (await Api.DoAsync("/v1/loans", (await Api.LoanBodyAsync([behind], "30.00")).With(new { bankId = bank, annualRate = 0 }))).Id;
        await Api.DoAsync($"/v1/loans/{id}/rate-changes", new { annualRate = "0.0715", from = "2098-01-01", reason = "Review" }, bank);
        await Api.DoAsync($"/v1/banks/{bank}/margin-runs", new { }, bank);
        var loan = await TextAsync($"/loans/{id}");
        Assert.Contains("20.00 CNY；清偿在先顺位后余值 left after them 21.94 CNY", loan);
        Assert.Contains("已突破处置线 past the liquidation level", loan);
        Assert.Contains("自 from 2098-01-01 7.15 %", loan);
        Assert.Contains("余额 owed 30.00，价值 value 41.94，质押率 LTV 71.53 %", loan);
        var pledge = await TextAsync($"/pledges/{behind}");
        Assert.Contains("第 2 顺位 rank 2", pledge);
        Assert.Matches($"href=\"/pledges/{before}\">.*?</a> {Regex.Escape(await NameAsync((await Api.CastAsync()).Bank))}：20.00 CNY，1.000 t", pledge);
    }

    [Fact]
    public async Task A_pledge_shows_its_life_and_who_got_what()
    {
        var (cast, v, until) = (await Api.CastAsync(), await Api.VoucherAsync(3000), $"{DateTime.UtcNow.AddDays(2):yyyy-MM-dd}T00:00:00Z");
        var body = (await Api.PledgeBodyAsync(v.Account, v.Line(2000))).With(new { reserveUntil = until, mode = "ranked", securedAmount = "60.00", debtorId = cast.Buyer, claimKind = "流动资金贷款", scope = new[] { "principal", "interest" } });
        var id = (await Api.DoAsync("/v1/pledges", body)).Id;
        var then = Now();
        await Task.Delay(20);
        await Api.DoAsync($"/v1/pledges/{id}/register", new { filingNumber = "ZD-2021-77" }, cast.Bank);
        await Api.DoAsync($"/v1/pledges/{id}/substitutions", new { @in = new[] { v.Line((2001, 2500)) }, @out = new[] { v.Line((1, 500)) }, reason = "exchange" }, cast.Bank);
        await Api.DoAsync($"/v1/pledges/{id}/releases", new { lines = new[] { v.Line((501, 1000)) }, reason = "waived" }, cast.Bank);
        await Api.DoAsync($"/v1/pledges/{id}/default-notices", new { date = "2021-10-01", reason = "Unpaid" }, cast.Bank);
        var before = await TextAsync($"/pledges/{id}");
        Assert.Contains(">1,001–2,500<", before);
        Assert.Contains("已通知违约 default notified，违约通知 default notice 2021-10-01", before);
        await Api.DoAsync($"/v1/pledges/{id}/enforcements", new { method = "auction", buyerAccountId = cast.BuyerAccount, pricePerTonne = "50.00", costs = "5.00" }, cast.Bank);

        var page = await TextAsync($"/pledges/{id}");
        var rows = RowsOf(page);
        Assert.Equal(
            ["预留 reserved", "登记 registered", "置换 substituted", "解押 released", "通知违约 default notified", "处置 enforced"],
            rows[^6..].Select(r => r[1]));
        Assert.Equal(
            [$"2.000 t；至 until {until}", "ZD-2021-77", "换入 in 0.500 t；换出 out 0.500 t；exchange", "0.500 t；放弃 waived", "2021-10-01；Unpaid", "1.500 t；拍卖 auction"],
            rows[^6..].Select(r => r[2]));

        // 1.5 t at 50.00 are 75.00: 5.00 to costs, 60.00 secured, 10.00 left.
        Assert.Equal(["所得 Proceeds", "", "", "75.00", ""], rows[0]);
        Assert.Equal(["费用 Costs", "", "", "5.00", ""], rows[1]);
        Assert.Equal([$"{Ending(id)} {await NameAsync(cast.Bank)}", "1", "60.00", "60.00", "0.00"], rows[2]);
        Assert.Equal(["余款归出质人 Surplus to the pledgor", "", "", "10.00", ""], rows[3]);
        Assert.Contains("流动资金贷款；担保范围 scope 本金 principal、利息 interest", page);
        Assert.Contains($"<dt>债务人 Debtor</dt><dd>{await NameAsync(cast.Buyer)}</dd>", page);
        Assert.Contains($"href=\"/accounts/{v.Account}\"", page);
        Assert.Contains("<dt>处置受偿 Recovered</dt><dd>60.00 CNY</dd>", page);
        Assert.Contains($"预留 reserved，至 until {until}", await TextAsync($"/pledges/{id}?asOf={then}"));
    }

    [Fact]
    public async Task A_pledge_that_a_court_ended_says_on_which_document()
    {
        var id = await Api.PledgeAsync(await Api.VoucherAsync(), 1000);
        await Api.DoAsync($"/v1/pledges/{id}/void", new { authority = "兰州新区人民法院", documentNumber = "(2021) 7 号", reason = "void" });
        Assert.Equal(["法院撤销 voided by court", "兰州新区人民法院，(2021) 7 号；void"], RowsOf(await TextAsync($"/pledges/{id}"))[^1][1..3]);
    }

    [Fact]
    public async Task A_trade_shows_parties_serials_amounts_and_where_it_stands()
    {
        var (cast, v) = (await Api.CastAsync(), await Api.VoucherAsync());
        var id = (await Api.DoAsync("/v1/trades", await DeferredTradeSpec.BodyAsync(Api, v, cast.BuyerAccount, holdUntil: null))).Id;
        var held = await TextAsync($"/trades/{id}");
        Assert.Contains("待交收 awaiting settlement，占用至 held until 20", held);
        await Api.DoAsync($"/v1/trades/{id}/settle", new { }, cast.Venue);
        var page = await TextAsync($"/trades/{id}");
        var rows = RowsOf(page);
        Assert.Equal((await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("serial").GetString(), rows[0][0]);
        Assert.Equal(["1–600", "0.600", "41.94", "25.16"], rows[0][1..]);
        Assert.Equal(["登记 registered", "交收 settled"], rows[1..].Select(r => r[1]));
        Assert.Contains("<dt>状态 Status</dt><dd>已交收 settled</dd>", page);
        Assert.Contains($"<dt>交易场所 Venue</dt><dd><a href=\"/venues/{cast.Venue}\">{await NameAsync(cast.Venue)}</a></dd>", page);
        Assert.Contains($"href=\"/accounts/{cast.BuyerAccount}\"", page);

        var gone = (await Api.DoAsync("/v1/trades", await DeferredTradeSpec.BodyAsync(Api, await Api.VoucherAsync(), cast.BuyerAccount, holdUntil: null))).Id;
        await Api.DoAsync($"/v1/trades/{gone}/void", new { reason = "No payment" }, cast.Venue);
        Assert.Contains("已作废 voided，No payment", await TextAsync($"/trades/{gone}"));
    }

    [Fact]
    public async Task A_venue_shows_its_days_and_is_found_from_the_front()
    {
        var (cast, venue, v) = (await Api.CastAsync(), await Api.OrganizationAsync("exchange"), await Api.VoucherAsync());
        foreach (var (day, price) in new[] { ("2021-08-20", "40.00"), ("2021-08-23", "42.00") })
        {
            var trade = await Api.TradeBodyAsync(v.Account, cast.BuyerAccount, Api.Unique("T"), new { voucherId = v.Id, kilograms = 500, pricePerTonne = price });
            await Api.DoAsync("/v1/trades", trade.With(new { venueId = venue, tradedAt = $"{day}T02:00:00Z" }));
        }

        await Api.DoAsync("/v1/reference-prices", new { venueId = venue, date = "2021-08-23", pricePerTonne = "41.94" });
        string[] friday = ["2021-08-20", "1", "0.500", "20.00", "40.00", "40.00", "40.00", "40.00", ""], monday = ["2021-08-23", "1", "0.500", "21.00", "42.00", "42.00", "42.00", "42.00", "41.94"];
        Assert.Equal([friday, monday, ["合计 Total", "2", "1.000", "41.00", "41.00", "", "", "42.00", ""]], RowsOf(await TextAsync($"/venues/{venue}?from=&to=&asOf=")));
        Assert.Equal([monday, ["合计 Total", "1", "0.500", "21.00", "42.00", "", "", "42.00", ""]], RowsOf(await TextAsync($"/venues/{venue}?from=2021-08-21")));
        var ofDay = await TextAsync($"/venues/{venue}?from=2021-08-23&to=2021-08-23");
        Assert.Contains($"href=\"/venues/{venue}?from=2021-08-23&to=2021-08-23\"", ofDay);
        Assert.Equal(["2021-08-23T02:00:00Z", "已交收 settled", "0.500", "21.00"], RowsOf(ofDay)[^1][1..]);
        Assert.Matches($"href=\"/trades/{(await Api.ReadAsync($"/v1/trades?venueId={venue}")).GetProperty("items")[1].GetProperty("id").GetString()}\"", ofDay);
        var first = await TextAsync($"/venues/{venue}?limit=1&to=2021-08-31");
        Assert.Equal(friday, RowsOf(first)[0]);
        Assert.Equal(monday, RowsOf(await TextAsync(Regex.Match(first, "href=\"(/venues/[^\"]+cursor=[^\"]+)\"").Groups[1].Value))[0]);
        Assert.Contains($"href=\"/venues/{venue}\"", await TextAsync("/"));
        await RefusedGetAsync(400, "value-out-of-range", $"/venues/{venue}?from=2021-02-30");
        await RefusedGetAsync(400, "period-reversed", $"/venues/{venue}?from=2021-08-21&to=2021-08-20");
        await RefusedGetAsync(404, "organization-not-found", $"/venues/{Nobody}");
    }

    [Fact]
    public async Task The_instant_on_a_page_leads_to_the_same_page_and_its_JSON_to_the_same_instant()
    {
        var (cast, v) = (await Api.CastAsync(), await Api.VoucherAsync());
        var pledge = await Api.PledgeAsync(v, 1000);
        var loan = await Api.LoanAsync(pledge);
        var trade = (await Api.DoAsync("/v1/trades", await DeferredTradeSpec.BodyAsync(Api, await Api.VoucherAsync(), cast.BuyerAccount, holdUntil: null))).Id;
        foreach (var (page, json) in new[]
        {
            ($"/loans/{loan}", $"/v1/loans/{loan}"), ($"/pledges/{pledge}", $"/v1/pledges/{pledge}"), ($"/trades/{trade}", $"/v1/trades/{trade}"),
            ($"/venues/{cast.Venue}?from=2021-01-01", $"/v1/venues/{cast.Venue}/prices?from=2021-01-01"), ($"/banks/{cast.Bank}/loan-book", null), ($"/accounts/{v.Account}", null),
        })
        {
            var now = await TextAsync(page);
            var instant = Regex.Match(now, "截至 As of (\\S+?)（UTC）").Groups[1].Value;
            var then = await TextAsync(InstantOf(page, instant));
            Assert.Equal(RowsOf(now), RowsOf(then));
            Assert.Contains($"name=\"asOf\" value=\"{instant}\"", then);
            if (json is not null)
            {
                Assert.Contains($"<a href=\"{json}\">JSON</a>", now);
                Assert.Contains($"<a href=\"{InstantOf(json, instant)}\">JSON</a>", then);
            }
        }

        // What a history says was recorded at an instant had been recorded at that instant, not only later in its second.
        var recorded = RowsOf(await TextAsync($"/pledges/{pledge}"))[^1][0];
        Assert.Equal(recorded, RowsOf(await TextAsync($"/pledges/{pledge}?asOf={recorded}"))[^1][0]);

        static string InstantOf(string address, string instant) => $"{address}{(address.Contains('?') ? '&' : '?')}asOf={instant}";
    }

    [Fact]
    public async Task What_is_not_there_has_no_page()
    {
        await RefusedGetAsync(404, "loan-not-found", $"/loans/{Nobody}");
        await RefusedGetAsync(404, "pledge-not-found", $"/pledges/{Nobody}");
        await RefusedGetAsync(404, "trade-not-found", $"/trades/{Nobody}");
        var pledge = await Api.PledgeAsync(await Api.VoucherAsync(), 1);
        await RefusedGetAsync(404, "loan-not-found", $"/loans/{pledge}");
        await RefusedGetAsync(404, "pledge-not-found", $"/pledges/{pledge}?asOf=2021-01-01T00:00:00Z");
    }

    private static string Ending(string id) => "…" + id[^12..];

    private async Task<string> NameAsync(string organization) => Text(await Api.ReadAsync($"/v1/organizations/{organization}"), "name");

    /// <summary>The cells of every row of the page's tables, without their marks.</summary>
    private static string[][] RowsOf(string page) =>
        [.. Regex.Matches(page, "<tr[^>]*>(.*?)</tr>", RegexOptions.Singleline).Select(row => Regex.Matches(row.Groups[1].Value, "<td[^>]*>(.*?)</td>", RegexOptions.Singleline)
            .Select(cell => Regex.Replace(cell.Groups[1].Value, "<[^>]+>", "").Trim()).ToArray()).Where(cells => cells.Length > 0)];
}
