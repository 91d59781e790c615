using System.Text.Json;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Freezes through HTTP: what they stop, what they show, who lifts them.</summary>
public sealed class FreezeSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private static object Freeze(params object[] lines) => new { lines, authority = "court", documentNumber = "D-1", kind = "judicial" };

    private static object OfAccount(string accountId) => new { accountId, authority = "bureau", documentNumber = "D-2", kind = "administrative", reason = "inquiry" };

    private static object Lift(string authority = "court") => new { authority, documentNumber = "D-9" };

    private async Task<string> BuyerAsync() => (await Api.CastAsync()).BuyerAccount;

    private async Task<(long Owned, long Free, long Held, long Pledged, long Frozen)> TotalsAsync(string account)
    {
        var totals = (await Api.ReadAsync($"/v1/accounts/{account}/balances")).GetProperty("totals");
        long Of(string name) => totals.GetProperty(name).GetInt64();
        return (Of("owned"), Of("free"), Of("held"), Of("pledged"), Of("frozen"));
    }

    [Fact]
    public async Task A_freeze_on_pledged_units_survives_the_release_and_is_lifted_by_its_authority()
    {
        var v = await Api.VoucherAsync(1000);
        var pledge = await Api.PledgeAsync(v, 600);
        var freeze = await Api.DoAsync("/v1/freezes", Freeze(v.Line((501, 700))));
        Assert.Equal("active", freeze.Body.GetProperty("status").GetString());
        Assert.Equal((1000L, 300L, 0L, 600L, 200L), await TotalsAsync(v.Account));

        await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid" }, (await Api.CastAsync()).Bank);
        Assert.Equal((1000L, 800L, 0L, 0L, 200L), await TotalsAsync(v.Account));
        await RefusedPostAsync(409, "units-frozen", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(801)));
        await RefusedPostAsync(409, "units-frozen", "/v1/retirements", RetirementBody(v.Account, v.Line((500, 501))));
        await RefusedPostAsync(409, "units-frozen", "/v1/pledges", await Api.PledgeBodyAsync(v.Account, v.Line((700, 701))));
        await RefusedPostAsync(409, "authority-differs", $"/v1/freezes/{freeze.Id}/lift", Lift("another"));

        await Api.DoAsync($"/v1/freezes/{freeze.Id}/lift", Lift());
        await RefusedPostAsync(409, "freeze-lifted", $"/v1/freezes/{freeze.Id}/lift", Lift());
        Assert.Equal((1000L, 1000L, 0L, 0L, 0L), await TotalsAsync(v.Account));
        Assert.Equal(200, (await Api.ReadAsync($"/v1/accounts/{v.Account}/balances?atLeast={freeze.LogIndex}")).GetProperty("totals").GetProperty("owned").GetInt64() / 5);
    }

    [Fact]
    public async Task A_voucher_shows_its_freezes_and_its_holdings_name_them_now_and_then()
    {
        var v = await Api.VoucherAsync(1000);
        var freeze = await Api.DoAsync("/v1/freezes", Freeze(v.Line(100)));
        var frozenAt = await InstantOfAsync(freeze.LogIndex);
        await Api.DoAsync("/v1/freezes", Freeze(v.Line((51, 150))));
        await Api.DoAsync($"/v1/freezes/{freeze.Id}/lift", Lift());

        var now = (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("status");
        Assert.Equal((100L, 900L), (now.GetProperty("frozen").GetInt64(), now.GetProperty("free").GetInt64()));
        var then = (await Api.ReadAsync($"/v1/vouchers/{v.Id}/holdings?asOf={frozenAt}")).GetProperty("holdings")[0].GetProperty("locks")[0];
        Assert.Equal(("freeze", freeze.Id, 100L), (then.GetProperty("kind").GetString(), then.GetProperty("id").GetString(), then.GetProperty("kilograms").GetInt64()));
        Assert.Equal("active", (await Api.ReadAsync($"/v1/freezes/{freeze.Id}?asOf={frozenAt}")).GetProperty("status").GetString());
        Assert.Equal("D-9", (await Api.ReadAsync($"/v1/freezes/{freeze.Id}")).GetProperty("liftedByDocument").GetString());
        Assert.True((await Api.ReadAsync("/v1/freezes?limit=1")).GetProperty("items").GetArrayLength() == 1);
    }

    [Fact]
    public async Task A_freeze_over_several_holders_answers_with_one_line_of_the_voucher()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((101, 200))));
        var freeze = await Api.DoAsync("/v1/freezes", Freeze(v.Line(300)));
        var lifted = await Api.DoAsync($"/v1/freezes/{freeze.Id}/lift", Lift());
        foreach (var lines in new[] { freeze.Body, lifted.Body, await Api.ReadAsync($"/v1/freezes/{freeze.Id}") }.Select(b => b.GetProperty("lines").EnumerateArray()))
        {
            var line = Assert.Single(lines);
            Assert.Equal((v.Id, 300), (line.GetProperty("voucherId").GetString(), line.GetProperty("kilograms").GetInt64()));
            Assert.Equal((1, 300), (line.GetProperty("ranges")[0].GetProperty("first").GetInt64(), line.GetProperty("ranges")[0].GetProperty("last").GetInt64()));
        }
    }

    [Fact]
    public async Task Nothing_leaves_a_frozen_account()
    {
        var v = await Api.VoucherAsync(1000);
        var freeze = await Api.DoAsync("/v1/freezes", OfAccount(v.Account));
        Assert.Equal((1000L, 0L, 0L, 0L, 1000L), await TotalsAsync(v.Account));
        var status = (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("status");
        Assert.Equal((1000L, 0L), (status.GetProperty("frozen").GetInt64(), status.GetProperty("free").GetInt64()));

        await RefusedPostAsync(409, "account-frozen", "/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(1)));
        await RefusedPostAsync(409, "account-frozen", "/v1/retirements", RetirementBody(v.Account, v.Line(1)));
        await RefusedPostAsync(409, "account-frozen", "/v1/pledges", await Api.PledgeBodyAsync(v.Account, v.Line(1)));
        await RefusedPostAsync(409, "account-frozen", $"/v1/accounts/{v.Account}/close", new { });

        await Api.DoAsync($"/v1/freezes/{freeze.Id}/lift", Lift("bureau"));
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line(1)));
        Assert.Equal((999L, 999L, 0L, 0L, 0L), await TotalsAsync(v.Account));
    }

    [Fact]
    public async Task A_certificate_shows_what_stands_in_a_frozen_account_as_locked()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.DoAsync("/v1/retirements", RetirementBody(v.Account, v.Line((1, 100))));
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, await BuyerAsync(), v.Line((901, 1000))));
        var freeze = await Api.DoAsync("/v1/freezes", OfAccount(v.Account));
        var frozenAt = await InstantOfAsync(freeze.LogIndex);
        Assert.Equal(["100 retired", "800 locked", "100 free"], await CertifiedAsync(v));
        Assert.Contains("Locked", (await Api.GetAsync($"/certificates/vouchers/{v.Id}?lang=en")).Text);

        await Api.DoAsync($"/v1/freezes/{freeze.Id}/lift", Lift("bureau"));
        Assert.Equal(["100 retired", "900 free"], await CertifiedAsync(v));
        Assert.Equal(["100 retired", "800 locked", "100 free"], await CertifiedAsync(v, $"?asOf={frozenAt}"));
    }

    [Fact]
    public async Task What_cannot_be_frozen_is_refused()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.DoAsync("/v1/retirements", RetirementBody(v.Account, v.Line((1, 10))));
        await RefusedPostAsync(409, "units-not-live", "/v1/freezes", Freeze(v.Line((10, 11))));
        await RefusedPostAsync(409, "insufficient-live-units", "/v1/freezes", Freeze(v.Line(991)));
        await RefusedPostAsync(409, "serials-beyond-voucher", "/v1/freezes", Freeze(v.Line((1000, 1001))));
        await RefusedPostAsync(404, "voucher-not-found", "/v1/freezes", Freeze(new { voucherId = Guid.NewGuid(), kilograms = 1 }));
        await RefusedPostAsync(404, "account-not-found", "/v1/freezes", OfAccount(Guid.NewGuid().ToString()));
        await RefusedPostAsync(404, "freeze-not-found", $"/v1/freezes/{Guid.NewGuid()}/lift", Lift());
        await RefusedPostAsync(400, "value-out-of-range", "/v1/freezes", new { authority = "court", documentNumber = "D-1", kind = "judicial" });
        Assert.Equal("not-authorized", (await Api.PostAsync("/v1/freezes", Freeze(v.Line(1)), (await Api.CastAsync()).Bank)).Code);
    }

    [Fact]
    public async Task One_kilogram_carries_sixteen_freezes_and_no_more()
    {
        var v = await Api.VoucherAsync(10);
        for (var i = 0; i < 16; i++)
        {
            await Api.DoAsync("/v1/freezes", Freeze(v.Line((1, 5))));
        }

        await RefusedPostAsync(409, "too-many-locks", "/v1/freezes", Freeze(v.Line((5, 6))));
        Assert.Equal((10L, 5L, 0L, 0L, 5L), await TotalsAsync(v.Account));
    }

    private async Task<string[]> CertifiedAsync(Voucher v, string query = "") =>
        [.. (await Api.ReadAsync($"/v1/vouchers/{v.Id}/certificate{query}")).GetProperty("ranges").EnumerateArray().Select(r => $"{r.GetProperty("kilograms")} {r.GetProperty("status").GetString()}")];

    private async Task<string> InstantOfAsync(long logIndex)
    {
        var events = await Api.ReadAsync($"/v1/events?after={logIndex - 1}&limit=1");
        return events.GetProperty("events")[0].GetProperty("at").GetString()!;
    }
}
