using System.Net;
using System.Text.Json;
using CarbonLedger.Core.Values;
using static CarbonLedger.Server.Tests.Api.LedgerApi;
using static CarbonLedger.Server.Tests.Api.OfficeApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>What people have in hand, a serial or a number, leads to what it stands for.</summary>
public sealed class FindSpec(ServerFixture fixture, PostgresFixture postgres) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_voucher_is_found_by_the_serial_of_any_of_its_units_and_of_no_others()
    {
        var (v, other) = (await Api.VoucherAsync(1000), await Api.VoucherAsync(2000));
        var (prefix, _) = SerialText.Parse(await SerialOfAsync(v.Id))!.Value;
        string Text(long first, long last) => SerialText.Render(prefix, SerialRange.Inclusive(first, last));

        Assert.Equal([v.Id], await IdsAsync($"/v1/vouchers?serial={Text(1, 1000)}"));
        Assert.Equal([v.Id], await IdsAsync($"/v1/vouchers?serial={Text(7, 7)}"));
        Assert.Equal([v.Id], await IdsAsync($"/v1/vouchers?serial={Text(1000, 1000)}"));
        Assert.Equal([other.Id], await IdsAsync($"/v1/vouchers?serial={await SerialOfAsync(other.Id)}"));
        Assert.Empty(await IdsAsync($"/v1/vouchers?serial={Text(1000, 1001)}"));
        foreach (var stranger in new[]
        {
            prefix with { Region = "620100" }, prefix with { Scheme = "SLCTX" }, prefix with { ProjectNumber = 999_999 }, prefix with { Vintage = 2019 }, prefix with { Issuance = 98 },
        })
        {
            Assert.Empty(await IdsAsync($"/v1/vouchers?serial={SerialText.Render(stranger, SerialRange.Inclusive(1, 1))}"));
        }

        await RefusedGetAsync(400, "serial-malformed", $"/v1/vouchers?serial={Text(1, 1000)[..^1]}");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/vouchers?serial={Text(1, 1000)}&printedNumber=1");
    }

    [Fact]
    public async Task A_voucher_is_found_by_its_printed_number_and_by_its_project_and_not_before_it_was_issued()
    {
        var (project, number) = (await Api.ProjectAsync(), Api.Unique("甘碳票"));
        var (account, filed) = (await Api.AccountAsync((await Api.CastAsync()).Owner), await Api.FiledAsync(project));
        var before = await NowAsync();
        var voucher = (await Api.DoAsync($"/v1/applications/{filed}/issue", new { accountId = account, printedNumber = number })).Id;

        Assert.Equal([voucher], await IdsAsync($"/v1/vouchers?printedNumber={Uri.EscapeDataString(number)}"));
        Assert.Equal([voucher], await IdsAsync($"/v1/vouchers?projectId={project.Id}"));
        Assert.Empty(await IdsAsync($"/v1/vouchers?printedNumber={Uri.EscapeDataString(number)}&asOf={before}"));
        Assert.Empty(await IdsAsync($"/v1/vouchers?printedNumber={Api.Unique("nobody")}"));
        Assert.Empty(await IdsAsync($"/v1/vouchers?projectId={Nobody}"));
        await RefusedGetAsync(400, "value-out-of-range", "/v1/vouchers?printedNumber=%01");
        await RefusedGetAsync(400, "value-out-of-range", "/v1/vouchers?projectId=mine");
    }

    [Fact]
    public async Task A_lien_statement_is_asked_for_by_the_serial_that_stands_on_a_certificate()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.PledgeAsync(v, 400);
        var (prefix, _) = SerialText.Parse(await SerialOfAsync(v.Id))!.Value;
        var serial = SerialText.Render(prefix, SerialRange.Inclusive(301, 600));
        var by = (await Api.ReadAsync($"/v1/liens?serial={serial}")).GetProperty("statement");
        var named = (await Api.ReadAsync($"/v1/liens?voucherId={v.Id}&first=301&last=600")).GetProperty("statement");
        Assert.Equal(serial, by.GetProperty("serial").GetString());
        Assert.Equal(2, by.GetProperty("stretches").GetArrayLength());
        Assert.Equal(named.GetProperty("stretches").GetRawText(), by.GetProperty("stretches").GetRawText());

        await RefusedGetAsync(404, "serial-not-found", $"/v1/liens?serial={SerialText.Render(prefix, SerialRange.Inclusive(1000, 1001))}");
        await RefusedGetAsync(404, "serial-not-found", $"/v1/liens?serial={SerialText.Render(prefix with { ProjectNumber = 999_999 }, SerialRange.Inclusive(1, 1))}");
        await RefusedGetAsync(400, "serial-malformed", "/v1/liens?serial=CN-1");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/liens?serial={serial}&first=1");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/liens?serial={serial}&voucherId={v.Id}");
        await RefusedGetAsync(400, "value-out-of-range", "/v1/liens");
    }

    [Fact]
    public async Task A_venue_finds_its_trade_by_its_own_number()
    {
        var (v, cast, number) = (await Api.VoucherAsync(), await Api.CastAsync(), Api.Unique("T"));
        var buyer = await Api.AccountAsync(cast.Owner);
        var other = await Api.OrganizationAsync("exchange");
        async Task<object> BodyAsync(string venue, int kilograms) =>
            (await Api.TradeBodyAsync(v.Account, buyer, number, new { voucherId = v.Id, kilograms, pricePerTonne = "41.94" })).With(new { venueId = venue, settlement = "deferred" });
        var before = await NowAsync();
        var mine = (await Api.DoAsync("/v1/trades", await BodyAsync(cast.Venue, 10), cast.Venue)).Id;
        var theirs = (await Api.DoAsync("/v1/trades", await BodyAsync(other, 20), other)).Id;
        var held = await NowAsync();
        await Api.DoAsync($"/v1/trades/{mine}/settle", actingAs: cast.Venue);

        Assert.Equal([mine], await IdsAsync($"/v1/trades?venueId={cast.Venue}&venueTradeNumber={number}"));
        Assert.Equal([theirs], await IdsAsync($"/v1/trades?venueId={other}&venueTradeNumber={number}"));
        Assert.Equal("settled", (await OneAsync($"/v1/trades?venueId={cast.Venue}&venueTradeNumber={number}")).GetProperty("status").GetString());
        Assert.Equal("registered", (await OneAsync($"/v1/trades?venueId={cast.Venue}&venueTradeNumber={number}&asOf={held}")).GetProperty("status").GetString());
        Assert.Empty(await IdsAsync($"/v1/trades?venueId={cast.Venue}&venueTradeNumber={number}&asOf={before}"));
        Assert.Empty(await IdsAsync($"/v1/trades?venueId={cast.Venue}&venueTradeNumber={Api.Unique("T")}"));
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/trades?venueTradeNumber={number}");
    }

    [Fact]
    public async Task A_venue_finds_its_trades_of_a_day()
    {
        var (v, cast, venue) = (await Api.VoucherAsync(), await Api.CastAsync(), await Api.OrganizationAsync("exchange"));
        async Task<string> TradeAsync(string tradedAt) => (await Api.DoAsync("/v1/trades", (await DeferredTradeSpec.BodyAsync(Api, v, cast.BuyerAccount, holdUntil: null))
            .With(new { venueId = venue, tradedAt, lines = new[] { new { voucherId = v.Id, kilograms = 1, pricePerTonne = "41.94" } } }))).Id;

        // A day of the exchange is one of Asia/Shanghai: it begins at 16:00 in UTC.
        var (last, first, before) = (await TradeAsync("2021-08-20T15:59:59Z"), await TradeAsync("2021-08-19T16:00:00Z"), await TradeAsync("2021-08-19T15:59:59Z"));
        var held = await NowAsync();
        await Api.DoAsync($"/v1/trades/{last}/settle", actingAs: venue);
        var ofDay = $"/v1/trades?venueId={venue}&date=2021-08-20";
        Assert.Equal([last, first], await IdsAsync(ofDay));
        Assert.Equal([before], await IdsAsync($"/v1/trades?venueId={venue}&date=2021-08-19"));
        Assert.Empty(await IdsAsync($"/v1/trades?venueId={cast.Venue}&date=1999-08-20"));
        var page = await Api.ReadAsync($"{ofDay}&limit=1");
        Assert.Equal([first], await IdsAsync($"{ofDay}&cursor={page.GetProperty("nextCursor").GetString()}"));
        Assert.Equal(["registered", "registered"], (await Api.ReadAsync($"{ofDay}&asOf={held}")).GetProperty("items").EnumerateArray().Select(t => t.GetProperty("status").GetString()));
        await RefusedGetAsync(400, "value-out-of-range", "/v1/trades?date=2021-08-20");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/trades?venueId={venue}&date=2021-02-30");
        await RefusedGetAsync(400, "value-out-of-range", $"{ofDay}&venueTradeNumber=T-1");
    }

    [Fact]
    public async Task A_lender_finds_a_pledge_by_the_number_of_its_contract_or_of_its_filing()
    {
        var (v, cast) = (await Api.VoucherAsync(), await Api.CastAsync());
        var (contract, filing) = (Api.Unique("PC"), Api.Unique("ZD"));
        var (body, reserveUntil) = (await Api.PledgeBodyAsync(v.Account, v.Line(10)), DateTime.UtcNow.AddDays(1).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));
        var filed = (await Api.DoAsync("/v1/pledges", body.With(new { filingNumber = filing }))).Id;
        var reserved = (await Api.DoAsync("/v1/pledges", body.With(new { contractNumber = contract, reserveUntil }))).Id;

        Assert.Equal([reserved], await IdsAsync($"/v1/pledges?pledgeeId={cast.Bank}&contractNumber={contract}"));
        Assert.Equal([reserved], await IdsAsync($"/v1/pledges?pledgorAccountId={v.Account}&contractNumber={contract}"));
        Assert.Equal([filed], await IdsAsync($"/v1/pledges?pledgeeId={cast.Bank}&filingNumber={filing}"));
        Assert.Empty(await IdsAsync($"/v1/pledges?pledgeeId={cast.OtherBank}&contractNumber={contract}"));
        var later = Api.Unique("ZD");
        await Api.DoAsync($"/v1/pledges/{reserved}/register", new { filingNumber = later });
        Assert.Equal([reserved], await IdsAsync($"/v1/pledges?pledgeeId={cast.Bank}&filingNumber={later}"));
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/pledges?contractNumber={contract}");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/pledges?pledgeeId={cast.Bank}&contractNumber={contract}&filingNumber={filing}");
    }

    [Fact]
    public async Task Organizations_are_found_by_their_role_page_by_page_and_by_their_registration_number()
    {
        var number = Api.Unique("91620100MA");
        var insurers = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            await Api.OrganizationAsync("office");
            insurers.Add((await Api.DoAsync("/v1/organizations", new { name = Api.Unique("insurer"), roles = new[] { "insurer", "office" }, registrationNumber = $"{number}-{i}" })).Id);
        }

        var (found, cursor) = (new List<string>(), "");
        do
        {
            var page = await Api.ReadAsync($"/v1/organizations?role=insurer&limit=2{cursor}");
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : "";
        }
        while (cursor != "");
        Assert.Equal(insurers, found[^3..]);
        Assert.Equal(found.Distinct(), found);
        Assert.Equal([insurers[1]], await IdsAsync($"/v1/organizations?registrationNumber={number}-1"));
        Assert.Empty(await IdsAsync($"/v1/organizations?registrationNumber={number}"));
        await RefusedGetAsync(400, "value-out-of-range", "/v1/organizations?role=king");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/organizations?role=insurer&registrationNumber={number}-1");
    }

    [Fact]
    public async Task A_person_finds_the_page_of_what_a_serial_a_number_or_an_id_stands_for()
    {
        var cast = await Api.CastAsync();
        var (account, number) = (await Api.AccountAsync(cast.Owner), Api.Unique("甘碳票"));
        var voucher = (await Api.DoAsync($"/v1/applications/{await Api.FiledAsync(await Api.ProjectAsync())}/issue", new { accountId = account, printedNumber = number })).Id;
        var office = await Api.OrganizationAsync("office");
        var retirement = await Api.RetiredForAsync(office, 100);
        var inventory = (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(60)), office)).Id;
        var claim = (await Api.DoAsync("/v1/claims", ClaimBody(inventory, retirement), office)).Id;
        async Task<string> NumberAsync(string certificate) => (await Api.ReadAsync($"{certificate}/certificate")).GetProperty("number").GetString()!;
        var retired = await NumberAsync($"/v1/retirements/{retirement}");
        var serial = await SerialOfAsync(voucher);
        var pledge = await Api.PledgeAsync(await Api.VoucherAsync(), 1);
        var loan = await Api.LoanAsync(pledge);
        var trade = (await Api.DoAsync("/v1/trades", await DeferredTradeSpec.BodyAsync(Api, await Api.VoucherAsync(), cast.BuyerAccount, holdUntil: null))).Id;
        foreach (var (sought, path) in new[]
        {
            (serial, $"/certificates/vouchers/{voucher}"),
            ($"  {serial.ToLowerInvariant()} ", $"/certificates/vouchers/{voucher}"),
            (string.Concat(serial.Select(c => (char)(c + 0xFEE0))), $"/certificates/vouchers/{voucher}"), // as a Chinese keyboard writes it in full width
            (number, $"/certificates/vouchers/{voucher}"),
            (await NumberAsync($"/v1/vouchers/{voucher}"), $"/certificates/vouchers/{voucher}"),
            (retired, $"/certificates/retirements/{retirement}"),
            (await NumberAsync($"/v1/claims/{claim}"), $"/certificates/claims/{claim}"),
            (voucher, $"/certificates/vouchers/{voucher}"),
            (retirement, $"/certificates/retirements/{retirement}"),
            (claim, $"/certificates/claims/{claim}"),
            (account, $"/accounts/{account}"),
            (cast.Bank, $"/banks/{cast.Bank}/loan-book"),
            (pledge, $"/pledges/{pledge}"),
            (loan, $"/loans/{loan}"),
            (trade, $"/trades/{trade}"),
            (cast.Venue, $"/venues/{cast.Venue}"),
        })
        {
            using var answer = await FindAsync(sought);
            Assert.Equal((sought, HttpStatusCode.Found, path), (sought, answer.StatusCode, answer.Headers.Location?.ToString()));
            Assert.Equal(200, (await Api.GetAsync(path)).Status);
        }

        foreach (var nothing in new[]
        {
            "<b>nothing</b>", serial[..^1], retired.Replace("RET", "CLM", StringComparison.Ordinal), retired.Replace("RET-2", "RET-1", StringComparison.Ordinal),
            "RET-2026-9999999999", "VCH-2026-0000000000", Nobody, cast.Owner, new string('9', 200), "a\u0001b",
        })
        {
            using var answer = await FindAsync(nothing);
            Assert.Equal((nothing, HttpStatusCode.NotFound, "text/html"), (nothing, answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            var page = await answer.Content.ReadAsStringAsync();
            Assert.Contains("未找到", WebUtility.HtmlDecode(page));
            Assert.DoesNotContain("<b>nothing", page);
        }

        using var empty = await FindAsync("");
        Assert.Equal(HttpStatusCode.OK, empty.StatusCode);
    }

    [Fact]
    public async Task The_front_page_shows_banks_however_many_others_were_registered_before_them()
    {
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync());
        using var api = new LedgerApi(server.Url);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => api.OrganizationAsync("office")));
        await api.VoucherAsync();
        var bank = await api.OrganizationAsync("bank");
        Assert.Contains($"/banks/{bank}/loan-book", (await api.GetAsync("/")).Text);
    }

    [Fact]
    public async Task A_printed_number_is_found_in_the_widths_in_which_it_is_printed()
    {
        var (account, number) = (await Api.AccountAsync((await Api.CastAsync()).Owner), Api.Unique("甘碳票（2021）第Ａ－1号"));
        var voucher = (await Api.DoAsync($"/v1/applications/{await Api.FiledAsync(await Api.ProjectAsync())}/issue", new { accountId = account, printedNumber = number })).Id;
        using var answer = await FindAsync($" {number} ");
        Assert.Equal((HttpStatusCode.Found, $"/certificates/vouchers/{voucher}"), (answer.StatusCode, answer.Headers.Location?.ToString()));
        using var english = await FindAsync(number, "&lang=en");
        Assert.Equal($"/certificates/vouchers/{voucher}?lang=en", english.Headers.Location?.ToString());
        Assert.Contains("<bdi>\u202eabc</bdi>", WebUtility.HtmlDecode((await Api.GetAsync("/find?q=%E2%80%AEabc")).Text)); // what turns the direction turns nothing else
        Assert.Contains("（二）", WebUtility.HtmlDecode((await Api.GetAsync($"/find?q={Uri.EscapeDataString("（二）")}")).Text));
    }

    private async Task<HttpResponseMessage> FindAsync(string sought, string more = "")
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Fixture.Server.Url };
        return await http.GetAsync(new Uri($"/find?q={Uri.EscapeDataString(sought)}{more}", UriKind.Relative));
    }

    private async Task<string> SerialOfAsync(string voucher) => (await Api.ReadAsync($"/v1/vouchers/{voucher}")).GetProperty("serial").GetString()!;

    private async Task<string[]> IdsAsync(string path) => [.. (await Api.ReadAsync(path)).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!)];

    private async Task<JsonElement> OneAsync(string path) => Assert.Single((await Api.ReadAsync(path)).GetProperty("items").EnumerateArray());

    /// <summary>The time of the newest event.</summary>
    private async Task<string> NowAsync() =>
        (await Api.ReadAsync($"/v1/events?after={await Api.HeadAsync() - 1}&limit=1")).GetProperty("events")[0].GetProperty("at").GetString()!;
}
