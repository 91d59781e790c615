using System.Globalization;
using System.Text.Json;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>What a bank reads back of one loan, one pledge, one trade: every entry, and how each payment fell.</summary>
public sealed class LoanStatementSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_statement_tells_how_each_payment_fell_and_what_it_left()
    {
        var bank = (await Api.CastAsync()).Bank;
        var v = await Api.VoucherAsync(1500);
        var (pledge, further) = (await Api.PledgeAsync(v, 1000), await Api.PledgeAsync(v, 500));
        var id = await Api.LoanAsync(pledge);
        await Api.DoAsync($"/v1/loans/{id}/costs", new { amount = "80.00", date = "2021-09-01", reason = "Notary" }, bank);
        await Api.DoAsync($"/v1/loans/{id}/rate-changes", new { annualRate = 0.06, from = "2021-10-01", reason = "Review" }, bank);
        await Api.DoAsync($"/v1/loans/{id}/pledges", new { pledgeId = further }, bank);

        // 30 days at 4.35 % and 31 at 6 %: 1,000 × (0.0435 × 30 + 0.06 × 31) ÷ 360 = 8.7916…
        await Api.DoAsync($"/v1/loans/{id}/repayments", new { amount = "500.00", date = "2021-11-01" }, bank);
        var (entries, statement) = await StatementAsync(id);
        Assert.Equal(["opened", "costCharged", "rateChanged", "pledgeAdded", "repaid"], entries.Select(e => Text(e, "what")));
        Assert.Equal(("2021-09-01", "1000.00", 0.0435m, pledge), (Text(entries[0], "date"), Text(entries[0], "amount"), entries[0].GetProperty("annualRate").GetDecimal(), entries[0].GetProperty("pledgeIds")[0].GetString()));
        Assert.Equal(("80.00", "Notary", "1080.00"), (Text(entries[1], "amount"), Text(entries[1], "reason"), Owed(entries[1], "outstanding")));
        Assert.Equal(("2021-10-01", 0.06m, "Review"), (Text(entries[2], "date"), entries[2].GetProperty("annualRate").GetDecimal(), Text(entries[2], "reason")));
        Assert.Equal(further, entries[3].GetProperty("pledgeIds")[0].GetString());
        Assert.False(entries[2].TryGetProperty("owed", out _) || entries[3].TryGetProperty("owed", out _));
        Assert.Equal(
            ("2021-11-01", "8.79", "80.00", "8.79", "411.21", "0.00", "0.00", "588.79"),
            (Text(entries[4], "date"), Text(entries[4], "interestAccrued"), Text(entries[4], "toCosts"), Text(entries[4], "toInterest"), Text(entries[4], "toPrincipal"), Owed(entries[4], "costs"), Owed(entries[4], "interest"), Owed(entries[4], "principal")));
        var loan = await Api.ReadAsync($"/v1/loans/{id}");
        Assert.Equal((Text(loan, "outstanding"), Text(loan, "accruedInterest")), (Owed(statement, "outstanding"), Owed(statement, "interest")));
        Assert.Equal(Text(loan, "valuationDate"), Text(statement, "date"));
    }

    [Fact]
    public async Task What_was_owed_accrued_and_was_paid_make_what_is_owed_page_by_page()
    {
        var (id, random) = (await Api.LoanAsync(await Api.PledgeAsync(await Api.VoucherAsync(), 1000), "90000.00"), new Random(3));
        for (var i = 0; i < 25; i++)
        {
            var date = new DateOnly(2021, 9, 1).AddDays(7 * i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var amount = (random.Next(1, 300_000) / 100m).ToString("0.00", CultureInfo.InvariantCulture);
            await (random.Next(3) == 0
                ? Api.DoAsync($"/v1/loans/{id}/costs", new { amount, date, reason = "Notary" })
                : Api.DoAsync($"/v1/loans/{id}/repayments", new { amount, date }));
        }

        var (costs, interest, principal) = (0m, 0m, 0m);
        var (entries, statement) = await StatementAsync(id, limit: 7);
        Assert.Equal(26, entries.Count);
        foreach (var e in entries)
        {
            (costs, interest, principal) = (costs - Sum(e, "toCosts"), interest + Sum(e, "interestAccrued") - Sum(e, "toInterest"), principal - Sum(e, "toPrincipal"));
            costs += Text(e, "what") == "costCharged" ? Sum(e, "amount") : 0;
            principal += Text(e, "what") == "opened" ? Sum(e, "amount") : 0;
            var owed = e.GetProperty("owed");
            Assert.Equal((costs, interest, principal, costs + interest + principal), (Sum(owed, "costs"), Sum(owed, "interest"), Sum(owed, "principal"), Sum(owed, "outstanding")));
            Assert.True(Text(e, "what") != "repaid" || Sum(e, "amount") == Sum(e, "toCosts") + Sum(e, "toInterest") + Sum(e, "toPrincipal"));
        }

        Assert.Equal((costs, principal), (Sum(statement.GetProperty("owed"), "costs"), Sum(statement.GetProperty("owed"), "principal")));
    }

    [Fact]
    public async Task A_margin_call_and_what_an_enforcement_brought_are_entries()
    {
        var cast = await Api.CastAsync();
        var v = await Api.VoucherAsync(10_000);
        var bank = await Api.OrganizationAsync("bank");
        await Api.DoAsync($"/v1/banks/{bank}/collateral-policy", new { warningLoanToValue = 0.5, liquidationLoanToValue = 0.9, valuationRule = "contractPrice" }, bank);
        var pledge = (await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(v.Account, v.Line(10_000))).With(new { pledgeeId = bank }))).Id;
        var id = (await Api.DoAsync("/v1/loans", (await Api.LoanBodyAsync([pledge], "300.00")).With(new { bankId = bank, annualRate = 0 }))).Id;
        await Api.DoAsync($"/v1/banks/{bank}/margin-runs", new { }, bank);
        await Api.DoAsync($"/v1/pledges/{pledge}/default-notices", new { reason = "Unpaid" }, bank);
        await Api.DoAsync($"/v1/pledges/{pledge}/enforcements", new { method = "auction", buyerAccountId = cast.BuyerAccount, pricePerTonne = "20.00", costs = "30.00" }, bank);
        var (entries, _) = await StatementAsync(id);
        var call = entries[1];
        Assert.Equal(["opened", "marginCalled", "recovered"], entries.Select(e => Text(e, "what")));
        Assert.Equal(("300.00", "419.40", 0.7153m, false), (Text(call, "outstanding"), Text(call, "collateralValue"), call.GetProperty("loanToValue").GetDecimal(), call.GetProperty("pastLiquidation").GetBoolean()));
        Assert.Equal(("170.00", "170.00", "130.00", pledge), (Text(entries[2], "amount"), Text(entries[2], "toPrincipal"), Owed(entries[2], "outstanding"), entries[2].GetProperty("pledgeIds")[0].GetString()));

        await Api.DoAsync($"/v1/loans/{id}/repayments", new { amount = "130.00" }, bank);
        (entries, _) = await StatementAsync(id);
        Assert.Equal(("marginCallCured", "repayment", Text(call, "marginCallId")), (Text(entries[^1], "what"), Text(entries[^1], "cure"), Text(entries[^1], "marginCallId")));
    }

    [Fact]
    public async Task A_statement_is_as_it_was_at_a_past_instant_and_its_pages_are_of_one_position()
    {
        var id = await Api.LoanAsync(await Api.PledgeAsync(await Api.VoucherAsync(), 1000));
        await Api.DoAsync($"/v1/loans/{id}/costs", new { amount = "1.00", date = "2021-09-01", reason = "Notary" });
        var then = Now();
        await Task.Delay(20);
        var first = await Api.ReadAsync($"/v1/loans/{id}/statement?limit=1");
        await Api.DoAsync($"/v1/loans/{id}/repayments", new { amount = "1001.00", date = "2021-09-01" });
        var second = await Api.ReadAsync($"/v1/loans/{id}/statement?limit=5&cursor={Text(first, "nextCursor")}");
        Assert.Equal((1, "1001.00", false), (second.GetProperty("entries").GetArrayLength(), Owed(second.GetProperty("entries")[0], "outstanding"), second.TryGetProperty("nextCursor", out _)));
        Assert.Equal((Owed(first, "outstanding"), first.GetProperty("logIndex").GetInt64()), (Owed(second, "outstanding"), second.GetProperty("logIndex").GetInt64()));
        Assert.Equal(2, (await Api.ReadAsync($"/v1/loans/{id}/statement?asOf={then}")).GetProperty("entries").GetArrayLength());
        Assert.Equal("0.00", Owed(await Api.ReadAsync($"/v1/loans/{id}/statement"), "outstanding"));
        await RefusedGetAsync(404, "loan-not-found", $"/v1/loans/{id}/statement?asOf=2021-01-01T00:00:00Z");
        await RefusedGetAsync(404, "loan-not-found", $"/v1/loans/{Nobody}/statement");
        await RefusedGetAsync(400, "cursor-malformed", $"/v1/loans/{id}/statement?cursor={Nobody}");
    }

    [Fact]
    public async Task A_history_is_of_one_thing_and_of_its_kind()
    {
        var (v, bank) = (await Api.VoucherAsync(), (await Api.CastAsync()).Bank);
        var pledge = await Api.PledgeAsync(v, 1000);
        var loan = await Api.LoanAsync(pledge);
        await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { lines = new[] { v.Line(400) }, reason = "waived" }, bank);
        var freeze = (await Api.DoAsync("/v1/freezes", new { lines = new[] { v.Line(400) }, authority = "court", documentNumber = "D-1", kind = "judicial" })).Id;
        await Api.DoAsync($"/v1/freezes/{freeze}/lift", new { authority = "court", documentNumber = "D-2" });
        var trade = (await Api.DoAsync("/v1/trades", await DeferredTradeSpec.BodyAsync(Api, await Api.VoucherAsync(), (await Api.CastAsync()).BuyerAccount, holdUntil: null))).Id;
        await Api.DoAsync($"/v1/trades/{trade}/void", new { }, (await Api.CastAsync()).Venue);
        Assert.Equal(["pledge_registered", "pledge_secured_loan", "pledge_released"], await TypesAsync($"/v1/pledges/{pledge}/events"));
        Assert.Equal(["loan_opened"], await TypesAsync($"/v1/loans/{loan}/events"));
        Assert.Equal(["trade_registered", "trade_voided"], await TypesAsync($"/v1/trades/{trade}/events"));
        Assert.Equal(["freeze_ordered", "freeze_lifted"], await TypesAsync($"/v1/freezes/{freeze}/events"));
        Assert.Equal(["pledge_released"], await TypesAsync($"/v1/pledges/{pledge}/events?after=2"));
        await RefusedGetAsync(404, "loan-not-found", $"/v1/loans/{pledge}/events");
        await RefusedGetAsync(404, "pledge-not-found", $"/v1/pledges/{v.Id}/events");
        await RefusedGetAsync(404, "trade-not-found", $"/v1/trades/{loan}/events");
        await RefusedGetAsync(404, "freeze-not-found", $"/v1/freezes/{loan}/events");
        await RefusedGetAsync(404, "voucher-not-found", $"/v1/vouchers/{pledge}/events");
        await RefusedGetAsync(404, "claim-not-found", $"/v1/claims/{pledge}/events");
    }

    [Fact]
    public async Task The_history_of_an_application_and_of_an_account_tells_why()
    {
        var (cast, project) = (await Api.CastAsync(), await Api.ProjectAsync());
        var id = (await Api.DoAsync("/v1/applications", await Api.ApplicationBodyAsync(project), cast.Owner)).Id;
        await Api.DoAsync($"/v1/applications/{id}/submit", actingAs: cast.Owner);
        await Api.DoAsync($"/v1/applications/{id}/request-correction", new { reason = "Page 3 is missing" });
        Assert.Equal(["application_drafted", "application_submitted", "correction_requested"], await TypesAsync($"/v1/applications/{id}/events"));
        var asked = (await Api.ReadAsync($"/v1/applications/{id}/events?after=2")).GetProperty("events")[0].GetProperty("data");
        Assert.Equal(("Page 3 is missing", "registrar"), (Text(asked, "reason"), Text(asked, "actor")));

        var account = await Api.AccountAsync(cast.Owner);
        await Api.DoAsync($"/v1/accounts/{account}/close", new { reason = "Merged" });
        Assert.Equal(["account_opened", "account_closed"], await TypesAsync($"/v1/accounts/{account}/events"));
        await RefusedGetAsync(404, "application-not-found", $"/v1/applications/{account}/events");
        await RefusedGetAsync(404, "account-not-found", $"/v1/accounts/{id}/events");
    }

    private async Task<IEnumerable<string?>> TypesAsync(string path) =>
        (await Api.ReadAsync(path)).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("type").GetString());

    /// <summary>All entries, and the first page.</summary>
    private async Task<(List<JsonElement> Entries, JsonElement Statement)> StatementAsync(string loan, int limit = 100)
    {
        var first = await Api.ReadAsync($"/v1/loans/{loan}/statement?limit={limit}");
        var (entries, page) = (new List<JsonElement>(), first);
        while (true)
        {
            entries.AddRange(page.GetProperty("entries").EnumerateArray());
            if (!page.TryGetProperty("nextCursor", out var next))
            {
                return (entries, first);
            }

            page = await Api.ReadAsync($"/v1/loans/{loan}/statement?limit={limit}&cursor={next.GetString()}");
        }
    }

    private static string Owed(JsonElement of, string member) => of.GetProperty("owed").GetProperty(member).GetString()!;

    private static decimal Sum(JsonElement of, string member) => of.TryGetProperty(member, out var amount) ? decimal.Parse(amount.GetString()!, CultureInfo.InvariantCulture) : 0;
}
