using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Refusals of everything that moves, pledges or retires units.</summary>
public sealed class UnitRefusalSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private async Task<string> BuyerAsync() => (await Api.CastAsync()).BuyerAccount;

    [Fact]
    public async Task A_transfer_needs_two_different_accounts()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "same-account", "/v1/transfers", TransferBody(v.Account, v.Account, v.Line(1)));
    }

    [Fact]
    public async Task A_trade_needs_two_different_accounts()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "same-account", "/v1/trades", await Api.TradeBodyAsync(v.Account, v.Account, Api.Unique("T"), Priced(v, 1)));
    }

    [Fact]
    public async Task A_voucher_stands_in_one_line_only()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "duplicate-voucher-line", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(1), v.Line((5, 6))));
    }

    [Fact]
    public async Task More_than_is_owned_cannot_be_moved()
    {
        var v = await Api.VoucherAsync(1000);
        await RefusedPostAsync(409, "insufficient-units", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(1001)));
    }

    [Fact]
    public async Task More_than_is_free_cannot_be_moved()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.PledgeAsync(v, 600);
        await RefusedPostAsync(409, "units-under-lien", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(401)));
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(400)));
    }

    [Fact]
    public async Task Of_several_lines_all_move_or_none()
    {
        var (v, w) = (await Api.VoucherAsync(1000), await Api.VoucherAsync(1000));
        await Api.DoAsync("/v1/transfers", TransferBody(w.Account, v.Account, w.Line(10)));
        await RefusedPostAsync(409, "insufficient-units", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(10), w.Line(11)));
        Assert.Equal(1010, (await Api.ReadAsync($"/v1/accounts/{v.Account}/balances")).GetProperty("totals").GetProperty("owned").GetInt64());
    }

    [Fact]
    public async Task Pledged_units_cannot_be_pledged_again()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.PledgeAsync(v, 1000);
        await RefusedPostAsync(409, "units-under-lien", "/v1/pledges", await Api.PledgeBodyAsync(v.Account, v.Line(1)));
    }

    [Fact]
    public async Task Pledged_units_cannot_be_sold()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.PledgeAsync(v, 1000);
        await RefusedPostAsync(409, "units-under-lien", "/v1/trades", await Api.TradeBodyAsync(v.Account, await BuyerAsync(), Api.Unique("T"), Priced(v, 1)));
    }

    [Fact]
    public async Task Pledged_units_cannot_be_retired_whether_by_quantity_or_by_range()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.PledgeAsync(v, 1000);
        await RefusedPostAsync(409, "units-under-lien", "/v1/retirements", RetirementBody(v.Account, v.Line(1)));
        await RefusedPostAsync(409, "units-under-lien", "/v1/retirements", RetirementBody(v.Account, v.Line((500, 501))));
    }

    [Fact]
    public async Task Units_under_a_hold_cannot_be_moved()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.DoAsync("/v1/trades", (await Api.TradeBodyAsync(v.Account, await BuyerAsync(), Api.Unique("T"), Priced(v, 1000))).With(new { settlement = "deferred" }));
        await RefusedPostAsync(409, "units-locked", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(1)));
    }

    [Fact]
    public async Task Retired_units_never_move_again()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.DoAsync("/v1/retirements", RetirementBody(v.Account, v.Line((1, 10))));
        await RefusedPostAsync(409, "units-not-held", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((10, 11))));
        await RefusedPostAsync(409, "units-not-held", "/v1/pledges", await Api.PledgeBodyAsync(v.Account, v.Line((5, 5))));
        await RefusedPostAsync(409, "insufficient-units", "/v1/retirements", RetirementBody(v.Account, v.Line(991)));
    }

    [Fact]
    public async Task Ranges_of_another_holder_cannot_be_named()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((100, 200))));
        await RefusedPostAsync(409, "units-not-held", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((1, 5), (150, 150))));
    }

    [Fact]
    public async Task Ranges_end_with_the_voucher()
    {
        var v = await Api.VoucherAsync(1000);
        await RefusedPostAsync(409, "serials-beyond-voucher", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((1000, 1001))));
        await RefusedPostAsync(409, "serials-beyond-voucher", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((1001, 9_999_999_999))));
    }

    [Fact]
    public async Task Ranges_must_not_overlap()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "ranges-overlap", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((1, 10), (10, 20))));
    }

    [Fact]
    public async Task Ranges_run_forward()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "range-reversed", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((10, 9))));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(-5, 5)]
    [InlineData(1, 10_000_000_000)]
    public async Task Serials_have_one_to_ten_digits_and_start_at_1(long first, long last)
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "value-out-of-range", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((first, last))));
    }

    [Fact]
    public async Task Kilograms_and_ranges_must_agree()
    {
        var v = await Api.VoucherAsync();
        var line = new { voucherId = v.Id, kilograms = 11, ranges = new[] { new { first = 1, last = 10 } } };
        await RefusedPostAsync(400, "kilograms-disagree", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), line));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(10_000_000_000)]
    [InlineData(long.MaxValue)]
    public async Task Kilograms_are_positive_and_have_at_most_ten_digits(long kilograms)
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "kilograms-not-positive", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(kilograms)));
    }

    [Fact]
    public async Task A_line_without_kilograms_and_without_ranges_is_refused()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "value-out-of-range", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), new { voucherId = v.Id }));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line()));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/transfers", TransferBody(v.Account, await BuyerAsync()));
    }

    [Fact]
    public async Task Lines_and_ranges_have_a_limit()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "value-out-of-range", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), [.. Enumerable.Repeat(v.Line(1), 101)]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line([.. Enumerable.Range(1, 101).Select(i => (2L * i, 2L * i))])));
    }

    [Fact]
    public async Task A_closed_account_neither_gives_nor_receives()
    {
        var v = await Api.VoucherAsync();
        var closed = await Api.AccountAsync((await Api.CastAsync()).Buyer);
        await Api.DoAsync($"/v1/accounts/{closed}/close", new { reason = "no longer needed" });
        await RefusedPostAsync(409, "account-closed", "/v1/transfers", TransferBody(v.Account, closed, v.Line(1)));
        await RefusedPostAsync(409, "account-closed", "/v1/transfers", TransferBody(closed, v.Account, v.Line(1)));
        await RefusedPostAsync(409, "account-closed", "/v1/trades", await Api.TradeBodyAsync(v.Account, closed, Api.Unique("T"), Priced(v, 1)));
        await RefusedPostAsync(409, "account-closed", "/v1/pledges", await Api.PledgeBodyAsync(closed, v.Line(1)));
        await RefusedPostAsync(409, "account-closed", "/v1/retirements", RetirementBody(closed, v.Line(1)));
        await RefusedPostAsync(409, "account-closed", $"/v1/accounts/{closed}/close");
        await RefusedPostAsync(409, "account-closed", $"/v1/applications/{await Api.FiledAsync(await Api.ProjectAsync())}/issue", new { accountId = closed });
    }

    [Fact]
    public async Task Unknown_accounts_vouchers_and_organizations_are_named_as_such()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(404, "account-not-found", "/v1/transfers", TransferBody(Nobody, v.Account, v.Line(1)));
        await RefusedPostAsync(404, "account-not-found", "/v1/transfers", TransferBody(v.Account, Nobody, v.Line(1)));
        await RefusedPostAsync(404, "account-not-found", "/v1/retirements", RetirementBody(Nobody, v.Line(1)));
        await RefusedPostAsync(404, "account-not-found", "/v1/pledges", await Api.PledgeBodyAsync(Nobody, v.Line(1)));
        await RefusedPostAsync(404, "account-not-found", "/v1/trades", await Api.TradeBodyAsync(v.Account, Nobody, Api.Unique("T"), Priced(v, 1)));
        await RefusedPostAsync(404, "voucher-not-found", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), (v with { Id = Nobody }).Line(1)));
        await RefusedPostAsync(404, "voucher-not-found", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), (v with { Id = v.Account }).Line((1, 2))));
        await RefusedPostAsync(404, "organization-not-found", "/v1/accounts", new { organizationId = Nobody, name = "nobody's" });
        await RefusedPostAsync(404, "organization-not-found", "/v1/retirements", new
        {
            accountId = v.Account,
            lines = new[] { v.Line(1) },
            beneficiary = new { organizationId = Nobody },
            purpose = "other",
            claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
        });
    }

    [Fact]
    public async Task Only_the_holder_or_the_registrar_disposes_of_units()
    {
        var (v, cast) = (await Api.VoucherAsync(), await Api.CastAsync());
        await RefusedPostAsync(403, "not-authorized", "/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(1)), cast.Stranger);
        await RefusedPostAsync(403, "not-authorized", "/v1/retirements", RetirementBody(v.Account, v.Line(1)), cast.Buyer);
        await RefusedPostAsync(403, "not-authorized", "/v1/pledges", await Api.PledgeBodyAsync(v.Account, v.Line(1)), cast.OtherBank);
        await RefusedPostAsync(403, "not-authorized", "/v1/trades", await Api.TradeBodyAsync(v.Account, cast.BuyerAccount, Api.Unique("T"), Priced(v, 1)), cast.Owner);
        await RefusedPostAsync(403, "not-authorized", $"/v1/accounts/{v.Account}/close", null, cast.Stranger);
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(1)), cast.Owner);
    }

    [Fact]
    public async Task An_account_with_units_cannot_be_closed()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(409, "account-not-empty", $"/v1/accounts/{v.Account}/close");
    }

    [Fact]
    public async Task A_venue_uses_a_trade_number_once_and_another_venue_may_use_it_too()
    {
        var (v, number) = (await Api.VoucherAsync(), Api.Unique("T"));
        var body = await Api.TradeBodyAsync(v.Account, await BuyerAsync(), number, Priced(v, 1));
        await Api.DoAsync("/v1/trades", body);
        await RefusedPostAsync(409, "trade-number-taken", "/v1/trades", await Api.TradeBodyAsync(v.Account, await BuyerAsync(), number, Priced(v, 2)));
        await Api.DoAsync("/v1/trades", body.With(new { venueId = await Api.OrganizationAsync("exchange") }));
    }

    [Fact]
    public async Task A_trade_or_a_price_of_tomorrow_does_not_exist()
    {
        var (v, cast) = (await Api.VoucherAsync(), await Api.CastAsync());
        var trade = await Api.TradeBodyAsync(v.Account, cast.BuyerAccount, Api.Unique("T"), Priced(v, 1));
        await RefusedPostAsync(400, "date-in-future", "/v1/trades", trade.With(new { tradedAt = "2099-01-01T00:00:00Z" }));
        await RefusedPostAsync(400, "date-in-future", "/v1/reference-prices", new { venueId = cast.Venue, date = "2099-01-01", pricePerTonne = "41.94" });
    }

    [Theory]
    [InlineData("9999-12-31T15:59:59Z")]
    [InlineData("9999-12-31T16:00:00Z")] // the year 10000 in Asia/Shanghai
    [InlineData("9999-12-31T23:59:59.999999999Z")]
    public async Task The_last_instants_of_all_lie_in_the_future_like_others(string instant)
    {
        var (v, cast) = (await Api.VoucherAsync(), await Api.CastAsync());
        var trade = await Api.TradeBodyAsync(v.Account, cast.BuyerAccount, Api.Unique("T"), Priced(v, 1));
        await RefusedPostAsync(400, "date-in-future", "/v1/trades", trade.With(new { tradedAt = instant }));
        await RefusedPostAsync(400, "hold-time-out-of-range", "/v1/trades", trade.With(new { settlement = "deferred", holdUntil = instant }));
        await RefusedPostAsync(400, "reservation-time-out-of-range", "/v1/pledges", (await Api.PledgeBodyAsync(v.Account, v.Line(1))).With(new { reserveUntil = instant }));
    }

    [Fact]
    public async Task A_trade_is_worth_no_more_than_an_amount_can_be()
    {
        var (one, other) = (await Api.VoucherAsync(), await Api.VoucherAsync());
        static object Dear(Voucher voucher, long kilograms) => new { voucherId = voucher.Id, kilograms, pricePerTonne = "999999.9999" };
        foreach (var lines in new object[][] { [Dear(one, 9_999_999_999)], [Dear(one, 600_000_000), Dear(other, 600_000_000)] })
        {
            var answer = await RefusedPostAsync(400, "amount-too-great", "/v1/trades", await Api.TradeBodyAsync(one.Account, await BuyerAsync(), Api.Unique("T"), lines));
            Assert.Contains("999,999,999,999.99", answer.Text);
        }
    }

    private static object Priced(Voucher voucher, long kilograms) => new { voucherId = voucher.Id, kilograms, pricePerTonne = "41.94" };
}
