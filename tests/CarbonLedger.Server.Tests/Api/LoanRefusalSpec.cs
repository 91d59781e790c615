namespace CarbonLedger.Server.Tests.Api;

/// <summary>Refusals around pledges and the loans they secure.</summary>
public sealed class LoanRefusalSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task Only_the_pledgee_releases_not_a_stranger_not_the_pledgor_not_the_registrar()
    {
        var cast = await Api.CastAsync();
        var id = await Api.PledgeAsync(await Api.VoucherAsync(), 1000);
        foreach (var actor in new[] { cast.Stranger, cast.OtherBank, cast.Owner, await Api.OrganizationAsync("registrar"), null })
        {
            await RefusedPostAsync(403, "not-the-pledgee", $"/v1/pledges/{id}/releases", new { reason = "repaid" }, actor);
        }

        await Api.DoAsync($"/v1/pledges/{id}/releases", new { reason = "repaid" }, cast.Bank);
        await RefusedPostAsync(409, "pledge-not-in-force", $"/v1/pledges/{id}/releases", new { reason = "repaid" }, cast.Bank);
    }

    [Fact]
    public async Task No_more_is_released_than_is_pledged()
    {
        var (v, bank) = (await Api.VoucherAsync(1000), (await Api.CastAsync()).Bank);
        var id = await Api.PledgeAsync(v, 600);
        await RefusedPostAsync(409, "release-exceeds-pledge", $"/v1/pledges/{id}/releases", new { reason = "repaid", lines = new[] { v.Line(601) } }, bank);
        await RefusedPostAsync(409, "release-exceeds-pledge", $"/v1/pledges/{id}/releases", new { reason = "repaid", lines = new[] { v.Line((600, 601)) } }, bank);
        await RefusedPostAsync(409, "release-exceeds-pledge", $"/v1/pledges/{id}/releases", new { reason = "repaid", lines = new[] { (await Api.VoucherAsync()).Line(1) } }, bank);
        await RefusedPostAsync(400, "duplicate-voucher-line", $"/v1/pledges/{id}/releases", new { reason = "repaid", lines = new[] { v.Line(1), v.Line(1) } }, bank);
        await RefusedPostAsync(404, "pledge-not-found", $"/v1/pledges/{Nobody}/releases", new { reason = "repaid" }, bank);
    }

    [Fact]
    public async Task A_release_in_part_leaves_the_rest_under_the_lien()
    {
        var (v, bank) = (await Api.VoucherAsync(1000), (await Api.CastAsync()).Bank);
        var id = await Api.PledgeAsync(v, 600);
        var released = await Api.DoAsync($"/v1/pledges/{id}/releases", new { reason = "waived", lines = new[] { v.Line(250) } }, bank);
        Assert.Equal(250, released.Body.GetProperty("lines")[0].GetProperty("ranges")[0].GetProperty("last").GetInt64());

        var pledge = await Api.ReadAsync($"/v1/pledges/{id}");
        Assert.Equal(("partiallyReleased", 350), (pledge.GetProperty("status").GetString(), pledge.GetProperty("kilograms").GetInt64()));
        var status = (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("status");
        Assert.Equal((650, 350), (status.GetProperty("free").GetInt64(), status.GetProperty("pledged").GetInt64()));
    }

    [Fact]
    public async Task A_loan_stands_on_pledges_of_its_own_bank_each_used_once()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var pledge = await Api.PledgeAsync(v, 500);
        await RefusedPostAsync(404, "pledge-not-found", "/v1/loans", await Api.LoanBodyAsync([Nobody]));
        await RefusedPostAsync(409, "pledge-of-another-lender", "/v1/loans", (await Api.LoanBodyAsync([pledge])).With(new { bankId = cast.OtherBank }));
        await RefusedPostAsync(403, "not-authorized", "/v1/loans", await Api.LoanBodyAsync([pledge]), cast.OtherBank);
        await Api.LoanAsync(pledge);
        await RefusedPostAsync(409, "pledge-secures-loan", "/v1/loans", await Api.LoanBodyAsync([pledge]));

        var released = await Api.PledgeAsync(v, 500);
        await Api.DoAsync($"/v1/pledges/{released}/releases", new { reason = "waived" }, cast.Bank);
        await RefusedPostAsync(409, "pledge-not-in-force", "/v1/loans", await Api.LoanBodyAsync([released]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/loans", await Api.LoanBodyAsync([]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/loans", await Api.LoanBodyAsync([released, released]));
    }

    [Fact]
    public async Task A_repayment_is_at_most_what_is_owed_and_never_before_the_last_entry()
    {
        var loan = await Api.LoanAsync(await Api.PledgeAsync(await Api.VoucherAsync(), 1000), "1000.00", "2021-09-01");

        // 30 days at 4.35 % over 360 on 1,000.00 are 3.625, rounded half away from zero.
        await RefusedPostAsync(409, "repayment-exceeds-outstanding", $"/v1/loans/{loan}/repayments", new { amount = "1003.64", date = "2021-10-01" });
        await Api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "503.63", date = "2021-10-01" });
        Assert.Equal("500.00", (await Api.ReadAsync($"/v1/loans/{loan}")).GetProperty("outstandingPrincipal").GetString());
        await RefusedPostAsync(409, "date-before-last-entry", $"/v1/loans/{loan}/repayments", new { amount = "1.00", date = "2021-09-30" });
        await RefusedPostAsync(400, "date-in-future", $"/v1/loans/{loan}/repayments", new { amount = "1.00", date = "2099-01-01" });
        await RefusedPostAsync(403, "not-authorized", $"/v1/loans/{loan}/repayments", new { amount = "1.00", date = "2021-10-01" }, (await Api.CastAsync()).Owner);
        await Api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "500.00", date = "2021-10-01" });
        await RefusedPostAsync(409, "loan-repaid", $"/v1/loans/{loan}/repayments", new { amount = "0.01" });
        await RefusedPostAsync(404, "loan-not-found", $"/v1/loans/{Nobody}/repayments", new { amount = "1.00" });
    }

    [Theory]
    [InlineData("0.00", "value-out-of-range")]
    [InlineData("0", "value-out-of-range")]
    [InlineData("1.005", "malformed-body")]
    [InlineData("-1.00", "malformed-body")]
    [InlineData("1,000.00", "malformed-body")]
    [InlineData("1e3", "malformed-body")]
    [InlineData(" 1.00", "malformed-body")]
    [InlineData("", "malformed-body")]
    [InlineData(".50", "malformed-body")]
    [InlineData("1.", "malformed-body")]
    [InlineData("1234567890123.00", "malformed-body")]
    public async Task Money_is_a_positive_decimal_string_with_two_decimals(string amount, string code)
    {
        var loan = await Api.LoanAsync(await Api.PledgeAsync(await Api.VoucherAsync(), 1000));
        await RefusedPostAsync(400, code, $"/v1/loans/{loan}/repayments", new { amount });
    }

    [Fact]
    public async Task Money_is_never_a_number()
    {
        var loan = await Api.LoanAsync(await Api.PledgeAsync(await Api.VoucherAsync(), 1000));
        await RefusedPostAsync(400, "malformed-body", $"/v1/loans/{loan}/repayments", new { amount = 1.5 });
        await RefusedPostAsync(400, "malformed-body", $"/v1/loans/{loan}/repayments", "{\"amount\":null}");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("-0.01")]
    [InlineData("0.0000001")]
    public async Task A_rate_is_a_ratio_with_six_decimals(string annualRate)
    {
        var pledge = await Api.PledgeAsync(await Api.VoucherAsync(), 1);
        await RefusedPostAsync(400, "value-out-of-range", "/v1/loans", (await Api.LoanBodyAsync([pledge])).With(new { annualRate }));
    }

    [Fact]
    public async Task Terms_run_forward_and_a_valuation_is_not_of_tomorrow()
    {
        var v = await Api.VoucherAsync();
        var pledge = await Api.PledgeBodyAsync(v.Account, v.Line(1));
        await RefusedPostAsync(400, "period-reversed", "/v1/pledges", pledge.With(new { termFrom = "2021-09-01", termTo = "2021-08-31" }));
        await RefusedPostAsync(400, "date-in-future", "/v1/pledges", pledge.With(new { valuation = new { pricePerTonne = "41.94", source = "a trade", date = "2099-08-20" } }));
        await RefusedPostAsync(400, "period-reversed", "/v1/loans", await Api.LoanBodyAsync([await Api.PledgeAsync(v, 1)], startDate: "2099-09-01"));
    }
}
