using System.Text.Json;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Rates, costs, further pledges and the bank's own limit, over HTTP; and the refusal of each.</summary>
public sealed class LoanLifeSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_loan_shows_costs_rates_and_arrears()
    {
        var bank = (await Api.CastAsync()).Bank;
        var id = await LoanAsync("2022-08-31");
        await Api.DoAsync($"/v1/loans/{id}/costs", new { amount = "80.00", date = "2021-09-01", reason = "Notary" }, bank);
        await Api.DoAsync($"/v1/loans/{id}/rate-changes", new { annualRate = 0.06, from = "2021-10-01", reason = "Review" }, bank);
        await Api.DoAsync($"/v1/loans/{id}/rate-changes", new { annualRate = "0.07", from = "2097-01-01", reason = "Review" }, bank);

        // 30 days at 4.35 % and 31 at 6 %: 1,000 × (0.0435 × 30 + 0.06 × 31) ÷ 360 = 8.7916…
        await Api.DoAsync($"/v1/loans/{id}/repayments", new { amount = "88.79", date = "2021-11-01" }, bank);
        var loan = await Api.ReadAsync($"/v1/loans/{id}");
        Assert.Equal(
            ("1000.00", "0.00", "8.79", "2021-11-01", 0.06m, "open", true),
            (Text(loan, "outstandingPrincipal"), Text(loan, "unpaidCosts"), Text(loan, "interestPaid"), Text(loan, "lastEntryDate"), loan.GetProperty("annualRate").GetDecimal(), Text(loan, "status"), loan.GetProperty("disbursed").GetBoolean()));
        Assert.Equal("2097-01-01", loan.GetProperty("rateChanges")[0].GetProperty("from").GetString());
        Assert.Equal(Text(loan, "outstanding"), Text(loan, "overdueAmount"));
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        Assert.Equal(today.DayNumber - new DateOnly(2022, 8, 31).DayNumber, loan.GetProperty("overdueDays").GetInt32());
        Assert.Contains("\"toCosts\":\"80.00\"", (await Api.ReadAsync($"/v1/events?after={await Api.HeadAsync() - 1}")).GetRawText());
    }

    [Fact]
    public async Task A_loan_is_as_it_was_at_a_past_instant()
    {
        var id = await LoanAsync();
        var before = Now();
        await Task.Delay(20);
        await Api.DoAsync($"/v1/loans/{id}/costs", new { amount = "80.00", date = "2021-09-01", reason = "Notary" });
        await Api.DoAsync($"/v1/loans/{id}/pledges", new { pledgeId = await Api.PledgeAsync(await Api.VoucherAsync(), 500) });
        var after = Now();
        await Task.Delay(20);
        await Api.DoAsync($"/v1/loans/{id}/repayments", new { amount = "580.00", date = "2021-09-01" });

        var (then, middle, now) = (await Api.ReadAsync($"/v1/loans/{id}?asOf={before}"), await Api.ReadAsync($"/v1/loans/{id}?asOf={after}"), await Api.ReadAsync($"/v1/loans/{id}"));
        Assert.Equal(("1000.00", "0.00", 1000), (Text(then, "outstandingPrincipal"), Text(then, "unpaidCosts"), then.GetProperty("collateralKilograms").GetInt64()));
        Assert.Equal(("1000.00", "80.00", 1500), (Text(middle, "outstandingPrincipal"), Text(middle, "unpaidCosts"), middle.GetProperty("collateralKilograms").GetInt64()));
        Assert.Equal(("500.00", "0.00", 1500), (Text(now, "outstandingPrincipal"), Text(now, "unpaidCosts"), now.GetProperty("collateralKilograms").GetInt64()));
    }

    [Fact]
    public async Task Costs_and_rates_are_the_banks_and_in_order()
    {
        var cast = await Api.CastAsync();
        var id = await LoanAsync();
        var (costs, rates) = ($"/v1/loans/{id}/costs", $"/v1/loans/{id}/rate-changes");
        await Api.DoAsync(costs, new { amount = "1.00", date = "2021-10-01", reason = "Notary" });
        await RefusedPostAsync(403, "not-authorized", costs, new { amount = "1.00", reason = "Notary" }, cast.Owner);
        await RefusedPostAsync(403, "not-authorized", rates, new { annualRate = 0.05, from = "2022-01-01", reason = "Review" }, cast.OtherBank);
        await RefusedPostAsync(400, "date-in-future", costs, new { amount = "1.00", date = "2099-01-01", reason = "Notary" });
        await RefusedPostAsync(409, "date-before-last-entry", costs, new { amount = "1.00", date = "2021-09-30", reason = "Notary" });
        await RefusedPostAsync(409, "date-before-last-entry", rates, new { annualRate = 0.05, from = "2021-09-30", reason = "Review" });
        await RefusedPostAsync(400, "value-out-of-range", costs, new { amount = "0.00", reason = "Notary" });
        await RefusedPostAsync(400, "value-out-of-range", costs, new { amount = "1.00", reason = " " });
        await RefusedPostAsync(400, "value-out-of-range", rates, new { annualRate = 1.01, from = "2022-01-01", reason = "Review" });
        await RefusedPostAsync(400, "malformed-body", rates, new { annualRate = 0.05, from = "2022-01-01" });
        await RefusedPostAsync(404, "loan-not-found", $"/v1/loans/{Nobody}/costs", new { amount = "1.00", reason = "Notary" });
        await RefusedPostAsync(404, "loan-not-found", $"/v1/loans/{Nobody}/rate-changes", new { annualRate = 0.05, from = "2022-01-01", reason = "Review" });
        await Api.DoAsync(costs, new { amount = "9999999999.00", reason = "Auction" });
        await RefusedPostAsync(409, "too-many-costs", costs, new { amount = "0.01", reason = "Notary" });
    }

    [Fact]
    public async Task A_repaid_loan_takes_nothing_more()
    {
        var id = await LoanAsync();
        await Api.DoAsync($"/v1/loans/{id}/repayments", new { amount = "1000.00", date = "2021-09-01" });
        await RefusedPostAsync(409, "loan-repaid", $"/v1/loans/{id}/costs", new { amount = "1.00", reason = "Notary" });
        await RefusedPostAsync(409, "loan-repaid", $"/v1/loans/{id}/rate-changes", new { annualRate = 0.05, from = "2022-01-01", reason = "Review" });
        await RefusedPostAsync(409, "loan-repaid", $"/v1/loans/{id}/pledges", new { pledgeId = await Api.PledgeAsync(await Api.VoucherAsync(), 1) });
    }

    [Fact]
    public async Task A_hundred_rates_may_wait()
    {
        var id = await LoanAsync();
        for (var i = 0; i < 100; i++)
        {
            await Api.DoAsync($"/v1/loans/{id}/rate-changes", new { annualRate = 0.05, from = new DateOnly(2090, 1, 1).AddDays(i).ToString("yyyy-MM-dd"), reason = "Review" });
        }

        await RefusedPostAsync(409, "too-many-rate-changes", $"/v1/loans/{id}/rate-changes", new { annualRate = 0.05, from = "2091-01-01", reason = "Review" });
    }

    [Fact]
    public async Task A_further_pledge_is_of_the_same_lender_and_secures_nothing_else()
    {
        var cast = await Api.CastAsync();
        var (id, other, v) = (await LoanAsync(), await LoanAsync(), await Api.VoucherAsync(1000));
        var pledge = await Api.PledgeAsync(v, 200);
        await RefusedPostAsync(403, "not-authorized", $"/v1/loans/{id}/pledges", new { pledgeId = pledge }, cast.OtherBank);
        await RefusedPostAsync(404, "pledge-not-found", $"/v1/loans/{id}/pledges", new { pledgeId = Nobody });
        await RefusedPostAsync(404, "loan-not-found", $"/v1/loans/{Nobody}/pledges", new { pledgeId = pledge });
        await Api.DoAsync($"/v1/loans/{id}/pledges", new { pledgeId = pledge }, cast.Bank);
        await RefusedPostAsync(409, "pledge-secures-loan", $"/v1/loans/{other}/pledges", new { pledgeId = pledge });
        Assert.Equal(id, Text(await Api.ReadAsync($"/v1/pledges/{pledge}"), "loanId"));

        var released = await Api.PledgeAsync(v, 200);
        await Api.DoAsync($"/v1/pledges/{released}/releases", new { reason = "waived" }, cast.Bank);
        await RefusedPostAsync(409, "pledge-not-in-force", $"/v1/loans/{id}/pledges", new { pledgeId = released });
        var foreign = (await Api.PledgeBodyAsync(v.Account, v.Line(100))).With(new { pledgeeId = cast.OtherBank });
        await RefusedPostAsync(409, "pledge-of-another-lender", $"/v1/loans/{id}/pledges", new { pledgeId = (await Api.DoAsync("/v1/pledges", foreign)).Id });
    }

    [Fact]
    public async Task A_hundred_pledges_secure_a_loan()
    {
        var v = await Api.VoucherAsync(200);
        var pledges = await Task.WhenAll(Enumerable.Range(0, 101).Select(_ => Api.PledgeAsync(v, 1)));
        var id = (await Api.DoAsync("/v1/loans", await Api.LoanBodyAsync(pledges[..^1]))).Id;
        await RefusedPostAsync(409, "too-many-pledges", $"/v1/loans/{id}/pledges", new { pledgeId = pledges[^1] });
    }

    [Theory]
    [InlineData("principal", "10000000000.00")]
    [InlineData("startDate", "1969-12-31")]
    public async Task A_loan_has_bounds(string member, string value)
    {
        var body = await Api.LoanBodyAsync([await Api.PledgeAsync(await Api.VoucherAsync(), 1)]);
        await RefusedPostAsync(400, "value-out-of-range", "/v1/loans", body.With(new Dictionary<string, string> { [member] = value }));
    }

    [Fact]
    public async Task The_greatest_loan_and_price_can_still_be_read()
    {
        var body = await Api.LoanBodyAsync([await Api.PledgeAsync(await Api.VoucherAsync(9_999_999_999), 9_999_999_999)], "9999999999.99", "1970-01-01");
        var id = (await Api.DoAsync("/v1/loans", body.With(new { annualRate = 1 }))).Id;
        await Api.DoAsync("/v1/reference-prices", new { venueId = (await Api.CastAsync()).Venue, date = "2021-08-20", pricePerTonne = "999999.9999" });
        Assert.Equal("999999999999.99", Text(await Api.ReadAsync($"/v1/loans/{id}"), "collateralValue"));
        await Api.ReadAsync($"/v1/banks/{(await Api.CastAsync()).Bank}/collateral-book");
    }

    private async Task<string> LoanAsync(string maturityDate = "2099-08-31") =>
        (await Api.DoAsync("/v1/loans", (await Api.LoanBodyAsync([await Api.PledgeAsync(await Api.VoucherAsync(), 1000)])).With(new { maturityDate }))).Id;
}
