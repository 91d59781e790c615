using System.Globalization;
using System.Text.Json;
using CarbonLedger.Server.Tests.Api;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Statements;

/// <summary>Statements of account: opening + entries = closing, whatever the period, page or form.</summary>
public sealed class AccountStatementSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private static readonly string[] Figures = ["owned", "free", "held", "pledged", "frozen"];

    [Fact]
    public async Task Everything_that_touches_an_account_is_an_entry()
    {
        var (v, account) = await EventfulAsync();
        var statement = await Api.ReadAsync($"/v1/accounts/{account}/statement");
        var entries = statement.GetProperty("entries").EnumerateArray().ToArray();

        Assert.Equal(
            [
                "issued 1000", "transferredOut -100", "sold -50", "transferredIn 10", "pledged 300", "frozen 100", "released 200", "unfrozen 100", "retired -60", "accountFrozen ", "accountUnfrozen ",
            ],
            entries.Select(e => $"{Text(e, "what")} {(e.TryGetProperty("kilograms", out var kg) ? kg.GetInt64() : "")}"));
        Assert.Equal([0, 0, 0, 0, 0], Balance(statement.GetProperty("opening")));
        Assert.Equal([800, 700, 0, 100, 0], Balance(statement.GetProperty("closing")));
        AddsUp(statement);

        var (_, sold, got, pledged, frozen, released) = (entries[1], entries[2], entries[3], entries[4], entries[5], entries[6]);
        Assert.Matches("^CN-620171-SLCT-\\d{6}-2020-01-0000000101-0000000150-..$", Assert.Single(sold.GetProperty("serials").EnumerateArray()).GetString());
        Assert.Equal((await Api.CastAsync()).BuyerAccount, Text(sold, "counterpartyAccountId"));
        Assert.StartsWith("T-", Text(sold, "tradeNumber"));
        Assert.True(sold.TryGetProperty("tradeId", out _));
        Assert.Equal("back", Text(got, "reason"));
        Assert.Equal(Text(pledged, "pledgeId"), Text(released, "pledgeId"));
        Assert.Equal(("waived", "inquiry"), (Text(released, "reason"), Text(frozen, "reason")));
        Assert.Equal("carbonNeutralOperation", Text(entries[8], "reason"));
        Assert.Equal([0, 0, 0, 0, 100], Balance(frozen.GetProperty("change"))); // those serials were pledged already
        var own = Assert.Single(statement.GetProperty("vouchers").EnumerateArray());
        Assert.Equal((v.Id, 800L), (Text(own, "voucherId"), own.GetProperty("closing").GetProperty("owned").GetInt64()));
    }

    [Fact]
    public async Task Any_period_adds_up_and_periods_join_without_gap_or_overlap()
    {
        var (_, account) = await EventfulAsync();
        var whole = await Api.ReadAsync($"/v1/accounts/{account}/statement");
        var times = whole.GetProperty("entries").EnumerateArray().Select(e => Text(e, "at")).Distinct().ToArray();
        var before = await Api.ReadAsync($"/v1/accounts/{account}/statement?from=2020-01-01&to=2020-12-31");
        Assert.Equal((0, 0), (before.GetProperty("entries").GetArrayLength(), before.GetProperty("closing").GetProperty("owned").GetInt64()));
        for (var i = 0; i + 1 < times.Length; i++)
        {
            var early = await Api.ReadAsync($"/v1/accounts/{account}/statement?from=2020-01-01&to={times[i]}");
            var late = await Api.ReadAsync($"/v1/accounts/{account}/statement?from={times[i + 1]}");
            AddsUp(early);
            AddsUp(late);
            Assert.Equal(Balance(early.GetProperty("closing")), Balance(late.GetProperty("opening")));
            Assert.Equal(whole.GetProperty("entries").GetArrayLength(), early.GetProperty("entries").GetArrayLength() + late.GetProperty("entries").GetArrayLength());
            var balances = await Api.ReadAsync($"/v1/accounts/{account}/balances?asOf={times[i]}");
            Assert.Equal(balances.GetProperty("totals").GetProperty("owned").GetInt64(), Balance(early.GetProperty("closing"))[0]);
            var asOf = await Api.ReadAsync($"/v1/accounts/{account}/statement?asOf={times[i]}");
            Assert.Equal(early.GetProperty("entries").GetRawText(), asOf.GetProperty("entries").GetRawText());
        }
    }

    [Fact]
    public async Task Days_are_those_of_Shanghai_and_the_present_month_is_the_default()
    {
        var (_, account) = await EventfulAsync();
        var statement = await Api.ReadAsync($"/v1/accounts/{account}/statement?from=2021-03-01&to=2021-03-31");
        Assert.Equal(("2021-02-28T16:00:00Z", "2021-03-31T15:59:59.999999Z"), (Text(statement, "from"), Text(statement, "to")));

        var china = DateTime.UtcNow.AddHours(8);
        var month = new DateTime(china.Year, china.Month, 1).AddHours(-8).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        Assert.Equal(month, Text(await Api.ReadAsync($"/v1/accounts/{account}/statement"), "from"));
        Assert.Equal("2021-04-30T16:00:00Z", Text(await Api.ReadAsync($"/v1/accounts/{account}/statement?to=2021-05-20"), "from"));

        // At a past instant it is the month of then, whenever it is asked.
        var then = await Api.ReadAsync($"/v1/accounts/{account}/statement?asOf=2021-05-19T20:00:00Z");
        Assert.Equal(("2021-04-30T16:00:00Z", "2021-05-20T15:59:59.999999Z"), (Text(then, "from"), Text(then, "to")));
    }

    [Fact]
    public async Task What_a_revocation_takes_has_its_reason()
    {
        var v = await Api.VoucherAsync(100);
        await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", new { reason = "核证报告作废", document = new { number = "D-9" } });
        var cancelled = (await Api.ReadAsync($"/v1/accounts/{v.Account}/statement")).GetProperty("entries").EnumerateArray().Last();
        Assert.Equal(("cancelled", -100, "核证报告作废"), (Text(cancelled, "what"), cancelled.GetProperty("kilograms").GetInt32(), Text(cancelled, "reason")));
    }

    [Fact]
    public async Task Pages_hold_every_entry_once_and_show_one_position_whatever_happens_meanwhile()
    {
        var (v, account) = await EventfulAsync();
        var whole = (await Api.ReadAsync($"/v1/accounts/{account}/statement")).GetProperty("entries").EnumerateArray().Select(e => e.GetRawText()).ToArray();
        var (entries, closings, cursor) = (new List<string>(), new HashSet<long>(), "");
        do
        {
            var page = await Api.ReadAsync($"/v1/accounts/{account}/statement?limit=2{cursor}");
            Assert.Equal(cursor == "", page.TryGetProperty("vouchers", out _));
            entries.AddRange(page.GetProperty("entries").EnumerateArray().Select(e => e.GetRawText()));
            closings.Add(page.GetProperty("closingLogIndex").GetInt64());
            cursor = page.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : "";
            await Api.DoAsync("/v1/transfers", TransferBody(account, (await Api.CastAsync()).BuyerAccount, v.Line(1)));
        }
        while (cursor != "");

        Assert.Equal(whole, entries);
        Assert.Single(closings);
    }

    [Fact]
    public async Task The_same_statement_as_csv()
    {
        var (v, account) = await EventfulAsync();
        await Api.DoAsync("/v1/transfers", new { fromAccountId = account, toAccountId = (await Api.CastAsync()).BuyerAccount, lines = new[] { v.Line(1) }, reason = "=1+1, \"组织\"" });
        var answer = await Api.GetAsync($"/v1/accounts/{account}/statement?format=csv&limit=1");
        Assert.Equal((200, "text/csv"), (answer.Status, answer.ContentHeaders.ContentType?.MediaType));
        Assert.Equal([0xEF, 0xBB, 0xBF], answer.Bytes[..3]);
        var lines = answer.Text.TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var columns = lines[0].Split(',');
        Assert.Equal(15, lines.Length); // columns, opening, 12 entries, closing
        Assert.EndsWith(",\"'=1+1, \"\"组织\"\"\",registrar", lines[13]);
        var rows = lines[1..].Select(l => l.Split(',')).ToArray();
        Assert.Equal(["opening", "closing"], [rows[0][2], rows[^1][2]]);
        foreach (var figure in Figures)
        {
            long Of(string[] row, string column) => long.Parse(row[Array.IndexOf(columns, column)] is { Length: > 0 } text ? text : "0", CultureInfo.InvariantCulture);
            Assert.Equal(Of(rows[^1], figure), Of(rows[0], figure) + rows[1..^1].Sum(r => Of(r, figure + "Change")));
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/accounts/{account}/statement") { Headers = { Accept = { new("text/csv") } } };
        Assert.Equal(answer.Text, (await Api.SendAsync(request)).Text);
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("-A4")]
    [InlineData("+A4")]
    [InlineData("@A4")]
    [InlineData("＝1+1")]
    public async Task What_others_wrote_is_no_formula_in_a_csv(string words)
    {
        var (v, cast) = (await Api.VoucherAsync(), await Api.CastAsync());
        await Api.DoAsync("/v1/trades", await Api.TradeBodyAsync(v.Account, cast.BuyerAccount, words, new { voucherId = v.Id, kilograms = 1, pricePerTonne = "41.94" }));
        await Api.DoAsync("/v1/transfers", new { fromAccountId = v.Account, toAccountId = cast.BuyerAccount, lines = new[] { v.Line(1) }, reason = words });
        var csv = (await Api.GetAsync($"/v1/accounts/{v.Account}/statement?format=csv")).Text;
        Assert.Equal(2, csv.Split($",'{words},").Length - 1);
        Assert.DoesNotContain($",{words},", csv);
    }

    [Fact]
    public async Task The_csv_says_too_that_the_account_is_frozen()
    {
        var v = await Api.VoucherAsync(1000);
        var freeze = await Api.DoAsync("/v1/freezes", new { accountId = v.Account, authority = "court", documentNumber = "D-1", kind = "judicial" });
        Assert.Equal(["false", "", "", "true"], await FlagsAsync());
        await Api.DoAsync($"/v1/freezes/{freeze.Id}/lift", new { authority = "court", documentNumber = "D-2" });
        Assert.Equal(["false", "", "", "", "false"], await FlagsAsync());

        async Task<string[]> FlagsAsync()
        {
            var rows = (await Api.GetAsync($"/v1/accounts/{v.Account}/statement?format=csv")).Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',')).ToArray();
            return [.. rows[1..].Select(r => r[Array.IndexOf(rows[0], "accountFrozen")])];
        }
    }

    [Fact]
    public async Task A_statement_is_for_the_holder_and_the_registrar()
    {
        var (_, account) = await EventfulAsync();
        var (cast, path) = (await Api.CastAsync(), $"/v1/accounts/{account}/statement");
        Assert.Equal(200, (await Api.GetAsync(path, cast.Owner)).Status);
        await RefusedAsync(403, "not-authorized", () => Api.GetAsync(path, cast.Bank));
        await RefusedAsync(403, "acting-organization-unknown", () => Api.GetAsync(path, Nobody));
        await RefusedGetAsync(404, "account-not-found", $"/v1/accounts/{Nobody}/statement");
    }

    [Theory]
    [InlineData("from=yesterday", "value-out-of-range")]
    [InlineData("to=2021-02-30", "value-out-of-range")]
    [InlineData("from=0001-01-01", "value-out-of-range")]
    [InlineData("from=-9998-01-01", "value-out-of-range")]
    [InlineData("to=9999-12-31", "value-out-of-range")]
    [InlineData("to=0001-01-01T00:00:00Z", "value-out-of-range")]
    [InlineData("from=2099-01-01&to=2099-01-31", "value-out-of-range")]
    [InlineData("from=2021-02-02&to=2021-02-01", "period-reversed")]
    [InlineData("format=xml", "value-out-of-range")]
    [InlineData("cursor=x", "cursor-malformed")]
    [InlineData("cursor=7fffffff-ffff-ffff-0000-000000000001", "cursor-malformed")]
    [InlineData("cursor=ffffffff-ffff-ffff-ffff-ffffffffffff", "cursor-malformed")]
    [InlineData("cursor=00000000-0000-0001-0000-000000000002", "cursor-malformed")]
    [InlineData("asOf=2099-01-01T00:00:00Z", "as-of-in-future")]
    public async Task A_period_of_another_form_is_refused(string query, string code) =>
        await RefusedGetAsync(400, code, $"/v1/accounts/{(await Api.CastAsync()).BuyerAccount}/statement?{query}");

    [Theory]
    [InlineData("to=9998-12-30")]
    [InlineData("to=9999-12-31T23:59:59.999999999Z")]
    [InlineData("from=0002-01-02")]
    [InlineData("from=0002-01-02&to=0002-01-02")]
    [InlineData("asOf=0001-01-01T00:00:00Z")]
    public async Task The_ends_of_time_are_a_period_too(string query) =>
        AddsUp(await Api.ReadAsync($"/v1/accounts/{(await Api.CastAsync()).BuyerAccount}/statement?{query}&limit=1000"));

    /// <summary>An account that most things have happened to.</summary>
    private async Task<(Voucher Voucher, string Account)> EventfulAsync()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(100)));
        await Api.DoAsync("/v1/trades", await Api.TradeBodyAsync(v.Account, cast.BuyerAccount, Api.Unique("T"), new { voucherId = v.Id, kilograms = 50, pricePerTonne = "41.94" }));
        await Api.DoAsync("/v1/transfers", new { fromAccountId = cast.BuyerAccount, toAccountId = v.Account, lines = new[] { v.Line(10) }, reason = "back" });
        var pledge = await Api.PledgeAsync(v, 300);
        var freeze = (await Api.DoAsync("/v1/freezes", new { lines = new[] { v.Line((151, 250)) }, authority = "court", documentNumber = "D-1", kind = "judicial", reason = "inquiry" })).Id;
        await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "waived", lines = new[] { v.Line(200) } }, cast.Bank);
        await Api.DoAsync($"/v1/freezes/{freeze}/lift", new { authority = "court", documentNumber = "D-2" });
        await Api.DoAsync("/v1/retirements", RetirementBody(v.Account, v.Line(60)));
        var stop = (await Api.DoAsync("/v1/freezes", new { accountId = v.Account, authority = "bureau", documentNumber = "D-3", kind = "administrative" })).Id;
        await Api.DoAsync($"/v1/freezes/{stop}/lift", new { authority = "bureau", documentNumber = "D-4" });
        return (v, v.Account);
    }

    private static void AddsUp(JsonElement statement)
    {
        var entries = statement.GetProperty("entries").EnumerateArray().ToArray();
        var vouchers = statement.GetProperty("vouchers").EnumerateArray().ToArray();
        for (var i = 0; i < Figures.Length; i++)
        {
            Assert.Equal(Balance(statement.GetProperty("closing"))[i], vouchers.Sum(v => Balance(v.GetProperty("closing"))[i]));
            foreach (var voucher in vouchers)
            {
                var changes = entries.Where(e => e.TryGetProperty("voucherId", out var id) && id.GetString() == Text(voucher, "voucherId")).Sum(e => Balance(e.GetProperty("change"))[i]);
                Assert.Equal(Balance(voucher.GetProperty("closing"))[i], Balance(voucher.GetProperty("opening"))[i] + changes);
            }
        }
    }

    private static long[] Balance(JsonElement of) => [.. Figures.Select(f => of.GetProperty(f).GetInt64())];
}
