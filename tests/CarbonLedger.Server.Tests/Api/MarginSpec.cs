using System.Text.Json;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using NodaTime;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>A bank's policy, margin runs, and the calls they make. Every test has a bank of its own, whose collateral counts at contract prices unless it says otherwise.</summary>
public sealed class MarginSpec(ServerFixture fixture, PostgresFixture postgres) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_bank_sets_and_reads_its_own_policy()
    {
        var bank = await Api.OrganizationAsync("bank");
        var path = $"/v1/banks/{bank}/collateral-policy";
        Assert.Equal("{\"bankId\":\"" + bank + "\",\"valuationRule\":\"referencePrice\"}", Sorted(await Api.ReadAsync(path)));
        var before = Now();
        await Task.Delay(20);
        var set = await Api.DoAsync(path, new { maxLoanToValue = 0.7, warningLoanToValue = "0.8", liquidationLoanToValue = 0.9, valuationRule = "average", averageDays = 30 }, bank);
        Assert.Equal((path, bank), (set.Headers.Location!.ToString(), set.Id));
        Assert.Equal(
            "{\"averageDays\":30,\"bankId\":\"" + bank + "\",\"liquidationLoanToValue\":0.9,\"maxLoanToValue\":0.7,\"valuationRule\":\"average\",\"warningLoanToValue\":0.8}",
            Sorted(await Api.ReadAsync(path)));
        Assert.False((await Api.ReadAsync($"{path}?asOf={before}")).TryGetProperty("maxLoanToValue", out _));
    }

    [Fact]
    public async Task Nobody_else_sets_it_and_its_levels_make_sense()
    {
        var (bank, cast) = (await Api.OrganizationAsync("bank"), await Api.CastAsync());
        var path = $"/v1/banks/{bank}/collateral-policy";
        foreach (var actor in new[] { null, cast.OtherBank, await Api.OrganizationAsync("registrar") })
        {
            await RefusedPostAsync(403, "not-authorized", path, new { maxLoanToValue = 0.7 }, actor);
        }

        await RefusedPostAsync(409, "organization-lacks-role", $"/v1/banks/{cast.Owner}/collateral-policy", new { maxLoanToValue = 0.7 }, cast.Owner);
        await RefusedGetAsync(404, "organization-not-found", $"/v1/banks/{Nobody}/collateral-policy");
        foreach (var body in new[]
        {
            "{\"maxLoanToValue\":0}", "{\"maxLoanToValue\":10.1}", "{\"maxLoanToValue\":0.70001}", "{\"warningLoanToValue\":-1}", "{\"maxLoanToValue\":0.8,\"warningLoanToValue\":0.7}",
            "{\"warningLoanToValue\":0.9,\"liquidationLoanToValue\":0.8}", "{\"maxLoanToValue\":0.9,\"liquidationLoanToValue\":0.8}", "{\"valuationRule\":\"average\"}",
            "{\"averageDays\":3}", "{\"valuationRule\":\"average\",\"averageDays\":0}", "{\"valuationRule\":\"average\",\"averageDays\":367}",
        })
        {
            await RefusedPostAsync(400, "value-out-of-range", path, body, bank);
        }

        await RefusedPostAsync(400, "malformed-body", path, new { valuationRule = "guess" }, bank);
    }

    [Fact]
    public async Task A_loan_above_the_banks_own_limit_needs_an_override_with_its_reason()
    {
        // 1,000 t at the pledge's 41.94 are 41,940.00; 70 % of it are 29,358.00.
        var bank = await Api.OrganizationAsync("bank");
        await PolicyAsync(bank, new { maxLoanToValue = 0.7, valuationRule = "contractPrice" });
        var pledge = await PledgeAsync(Api, bank);
        var refused = await RefusedPostAsync(409, "loan-to-value-above-limit", "/v1/loans", await LoanBodyAsync(Api, bank, pledge, "29358.01"));
        Assert.Contains("41940.00", refused.Body.GetProperty("detail").GetString());
        await RefusedPostAsync(400, "value-out-of-range", "/v1/loans", await LoanBodyAsync(Api, bank, pledge, "29358.01", reason: " "));
        await RefusedPostAsync(400, "malformed-body", "/v1/loans", (await LoanBodyAsync(Api, bank, pledge, "29358.01")).With(new { @override = new { } }));
        await Api.DoAsync("/v1/loans", await LoanBodyAsync(Api, bank, pledge, "29358.01", reason: "Committee minute 12"), bank);
        var opened = (await Api.ReadAsync($"/v1/events?after={await Api.HeadAsync() - 2}&limit=1")).GetProperty("events")[0].GetProperty("data").GetProperty("override");
        Assert.Equal(("Committee minute 12", 0.7m, "contractPrice"), (opened.GetProperty("reason").GetString(), opened.GetProperty("maxLoanToValue").GetDecimal(), opened.GetProperty("quote").GetProperty("rule").GetString()));

        await Api.DoAsync("/v1/loans", await LoanBodyAsync(Api, bank, await PledgeAsync(Api, bank), "29358.00"), bank);
    }

    [Fact]
    public async Task Interest_that_an_earlier_start_owes_already_counts_against_the_banks_own_limit()
    {
        // 20,000.00 at 4.35 % for 3,873 days bear 9,359.75; with it the loan stands above 70 % of 41,940.00, its principal alone far below.
        var bank = await Api.OrganizationAsync("bank");
        await PolicyAsync(bank, new { maxLoanToValue = 0.7, valuationRule = "contractPrice" });
        var (pledge, today) = (await PledgeAsync(Api, bank), DateTime.UtcNow.AddHours(8).Date);
        string Before(int days) => today.AddDays(-days).ToString("yyyy-MM-dd");
        await RefusedPostAsync(409, "loan-to-value-above-limit", "/v1/loans", await LoanBodyAsync(Api, bank, pledge, "20000.00", Before(3_873)), bank);
        await Api.DoAsync("/v1/loans", await LoanBodyAsync(Api, bank, pledge, "20000.00", Before(3_800)), bank);
        await Api.DoAsync("/v1/loans", await LoanBodyAsync(Api, bank, await PledgeAsync(Api, bank), "29358.00", Before(-30)), bank);
    }

    [Fact]
    public async Task A_run_calls_once_and_a_repayment_or_a_pledge_cures()
    {
        var bank = await Api.OrganizationAsync("bank");
        await PolicyAsync(bank, new { valuationRule = "contractPrice" });
        var (first, second) = (await LoanAsync(bank, "33600.00"), await LoanAsync(bank, "37800.00"));
        await LoanAsync(bank, "33552.00"); // exactly at 80 %
        await PolicyAsync(bank, new { warningLoanToValue = 0.8, liquidationLoanToValue = 0.9, valuationRule = "contractPrice" });

        var run = (await Api.DoAsync($"/v1/banks/{bank}/margin-runs", null, bank)).Body;
        Assert.Equal((3, 0, "contractPrice"), (run.GetProperty("loansValued").GetInt32(), run.GetProperty("loansLeft").GetInt32(), run.GetProperty("valuationRule").GetString()));
        Assert.Equal(
            new[] { (first, false), (second, true) }.Order(),
            run.GetProperty("called").EnumerateArray().Select(c => (c.GetProperty("loanId").GetString()!, c.GetProperty("pastLiquidation").GetBoolean())).Order());
        Assert.Equal(0, (await Api.DoAsync($"/v1/banks/{bank}/margin-runs")).Body.GetProperty("called").GetArrayLength());

        var middle = Now();
        await Task.Delay(20);
        await Api.DoAsync($"/v1/loans/{first}/repayments", new { amount = "48.00" }, bank);
        await Api.DoAsync($"/v1/loans/{second}/pledges", new { pledgeId = await PledgeAsync(Api, bank) }, bank);
        var calls = await CallsAsync(Api, bank);
        Assert.Equal(
            new[] { (first, "cured", "repayment"), (second, "cured", "collateral") }.Order(),
            calls.Select(c => (c.GetProperty("loanId").GetString()!, c.GetProperty("status").GetString()!, c.GetProperty("cure").GetString()!)).Order());
        Assert.Equal(2, (await CallsAsync(Api, bank, $"?asOf={middle}")).Count(c => c.GetProperty("status").GetString() == "open"));
        Assert.Equal((2, 0), ((await CallsAsync(Api, bank, $"?status=open&asOf={middle}")).Count, (await CallsAsync(Api, bank, $"?status=cured&asOf={middle}")).Count));
        Assert.Equal((0, 2), ((await CallsAsync(Api, bank, "?status=open")).Count, (await CallsAsync(Api, bank, "?status=cured")).Count));
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/banks/{bank}/margin-calls?status=closed");
        Assert.Single(await CallsAsync(Api, bank, "?limit=1"));
        Assert.False((await Api.ReadAsync($"/v1/loans/{first}")).TryGetProperty("marginCall", out _));
        Assert.True((await Api.ReadAsync($"/v1/loans/{second}?asOf={middle}")).GetProperty("marginCall").GetProperty("pastLiquidation").GetBoolean());
        await SqlAsync($"update ledger.margin_calls set cured_index = null, cured_on = null, cure = null where loan_id = '{first}'");
        var twice = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => SqlAsync(
            $"insert into ledger.margin_calls select gen_random_uuid(), loan_id, bank_id, called_index, called_on, outstanding, collateral_value, warning, liquidation, rule from ledger.margin_calls where loan_id = '{first}'"));
        Assert.Equal("margin_calls_one_open", twice.ConstraintName);
    }

    [Fact]
    public async Task A_substitution_that_adds_enough_cures_in_the_same_command()
    {
        // 40,000.00 at 80 % ask for 50,000.00 of collateral: 1,192,180 kg at 41.94.
        var bank = await Api.OrganizationAsync("bank");
        await PolicyAsync(bank, new { valuationRule = "contractPrice" });
        var voucher = await Api.VoucherAsync(1_300_000);
        var pledge = (await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(voucher.Account, voucher.Line(1_000_000))).With(new { pledgeeId = bank }))).Id;
        var loan = (await Api.DoAsync("/v1/loans", await LoanBodyAsync(Api, bank, pledge, "40000.00"), bank)).Id;
        await PolicyAsync(bank, new { warningLoanToValue = 0.8, valuationRule = "contractPrice" });
        await Api.DoAsync($"/v1/banks/{bank}/margin-runs", null, bank);
        var path = $"/v1/pledges/{pledge}/substitutions";
        await Api.DoAsync(path, new { @in = new[] { voucher.Line((1_000_001, 1_192_178)) }, @out = new[] { voucher.Line(1) } }, bank);
        Assert.Equal("open", Assert.Single(await CallsAsync(Api, bank)).GetProperty("status").GetString());

        var cured = await Api.DoAsync(path, new { @in = new[] { voucher.Line((1_192_179, 1_192_182)) }, @out = new[] { voucher.Line(1) } }, bank);
        var call = Assert.Single(await CallsAsync(Api, bank));
        Assert.Equal(("cured", "collateral"), (call.GetProperty("status").GetString(), call.GetProperty("cure").GetString()));
        Assert.False((await Api.ReadAsync($"/v1/loans/{loan}")).TryGetProperty("marginCall", out _));
        var last = (await Api.ReadAsync($"/v1/events?after={cured.LogIndex - 1}&limit=1")).GetProperty("events")[0];
        Assert.Equal(("margin_call_cured", loan), (last.GetProperty("type").GetString(), last.GetProperty("streamId").GetString()));
    }

    [Fact]
    public async Task The_calls_of_one_run_stand_in_log_order()
    {
        var bank = await Api.OrganizationAsync("bank");
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => LoanAsync(bank, "40000.00")));
        await PolicyAsync(bank, new { warningLoanToValue = 0.8, valuationRule = "contractPrice" });
        await Api.DoAsync($"/v1/banks/{bank}/margin-runs");
        var before = (await Api.ReadAsync($"/v1/events?after={await Api.HeadAsync() - 1}&limit=1")).GetProperty("events")[0].GetProperty("at").GetString();
        var positions = (await CallsAsync(Api, bank)).ConvertAll(c => c.GetProperty("logIndex").GetInt64());
        Assert.Equal(12, positions.Count);
        Assert.Equal(positions.Order(), positions);
        foreach (var asOf in new[] { "", $"&asOf={before}" })
        {
            var (paged, cursor) = (new List<long>(), "");
            do
            {
                var page = await Api.ReadAsync($"/v1/banks/{bank}/margin-calls?limit=5{asOf}{cursor}");
                paged.AddRange(page.GetProperty("items").EnumerateArray().Select(c => c.GetProperty("logIndex").GetInt64()));
                cursor = page.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : "";
                await LoanAsync(bank, "40000.00");
                await Api.DoAsync($"/v1/banks/{bank}/margin-runs");
            }
            while (cursor != "");
            Assert.Equal(positions, paged.Take(12));
            Assert.Equal(paged.Distinct(), paged);
            Assert.Equal(asOf == "", paged.Count > 12);
        }
    }

    [Fact]
    public async Task More_open_calls_than_a_book_lists_are_counted_all_the_same()
    {
        var bank = await Api.OrganizationAsync("bank");
        await SqlAsync($"""
            insert into ledger.margin_calls (call_id, loan_id, bank_id, called_index, called_on, outstanding, collateral_value, warning, liquidation, rule)
            select gen_random_uuid(), gen_random_uuid(), '{bank}', 1, '2026-01-01', 1, 1, 0.8, null, 'contractPrice' from generate_series(1, 1001)
            """);
        var book = await Api.ReadAsync($"/v1/banks/{bank}/collateral-book");
        Assert.Equal((1_001, 1_000), (book.GetProperty("openMarginCallCount").GetInt32(), book.GetProperty("openMarginCalls").GetArrayLength()));
        var page = (await Api.GetAsync($"/banks/{bank}/loan-book")).Text;
        Assert.Contains("Open margin calls: 1001", page);
        Assert.Contains($"/v1/banks/{bank}/margin-calls?status=open", page);
        await SqlAsync($"delete from ledger.margin_calls where bank_id = '{bank}'");
    }

    [Fact]
    public async Task Runs_at_once_record_one_call()
    {
        var bank = await Api.OrganizationAsync("bank");
        var loans = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => LoanAsync(bank, "40000.00")));
        await PolicyAsync(bank, new { warningLoanToValue = 0.8, valuationRule = "contractPrice" });
        var runs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Api.DoAsync($"/v1/banks/{bank}/margin-runs")));
        Assert.Equal(5, runs.Sum(r => r.Body.GetProperty("called").GetArrayLength()));
        Assert.Equal(loans.Order(), (await CallsAsync(Api, bank)).Select(c => c.GetProperty("loanId").GetString()).Order());
    }

    [Fact]
    public async Task A_run_is_the_banks_and_needs_a_policy()
    {
        var (bank, cast) = (await Api.OrganizationAsync("bank"), await Api.CastAsync());
        await RefusedPostAsync(409, "no-collateral-policy", $"/v1/banks/{bank}/margin-runs", null, bank);
        await PolicyAsync(bank, new { warningLoanToValue = 0.8 });
        await RefusedPostAsync(403, "not-authorized", $"/v1/banks/{bank}/margin-runs", null, cast.OtherBank);
        await RefusedPostAsync(404, "organization-not-found", $"/v1/banks/{Nobody}/margin-runs");
        await RefusedPostAsync(400, "malformed-body", $"/v1/banks/{bank}/margin-runs", new { price = 1 }, bank);
        await RefusedGetAsync(404, "organization-not-found", $"/v1/banks/{Nobody}/margin-calls");
        await RefusedGetAsync(404, "organization-not-found", $"/v1/banks/{Nobody}/collateral-book");
    }

    [Fact]
    public async Task A_published_price_and_a_days_interest_call_by_themselves_whatever_the_clock_does()
    {
        var clock = new SetClock { Now = Instant.FromUtc(2026, 1, 1, 4, 0) };
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync(), clock);
        using var api = new LedgerApi(server.Url);
        var bank = await api.OrganizationAsync("bank");
        var venue = (await api.CastAsync()).Venue;
        await api.DoAsync($"/v1/banks/{bank}/collateral-policy", new { warningLoanToValue = 0.8, liquidationLoanToValue = 0.9 }, bank);
        await PriceAsync("2026-01-01", "40.00");

        // 1,000 t at 40.00; 32,000.00 stand at the level, and a day of interest passes it.
        var id = (await api.DoAsync("/v1/loans", await LoanBodyAsync(api, bank, await PledgeAsync(api, bank), "32000.00", "2026-01-01"), bank)).Id;
        await Task.Delay(2500);
        Assert.Empty(await CallsAsync(api, bank));
        clock.Now += Duration.FromDays(1);
        var call = Assert.Single(await UntilAsync(c => c.Count == 1));
        Assert.Equal(("2026-01-02", "open", "32003.87"), (call.GetProperty("date").GetString(), call.GetProperty("status").GetString(), call.GetProperty("outstanding").GetString()));

        // Back a month and forward again: the call is neither doubled nor lost.
        clock.Now -= Duration.FromDays(30);
        await PriceAsync("2025-12-01", "39.00");
        await Task.Delay(1500);
        clock.Now += Duration.FromDays(30);
        await Task.Delay(1500);
        Assert.Equal(call.GetProperty("id").GetString(), Assert.Single(await CallsAsync(api, bank)).GetProperty("id").GetString());

        await PriceAsync("2026-01-02", "35.00");
        await UntilAsync(c => c[0].TryGetProperty("liquidationPassedOn", out _));
        await PriceAsync("2026-01-02", "41.00");
        Assert.Equal("valuation", Assert.Single(await UntilAsync(c => c[0].GetProperty("status").GetString() == "cured")).GetProperty("cure").GetString());

        // The next crossing is a call of its own.
        await PriceAsync("2026-01-02", "30.00");
        await UntilAsync(c => c.Count == 2);
        await api.DoAsync($"/v1/loans/{id}/repayments", new { amount = "32003.87" }, bank);
        Assert.Equal("repayment", (await CallsAsync(api, bank))[1].GetProperty("cure").GetString());

        Task PriceAsync(string date, string price) => api.DoAsync("/v1/reference-prices", new { venueId = venue, date, pricePerTonne = price });

        async Task<List<JsonElement>> UntilAsync(Func<List<JsonElement>, bool> isThere)
        {
            for (var patience = 0; ; patience++)
            {
                var calls = await CallsAsync(api, bank);
                if (isThere(calls))
                {
                    return calls;
                }

                Assert.True(patience < 200, $"After 20 s the calls are still {string.Join(", ", calls)}");
                await Task.Delay(100);
            }
        }
    }

    [Fact]
    public async Task The_collateral_book_adds_up_now_and_then()
    {
        var bank = await Api.OrganizationAsync("bank");
        await PolicyAsync(bank, new { valuationRule = "contractPrice" });
        var today = DateTime.UtcNow.AddHours(8).Date;
        string In(int days) => today.AddDays(days).ToString("yyyy-MM-dd");
        await LoanAsync(bank, "10000.00", In(-10), In(-1), 500);
        await LoanAsync(bank, "20000.01", In(0), In(30), 1_000_000);
        var before = Now();
        await Task.Delay(20);
        var late = await LoanAsync(bank, "30000.00", In(0), In(400), 1_000_000);
        await Api.DoAsync($"/v1/loans/{late}/pledges", new { pledgeId = await PledgeAsync(Api, bank, 500_000) });
        await PolicyAsync(bank, new { warningLoanToValue = 0.4, liquidationLoanToValue = 0.4769, valuationRule = "contractPrice" });
        await Api.DoAsync($"/v1/banks/{bank}/margin-runs");

        var book = await Api.ReadAsync($"/v1/banks/{bank}/collateral-book");
        var totals = book.GetProperty("totals");
        Assert.Equal((3, 2_500_500), (totals.GetProperty("loans").GetInt32(), totals.GetProperty("kilograms").GetInt64()));
        Assert.Equal("104870.97", totals.GetProperty("collateralValue").GetString()); // 20.97 + 41,940.00 + 41,940.00 + 20,970.00
        var ladder = book.GetProperty("maturityLadder").EnumerateArray().ToArray();
        Assert.Equal(["overdue 1", "0-30 1", "31-90 0", "91-180 0", "181-365 0", "366+ 1"], ladder.Select(b => $"{b.GetProperty("days").GetString()} {b.GetProperty("loans").GetInt32()}"));
        var outstanding = Yuan(totals, "outstanding");
        Assert.Equal(60_000.01m + Math.Round(10_000 * 0.0435m * 10 / 360, 2, MidpointRounding.AwayFromZero), outstanding);
        Assert.Equal(outstanding, ladder.Sum(b => Yuan(b, "outstanding")));
        Assert.Equal(outstanding, book.GetProperty("projects").EnumerateArray().Sum(p => Yuan(p, "exposure")));
        Assert.Equal(outstanding, book.GetProperty("units").EnumerateArray().Sum(p => Yuan(p, "exposure")));
        Assert.Equal(2_500_500, book.GetProperty("units").EnumerateArray().Sum(p => p.GetProperty("kilograms").GetInt64()));
        Assert.Equal((3, 1), (book.GetProperty("openMarginCallCount").GetInt32(), book.GetProperty("loansPastLiquidation").GetInt32()));

        var then = await Api.ReadAsync($"/v1/banks/{bank}/collateral-book?asOf={before}");
        Assert.Equal((2, 1_000_500, 0), (then.GetProperty("totals").GetProperty("loans").GetInt32(), then.GetProperty("totals").GetProperty("kilograms").GetInt64(), then.GetProperty("openMarginCalls").GetArrayLength()));
        Assert.Equal(3, (await Api.ReadAsync($"/v1/banks/{bank}/loan-book")).GetProperty("loans").GetArrayLength());
        var page = (await Api.GetAsync($"/banks/{bank}/loan-book")).Text;
        Assert.All(new[] { "押品台账", "期限", "追加担保", "104,870.97", "overdue" }, word => Assert.Contains(word, page));

        var more = System.Text.RegularExpressions.Regex.Match((await Api.GetAsync($"/banks/{bank}/loan-book?limit=1")).Text, $"/v1/banks/{bank}/loan-book.cursor=[^\"]+").Value;
        Assert.Equal(2, (await Api.ReadAsync(more)).GetProperty("loans").GetArrayLength());
    }

    [Fact]
    public async Task A_loans_collateral_is_rounded_once_and_the_parts_of_the_book_add_up_to_it()
    {
        var bank = await Api.OrganizationAsync("bank");
        string[] pledges = [await PledgeAsync(Api, bank, 1), await PledgeAsync(Api, bank, 1), await PledgeAsync(Api, bank, 1)];
        await PolicyAsync(bank, new { valuationRule = "contractPrice" });
        var body = (await LoanBodyAsync(Api, bank, pledges[0], "0.01")).With(new { pledgeIds = pledges });
        var loan = await Api.ReadAsync($"/v1/loans/{(await Api.DoAsync("/v1/loans", body)).Id}");
        Assert.Equal("0.13", loan.GetProperty("collateralValue").GetString()); // 3 kg × 41.94 ÷ 1,000 = 0.12582

        var book = await Api.ReadAsync($"/v1/banks/{bank}/collateral-book");
        Assert.Equal("0.13", book.GetProperty("totals").GetProperty("collateralValue").GetString());
        Assert.All(new[] { "units", "projects" }, part => Assert.Equal(0.13m, book.GetProperty(part).EnumerateArray().Sum(p => Yuan(p, "collateralValue"))));
    }

    [Fact]
    public async Task A_call_ends_with_the_enforcement_that_repays_its_loan()
    {
        var (bank, cast) = (await Api.OrganizationAsync("bank"), await Api.CastAsync());
        await PolicyAsync(bank, new { warningLoanToValue = 0.5, valuationRule = "contractPrice" });
        var pledge = await PledgeAsync(Api, bank, 1000);
        var loan = (await Api.DoAsync("/v1/loans", await LoanBodyAsync(Api, bank, pledge, "30.00"))).Id;
        await Api.DoAsync($"/v1/banks/{bank}/margin-runs");
        await Api.DoAsync($"/v1/pledges/{pledge}/default-notices", new { reason = "not repaid" }, bank);
        await Api.DoAsync($"/v1/pledges/{pledge}/enforcements", new { buyerAccountId = cast.BuyerAccount, pricePerTonne = "41.94" }, bank);

        Assert.False((await Api.ReadAsync($"/v1/loans/{loan}")).TryGetProperty("marginCall", out _));
        Assert.Equal("repayment", Assert.Single(await CallsAsync(Api, bank)).GetProperty("cure").GetString());
        var book = await Api.ReadAsync($"/v1/banks/{bank}/collateral-book");
        Assert.Equal((0, 0), (book.GetProperty("totals").GetProperty("loans").GetInt32(), book.GetProperty("openMarginCalls").GetArrayLength()));
    }

    private Task PolicyAsync(string bank, object policy) => Api.DoAsync($"/v1/banks/{bank}/collateral-policy", policy, bank);

    private async Task<string> LoanAsync(string bank, string principal, string? start = null, string maturity = "2099-08-31", long kilograms = 1_000_000) =>
        (await Api.DoAsync("/v1/loans", await LoanBodyAsync(Api, bank, await PledgeAsync(Api, bank, kilograms), principal, start, maturity))).Id;

    /// <summary>So many kilograms at 41.94 by contract; 1,000 t unless said otherwise.</summary>
    private static async Task<string> PledgeAsync(LedgerApi api, string bank, long kilograms = 1_000_000)
    {
        var voucher = await api.VoucherAsync(kilograms);
        return (await api.DoAsync("/v1/pledges", (await api.PledgeBodyAsync(voucher.Account, voucher.Line(kilograms))).With(new { pledgeeId = bank }))).Id;
    }

    private static async Task<object> LoanBodyAsync(LedgerApi api, string bank, string pledge, string principal, string? start = null, string maturity = "2099-08-31", string? reason = null) =>
        (await api.LoanBodyAsync([pledge], principal, start ?? DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd")))
            .With(new { bankId = bank, maturityDate = maturity, @override = reason is null ? null : new { reason } });

    private static async Task<List<JsonElement>> CallsAsync(LedgerApi api, string bank, string query = "") =>
        [.. (await api.ReadAsync($"/v1/banks/{bank}/margin-calls{query}")).GetProperty("items").EnumerateArray()];

    private static decimal Yuan(JsonElement of, string member) => decimal.Parse(of.GetProperty(member).GetString()!, System.Globalization.CultureInfo.InvariantCulture);

    private static string Sorted(JsonElement of) => "{" + string.Join(',', of.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => $"\"{m.Name}\":{m.Value.GetRawText()}")) + "}";
}
