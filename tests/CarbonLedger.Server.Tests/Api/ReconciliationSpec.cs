using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>A venue's own list of a day against the register: what is missing, extra or different, and what the file may look like.</summary>
public sealed class ReconciliationSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private const string Date = "2021-08-20";

    /// <summary>A venue with trades of its own: T-1 with two vouchers, T-2 waits, T-3 was voided, T-4 is of the next day by an hour.</summary>
    private sealed record Day(string Venue, Voucher A, Voucher B, string Buyer, Dictionary<string, string> Ids)
    {
        public string Row(string number, Voucher voucher, long kilograms, string price, string amount, string status) =>
            $"{number},{voucher.Id},{kilograms},{price},{amount},{A.Account},{Buyer},2021-08-20T10:00:00+08:00,{status}";

        public string[] Rows =>
        [
            Row("T-1", A, 1000, "41.94", "41.94", "settled"),
            $"T-1,{B.Id},2000,42.00,84.00,{A.Account},{Buyer},2021-08-20T10:00:00+08:00,settled",
            Row("T-2", A, 500, "40.00", "20.00", "registered"),
        ];
    }

    private const string Header = "tradeNumber,voucher,kilograms,pricePerTonne,amount,sellerAccountId,buyerAccountId,tradedAt,status";

    private async Task<Day> DayAsync()
    {
        var (venue, a, b) = (await Api.OrganizationAsync("exchange"), await Api.VoucherAsync(10_000), await Api.VoucherAsync(10_000));
        var buyer = await Api.AccountAsync((await Api.CastAsync()).Buyer);
        await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(b.Account, a.Account, b.Line(10_000)));
        var day = new Day(venue, a, b, buyer, []);
        await TradeAsync(day, "T-1", "2021-08-20T02:00:00Z", false, (a, 1000, "41.94"), (b, 2000, "42.00"));
        await TradeAsync(day, "T-2", "2021-08-20T02:00:00.75Z", true, (a, 500, "40.00"));
        await TradeAsync(day, "T-3", "2021-08-20T02:00:00Z", true, (a, 300, "40.00"));
        await Api.DoAsync($"/v1/trades/{day.Ids["T-3"]}/void", new { reason = "not paid" }, venue);
        await TradeAsync(day, "T-4", "2021-08-20T16:00:00Z", false, (a, 100, "40.00"));
        return day;
    }

    private async Task TradeAsync(Day day, string number, string tradedAt, bool deferred, params (Voucher Voucher, long Kilograms, string Price)[] lines)
    {
        var body = await Api.TradeBodyAsync(day.A.Account, day.Buyer, number, [.. lines.Select(l => new { voucherId = l.Voucher.Id, kilograms = l.Kilograms, pricePerTonne = l.Price })]);
        var settlement = deferred ? "deferred" : "immediate";
        day.Ids[number] = (await Api.DoAsync("/v1/trades", body.With(new { venueId = day.Venue, tradedAt, settlement }), day.Venue)).Id;
    }

    private Task<Answer> SendAsync(string venue, string csv, string query = $"date={Date}", string? actingAs = null) => SendAsync(venue, Encoding.UTF8.GetBytes(csv), query, actingAs);

    private async Task<Answer> SendAsync(string venue, byte[] csv, string query = $"date={Date}", string? actingAs = null, string type = "text/csv")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/venues/{venue}/reconciliations?{query}") { Content = new ByteArrayContent(csv) { Headers = { ContentType = new MediaTypeHeaderValue(type) } } };
        request.Headers.ExpectContinue = true; // what is refused by its length is not sent
        if (actingAs is not null)
        {
            request.Headers.Add("Acting-Organization", actingAs);
        }

        return await Api.SendAsync(request);
    }

    private async Task<JsonElement> ReconcileAsync(Day day, string header, params string[] rows)
    {
        var before = await Api.HeadAsync();
        var answer = await SendAsync(day.Venue, header + "\n" + string.Join('\n', rows), actingAs: day.Venue);
        Assert.True(answer.Status == 200, answer.Shown);
        Assert.Equal(before, await Api.HeadAsync());
        Assert.Equal(before, answer.LogIndex);
        return answer.Body;
    }

    private static int Count(JsonElement answer, string kind) => answer.GetProperty(kind).GetProperty("count").GetInt32();

    private static (int Missing, int Extra, int Different, int Faults) Counts(JsonElement answer) =>
        (Count(answer, "missing"), Count(answer, "extra"), Count(answer, "different"), Count(answer, "errors"));

    private static string[] Differences(JsonElement answer) =>
    [
        .. answer.GetProperty("different").GetProperty("items").EnumerateArray().SelectMany(t => t.GetProperty("differences").EnumerateArray()
            .Select(d => $"{t.GetProperty("tradeNumber").GetString()} {d.GetProperty("member").GetString()} {TextOrDash(d, "theirs")} {TextOrDash(d, "ours")}")),
    ];

    private static string[] Faults(JsonElement answer) =>
        [.. answer.GetProperty("errors").GetProperty("items").EnumerateArray().Select(e => $"{e.GetProperty("row").GetInt32()} {TextOrDash(e, "column")} {e.GetProperty("code").GetString()}")];

    private static string TextOrDash(JsonElement of, string member) => of.TryGetProperty(member, out var value) ? value.GetString()! : "-";

    [Fact]
    public async Task A_list_that_agrees_says_so_and_a_voided_trade_need_not_be_listed()
    {
        var day = await DayAsync();
        var answer = await ReconcileAsync(day, Header, day.Rows);
        Assert.True(answer.GetProperty("agrees").GetBoolean());
        Assert.Equal((0, 0, 0, 0), Counts(answer));
        Assert.Equal((2, 1, 0), (answer.GetProperty("matched").GetInt32(), answer.GetProperty("ended").GetInt32(), answer.GetProperty("notCompared").GetInt32()));
        foreach (var side in new[] { "listed", "registered" })
        {
            var totals = answer.GetProperty(side);
            Assert.Equal((2, 3500, "145.94"), (totals.GetProperty("trades").GetInt32(), totals.GetProperty("kilograms").GetInt64(), totals.GetProperty("amount").GetString()));
        }

        Assert.Equal(["kilograms", "voucher", "pricePerTonne", "amount", "sellerAccountId", "buyerAccountId", "tradedAt", "status"], answer.GetProperty("compared").EnumerateArray().Select(c => c.GetString()));
        answer = await ReconcileAsync(day, Header, [.. day.Rows, day.Row("T-3", day.A, 300, "40.00", "12.00", "voided")]);
        Assert.True(answer.GetProperty("agrees").GetBoolean());
    }

    [Fact]
    public async Task What_only_the_register_has_is_missing_and_what_only_the_list_has_is_extra()
    {
        var day = await DayAsync();
        var answer = await ReconcileAsync(day, "tradeNumber,kilograms,amount", "T-2,500,20.00", "X-1,7,1.00", "T-4,100,4.00");
        Assert.Equal((1, 2, 0, 0), Counts(answer));
        Assert.False(answer.GetProperty("agrees").GetBoolean());
        var missing = answer.GetProperty("missing");
        Assert.Equal((3000, "125.94"), (missing.GetProperty("kilograms").GetInt64(), missing.GetProperty("amount").GetString()));
        var one = missing.GetProperty("items")[0];
        Assert.Equal(("T-1", day.Ids["T-1"], 3000, "125.94", "settled"), (TextOrDash(one, "tradeNumber"), TextOrDash(one, "tradeId"), one.GetProperty("kilograms").GetInt64(), TextOrDash(one, "amount"), TextOrDash(one, "status")));

        var extra = answer.GetProperty("extra");
        Assert.Equal(107, extra.GetProperty("kilograms").GetInt64());
        Assert.Equal(["2 X-1 - -", $"3 T-4 2021-08-21 {day.Ids["T-4"]}"], extra.GetProperty("items").EnumerateArray().Select(e => $"{e.GetProperty("row").GetInt32()} {TextOrDash(e, "tradeNumber")} {TextOrDash(e, "registeredOn")} {TextOrDash(e, "tradeId")}"));
    }

    [Fact]
    public async Task Every_member_that_differs_is_named_with_theirs_and_ours()
    {
        var day = await DayAsync();
        var stranger = await Api.AccountAsync((await Api.CastAsync()).Stranger);
        var answer = await ReconcileAsync(
            day,
            Header,
            $"T-1,{day.A.Id},1001,41.95,41.95,{day.Buyer},{stranger},2021-08-20T10:00:01+08:00,registered",
            $"T-2,{day.B.Id},500,40.00,20.00,{day.A.Account},{day.Buyer},2021-08-20T02:00:00Z,registered",
            day.Row("T-3", day.A, 300, "40.00", "12.00", "settled"));
        Assert.Equal((0, 0, 3, 0), Counts(answer));
        Assert.Equal(
            [
                $"T-1 sellerAccountId {day.Buyer} {day.A.Account}",
                $"T-1 buyerAccountId {stranger} {day.Buyer}",
                "T-1 tradedAt 2021-08-20T02:00:01Z 2021-08-20T02:00:00Z",
                "T-1 status registered settled",
                "T-1 kilograms 1001 1000",
                "T-1 pricePerTonne 41.95 41.94",
                "T-1 amount 41.95 41.94",
                $"T-1 voucher - {day.B.Id}",
                $"T-2 voucher {day.B.Id} -",
                $"T-2 voucher - {day.A.Id}",
                "T-3 status settled voided",
            ],
            Differences(answer));
    }

    [Fact]
    public async Task Without_a_column_for_vouchers_a_row_is_a_whole_trade_and_without_one_for_the_status_it_stands()
    {
        var day = await DayAsync();
        var answer = await ReconcileAsync(day, "tradeNumber,kilograms,pricePerTonne,amount", "T-1,2999,41.94,125.93", "T-2,500,,", "T-3,300,40.00,12.00");
        Assert.Equal(["T-1 kilograms 2999 3000", "T-1 pricePerTonne 41.94 41.94 42.00", "T-1 amount 125.93 125.94", "T-3 status - voided"], Differences(answer));
        Assert.Equal(1, answer.GetProperty("matched").GetInt32());
        Assert.False(answer.GetProperty("listed").TryGetProperty("amount", out _));
    }

    [Fact]
    public async Task A_voucher_may_be_named_by_a_serial_and_only_once()
    {
        var day = await DayAsync();
        async Task<string> SerialAsync(Voucher v) => (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("serial").GetString()!;
        var (a, b) = (await SerialAsync(day.A), await SerialAsync(day.B));
        Assert.True((await ReconcileAsync(day, "tradeNumber,voucher,kilograms", $"T-1,{a},1000", $"T-1,{b},2000", $"T-2,{a},500")).GetProperty("agrees").GetBoolean());
        var twice = await ReconcileAsync(day, "tradeNumber,voucher,kilograms", $"T-1,{a},1000", $"T-1,{day.A.Id},1000", $"T-1,{b},2000", $"T-2,{b},500");
        Assert.Equal([$"T-1 voucher {day.A.Id} -", $"T-2 voucher {b} -", $"T-2 voucher - {day.A.Id}"], Differences(twice));
    }

    [Theory]
    [InlineData("tradeNumber,kilograms")]
    [InlineData("tradeNumber,kilograms,status\r\n")]
    [InlineData("成交编号;数量（千克）\n;\n\n")]
    public async Task A_header_alone_lists_a_day_without_trades(string csv)
    {
        var day = await DayAsync();
        var without = await SendAsync(day.Venue, csv, "date=2021-08-19", day.Venue);
        Assert.True(without.Status == 200 && without.Body.GetProperty("agrees").GetBoolean(), without.Shown);
        Assert.Equal((0, 0, 0, 0), Counts(without.Body));
        foreach (var side in new[] { "listed", "registered" })
        {
            Assert.Equal((0, "0.00"), (without.Body.GetProperty(side).GetProperty("kilograms").GetInt64(), TextOrDash(without.Body.GetProperty(side), "amount")));
        }

        var with = await SendAsync(day.Venue, csv, actingAs: day.Venue);
        Assert.True(with.Status == 200 && !with.Body.GetProperty("agrees").GetBoolean(), with.Shown);
        Assert.Equal((2, 0, 0, 0), Counts(with.Body));
        Assert.Equal(["T-1", "T-2"], with.Body.GetProperty("missing").GetProperty("items").EnumerateArray().Select(m => TextOrDash(m, "tradeNumber")));
    }

    /// <summary>The hold's end is the agreed instant, not the moment at which somebody records it.</summary>
    [Fact]
    public async Task A_hold_that_ran_out_has_ended_also_before_its_end_is_recorded()
    {
        var day = await DayAsync();
        await Crash.Load.CatchUpAsync(Api);
        await SqlAsync($"update ledger.venue_trades set hold_until = now() where trade_id = '{day.Ids["T-2"]}'");
        var answer = await ReconcileAsync(day, "tradeNumber,kilograms,status", "T-1,3000,settled", "T-2,500,registered");
        Assert.Equal(["T-2 status registered expired"], Differences(answer));
    }

    [Theory]
    [InlineData("\uFEFF成交编号;数量（千克）;成交金额（元）\r\nT-1;３０００;125.94\r\n;;\r\nT-2;500;20.00\r\n")]
    [InlineData("成交编号,数量(千克),成交金额(元)\r\nT-1,3000,125.94\r\nT-2,500,20.00\r\n")]
    [InlineData("amount\tKILOGRAMS\ttradeNumber\n125.94\t3000\tT-1\n20.00\t500\tT-2")]
    public async Task A_list_is_read_as_a_spreadsheet_writes_it_in_either_language(string csv)
    {
        var day = await DayAsync();
        var answer = await SendAsync(day.Venue, csv, actingAs: day.Venue);
        Assert.True(answer.Status == 200 && answer.Body.GetProperty("agrees").GetBoolean(), answer.Shown);
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_is_named_and_hinders_no_other()
    {
        var day = await DayAsync();
        var answer = await ReconcileAsync(
            day,
            Header,
            day.Row("T-1", day.A, 0, "41.94", "41.94", "settled"),
            $"T-1,{day.B.Id},2000,42.00,84.00,,,,",
            day.Rows[2],
            day.Rows[2],
            "T-9,=A1,1,1.00,1.00,,,,",
            $",{day.A.Id},,1.00000,1.001,x,y,2021-08-20T10:00:00,paid",
            "T-8,CN-1,1,,,,,2021-08-21T10:00:00+08:00,",
            "T-8,,1",
            $"T-7,{day.A.Id},1,,,{day.A.Account},,,",
            $"T-7,{day.B.Id},1,,,{day.Buyer},,,");
        Assert.Equal(
            [
                "1 kilograms kilograms-not-positive",
                "4 tradeNumber csv-row-repeated",
                "5 voucher csv-formula-cell",
                "6 tradeNumber csv-row-malformed",
                "6 kilograms csv-row-malformed",
                "6 pricePerTonne csv-row-malformed",
                "6 amount csv-row-malformed",
                "6 sellerAccountId csv-row-malformed",
                "6 buyerAccountId csv-row-malformed",
                "6 tradedAt csv-row-malformed",
                "6 status csv-row-malformed",
                "7 voucher serial-malformed",
                "7 tradedAt value-out-of-range",
                "8 - csv-row-malformed",
                "10 sellerAccountId csv-row-malformed",
            ],
            Faults(answer));
        Assert.Equal("csv-row-repeated", TextOrDash(answer.GetProperty("errors").GetProperty("items")[1], "code"));
        // What has a faulty row is neither missing nor extra nor different.
        Assert.Equal((0, 0, 0, 15), Counts(answer));
        Assert.Equal((5, 0, false), (answer.GetProperty("notCompared").GetInt32(), answer.GetProperty("matched").GetInt32(), answer.GetProperty("agrees").GetBoolean()));
    }

    [Theory]
    [InlineData("tradeNumber,kilograms", "T-2,500,5")]
    [InlineData("tradeNumber,kilograms", "T-2")]
    [InlineData("tradeNumber,kilograms", "T-2,\"500")]
    [InlineData("kilograms,tradeNumber", "500,T-2,")]
    [InlineData("kilograms,tradeNumber,status", "500, T-2 ")]
    public async Task A_trade_whose_row_has_the_wrong_number_of_cells_is_not_missing(string header, string row)
    {
        var day = await DayAsync();
        var answer = await ReconcileAsync(day, header, row);
        Assert.Equal(["1 - csv-row-malformed"], Faults(answer));
        Assert.Equal(["T-1"], answer.GetProperty("missing").GetProperty("items").EnumerateArray().Select(m => TextOrDash(m, "tradeNumber")));
        Assert.Equal((1, 0, 0, 1), Counts(answer));
        Assert.Equal((1, 0, 1), (answer.GetProperty("notCompared").GetInt32(), answer.GetProperty("listed").GetProperty("trades").GetInt32(), answer.GetProperty("listed").GetProperty("rows").GetInt32()));
    }

    /// <summary>A good row of the same trade does not make up for the bad one, in whichever order they stand.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_trade_with_one_row_of_the_wrong_number_of_cells_is_compared_with_nothing(int bad)
    {
        var day = await DayAsync();
        string[] rows = [$"T-1,{day.A.Id},999", $"T-1,{day.B.Id},2000", $"T-2,{day.A.Id},500"];
        rows[bad] += ",";
        var answer = await ReconcileAsync(day, "tradeNumber,voucher,kilograms", rows);
        Assert.Equal([$"{bad + 1} - csv-row-malformed"], Faults(answer));
        Assert.Equal((0, 0, 0, 1), Counts(answer));
        Assert.Equal((1, 1), (answer.GetProperty("notCompared").GetInt32(), answer.GetProperty("matched").GetInt32()));
    }

    /// <summary>Behind an open quotation mark nobody knows where a cell ends.</summary>
    [Theory]
    [InlineData("\"T-2,500")]
    [InlineData(",500,5")]
    public async Task A_row_whose_trade_number_cannot_be_read_speaks_of_no_trade(string row)
    {
        var day = await DayAsync();
        var answer = await ReconcileAsync(day, "tradeNumber,kilograms", row);
        Assert.Equal((2, 0, 0, 1), Counts(answer));
        Assert.Equal(0, answer.GetProperty("notCompared").GetInt32());
    }

    [Theory]
    [InlineData("9999-12-31T23:59:59-08:00")]
    [InlineData("9999-12-31T23:59:59.999999999-18:00")]
    [InlineData("9999-12-31T20:00:00Z")]
    [InlineData("9999-12-31T10:00:00+08:00")]
    [InlineData("9998-12-31T20:00:00Z")]
    [InlineData("0001-01-01T00:00:00+18:00")]
    public async Task A_time_at_the_ends_of_the_calendar_is_a_fault_of_its_row(string time)
    {
        var day = await DayAsync();
        var answer = await ReconcileAsync(day, "tradeNumber,kilograms,tradedAt", "T-1,3000,2021-08-20T10:00:00+08:00", $"T-2,500,{time}");
        Assert.Equal(["2 tradedAt value-out-of-range"], Faults(answer));
        Assert.Equal((1, 1), (answer.GetProperty("matched").GetInt32(), answer.GetProperty("notCompared").GetInt32()));
    }

    [Theory]
    [InlineData("T-1,{A},1000,41.94,41.94,{seller},{buyer},2021-08-20T02:00:00Z,settled", "T-1,{B},2000,42.00,84.00,,,,")]
    [InlineData("T-1,{A},1000,41.94,41.94,,,,", "T-1,{B},2000,42.00,84.00,{seller},{buyer},2021-08-20T02:00:00Z,settled")]
    [InlineData("T-1,{A},1000,41.94,41.94,{seller},,,settled", "T-1,{B},2000,42.00,84.00,,{buyer},2021-08-20T02:00:00Z,")]
    public async Task A_row_of_a_trade_may_leave_empty_what_another_of_its_rows_says(string first, string second)
    {
        var day = await DayAsync();
        string Of(string row) => row.Replace("{A}", day.A.Id).Replace("{B}", day.B.Id).Replace("{seller}", day.A.Account).Replace("{buyer}", day.Buyer);
        var answer = await ReconcileAsync(day, Header, Of(first), Of(second), day.Rows[2]);
        Assert.True(answer.GetProperty("agrees").GetBoolean());

        // What either row says is compared.
        answer = await ReconcileAsync(day, Header, Of(first).Replace("settled", "registered"), Of(second).Replace("settled", "registered"), day.Rows[2]);
        Assert.Equal(["T-1 status registered settled"], Differences(answer));
    }

    [Theory]
    [InlineData("-A4")]
    [InlineData("=1+1")]
    [InlineData("+A4")]
    [InlineData("@A4")]
    [InlineData("＝1")]
    public async Task A_number_that_can_be_registered_can_be_listed(string number)
    {
        var day = await DayAsync();
        await TradeAsync(day, number, "2021-08-20T02:00:00Z", false, (day.A, 7, "40.00"));
        Assert.True((await ReconcileAsync(day, "tradeNumber,kilograms", "T-1,3000", "T-2,500", $"{number},7")).GetProperty("agrees").GetBoolean());
        Assert.Equal(["1 kilograms csv-formula-cell"], Faults(await ReconcileAsync(day, "tradeNumber,kilograms", $"{number},{number}")));
    }

    [Fact]
    public async Task A_trade_has_at_most_a_hundred_rows()
    {
        var day = await DayAsync();
        var answer = await ReconcileAsync(day, "tradeNumber,voucher,kilograms", [.. Enumerable.Range(0, 101).Select(_ => $"M-1,{Guid.NewGuid()},1")]);
        Assert.Equal(["101 tradeNumber value-out-of-range"], Faults(answer));
    }

    [Fact]
    public async Task A_list_as_a_whole_is_refused_and_so_is_who_has_no_business_with_it()
    {
        var (venue, bank) = (await Api.OrganizationAsync("exchange"), (await Api.CastAsync()).Bank);
        const string Csv = "tradeNumber,kilograms\nT-1,1\n";
        await RefusedAsync(400, "value-out-of-range", () => SendAsync(venue, Csv, ""));
        await RefusedAsync(400, "value-out-of-range", () => SendAsync(venue, Csv, "date=20210820"));
        await RefusedAsync(400, "value-out-of-range", () => SendAsync(venue, Csv, $"date={Date}&limit=1001"));
        await RefusedAsync(400, "not-supported", () => SendAsync(venue, Csv, $"date={Date}&asOf=2021-08-20T00:00:00Z"));
        await RefusedAsync(400, "date-in-future", () => SendAsync(venue, Csv, "date=2999-01-01"));
        await RefusedAsync(404, "organization-not-found", () => SendAsync(Nobody, Csv));
        await RefusedAsync(409, "organization-lacks-role", () => SendAsync(bank, Csv));
        await RefusedAsync(403, "not-authorized", () => SendAsync(venue, Csv, actingAs: bank));
        await RefusedAsync(403, "acting-organization-unknown", () => SendAsync(venue, Csv, actingAs: Nobody));
        Assert.Contains("as text/csv", (await RefusedAsync(415, "unsupported-media-type", () => SendAsync(venue, Encoding.UTF8.GetBytes(Csv), type: "application/json"))).Text);
        await RefusedAsync(413, "body-too-large", () => SendAsync(venue, new byte[(32 * 1024 * 1024) + 1]));
        await RefusedAsync(400, "csv-malformed", () => SendAsync(venue, "tradeNumber\nT-1\n"));
        await RefusedAsync(400, "csv-malformed", () => SendAsync(venue, [.. Encoding.UTF8.GetBytes(Csv), 0xD6, 0xFF]));
        await RefusedAsync(400, "csv-malformed", () => SendAsync(venue, ""));
        await RefusedAsync(400, "bulk-too-large", () => SendAsync(venue, "tradeNumber,kilograms\n" + string.Concat(Enumerable.Repeat("T,1\n", 100_001))));
        var empty = await SendAsync(venue, Csv);
        Assert.Equal((0, 1, 0, 0), Counts(empty.Body));
    }

    [Fact]
    public async Task The_example_of_the_description_works()
    {
        var document = await Api.ReadAsync("/openapi/v1.json");
        var example = document.GetProperty("paths").GetProperty("/v1/venues/{id}/reconciliations").GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("text/csv").GetProperty("example").GetString()!;
        var answer = await SendAsync(await Api.OrganizationAsync("exchange"), example);
        Assert.True(answer.Status == 200, answer.Shown);
        Assert.Equal((0, 1, 0, 0), Counts(answer.Body));
    }

    /// <summary>What a program sends that was given no time.</summary>
    [Fact]
    public async Task A_trade_of_the_first_instant_of_the_calendar_is_held_against_the_list()
    {
        var day = await DayAsync();
        await TradeAsync(day, "T-0", "0001-01-01T00:00:00Z", false, (day.A, 1, "41.94"));
        var answer = await SendAsync(day.Venue, "tradeNumber,kilograms\nT-0,1\n", "date=0001-01-01");
        Assert.True(answer.Status == 200, answer.Shown);
        Assert.Equal((0, 0, 0, 0), Counts(answer.Body));
    }

    [Fact]
    public async Task A_whole_trade_may_have_more_kilograms_than_one_voucher()
    {
        const long Most = 9_999_999_999;
        var (venue, a, b) = (await Api.OrganizationAsync("exchange"), await Api.VoucherAsync(Most), await Api.VoucherAsync(Most));
        await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(b.Account, a.Account, b.Line(Most)));
        var day = new Day(venue, a, b, await Api.AccountAsync((await Api.CastAsync()).Buyer), []);
        await TradeAsync(day, "T-9", "2021-08-20T02:00:00Z", false, (a, Most, "1.00"), (b, Most, "1.00"));
        Assert.Equal((0, 0, 0, 0), Counts((await SendAsync(venue, $"tradeNumber,kilograms\nT-9,{2 * Most}\n")).Body));
        Assert.Equal("kilograms-not-positive", TextOrDash((await SendAsync(venue, $"tradeNumber,voucher,kilograms\nT-9,{a.Id},{Most + 1}\n")).Body.GetProperty("errors").GetProperty("items")[0], "code"));
    }

    /// <summary>The register's side stands in the projection's table alone: making a hundred thousand trades would measure something else.</summary>
    [Fact]
    public async Task A_hundred_thousand_rows_are_held_against_a_hundred_thousand_trades()
    {
        var day = await DayAsync();
        await Crash.Load.CatchUpAsync(Api);
        await SqlAsync(
            $"""
            insert into ledger.venue_trades
            select gen_random_uuid(), 1, '{day.Venue}', '2021-08-19', 'B-' || i, '2021-08-19T02:00:00Z', '{day.A.Account}', '{day.Buyer}', '{day.A.Id}', i, 40, 1.00, 'settled', null
            from generate_series(1, 100000) i
            """);
        // Every row is another kilogram, but the last one, which the register lacks.
        var csv = "tradeNumber,voucher,kilograms,pricePerTonne,amount,sellerAccountId,buyerAccountId,tradedAt,status\n"
            + string.Concat(Enumerable.Range(2, 100_000).Select(i => $"B-{i},{day.A.Id},{i + 1},40.00,1.00,{day.A.Account},{day.Buyer},2021-08-19T10:00:00+08:00,settled\n"));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var answer = await SendAsync(day.Venue, csv, "date=2021-08-19&limit=1000");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"It took {clock.Elapsed}.");
        Assert.True(answer.Status == 200, answer.Shown);
        Assert.Equal((1, 1, 99_999, 0), Counts(answer.Body));
        Assert.Equal(1000, answer.Body.GetProperty("different").GetProperty("items").GetArrayLength());
        Assert.Equal("B-1", TextOrDash(answer.Body.GetProperty("missing").GetProperty("items")[0], "tradeNumber"));
        Assert.Equal("B-100001", TextOrDash(answer.Body.GetProperty("extra").GetProperty("items")[0], "tradeNumber"));
        Assert.Equal((5_000_050_000L, "100000.00"), (answer.Body.GetProperty("registered").GetProperty("kilograms").GetInt64(), TextOrDash(answer.Body.GetProperty("registered"), "amount")));
    }
}
