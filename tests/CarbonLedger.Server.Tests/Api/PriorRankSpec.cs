namespace CarbonLedger.Server.Tests.Api;

/// <summary>What a bank of a later rank sees before it, in its loan and in its books.</summary>
public sealed class PriorRankSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private async Task<string> LoanAsync(string bank, string pledge) =>
        (await Api.DoAsync("/v1/loans", (await Api.LoanBodyAsync([pledge], "50.00")).With(new { bankId = bank, annualRate = 0 }), bank)).Id;

    private async Task<object> BodyAsync(Voucher v, string bank, string secured, object line, object[]? equalRankWith = null, string mode = "ranked") => (await Api.PledgeBodyAsync(v.Account, line)).With(new
    {
        pledgeeId = bank,
        securedAmount = secured,
        mode,
        valuation = new { pricePerTonne = "40.00", source = "a trade", date = "2021-08-20" },
        equalRankWith,
    });

    private async Task<(string Value, string Secured, string After, decimal Ratio)> SeenAsync(string path, Func<System.Text.Json.JsonElement, System.Text.Json.JsonElement>? of = null)
    {
        var read = await Api.ReadAsync(path);
        read = of?.Invoke(read) ?? read;
        return (read.GetProperty("collateralValue").GetString()!, read.GetProperty("priorSecured").GetString()!, read.GetProperty("valueAfterPrior").GetString()!, read.GetProperty("loanToValue").GetDecimal());
    }

    [Fact]
    public async Task A_later_rank_sees_what_stands_before_it_and_its_ratio_stays_that_of_the_whole_value()
    {
        // The bank's rule is the contract price: 10 t at 40.00 are 400.00.
        var (v, cast) = (await Api.VoucherAsync(10_000), await Api.CastAsync());
        var banks = new[] { await Api.OrganizationAsync("bank"), await Api.OrganizationAsync("bank"), await Api.OrganizationAsync("bank") };
        foreach (var bank in banks)
        {
            await Api.DoAsync($"/v1/banks/{bank}/collateral-policy", new { valuationRule = "contractPrice" }, bank);
        }

        var first = await Api.DoAsync("/v1/pledges", await BodyAsync(v, banks[0], "100.00", v.Line(10_000), [new { pledgeeId = banks[1], securedAmount = "200.00", contractNumber = "B" }]));
        var beside = first.Body.GetProperty("pledgeIds")[1].GetString()!;
        var third = await Api.DoAsync("/v1/pledges", await BodyAsync(v, banks[2], "150.00", v.Line((1, 5_000))));
        var loans = new[] { await LoanAsync(banks[0], first.Id), await LoanAsync(banks[1], beside), await LoanAsync(banks[2], third.Id) };
        Assert.Equal(("400.00", "0.00", "400.00", 0.125m), await SeenAsync($"/v1/loans/{loans[0]}"));
        Assert.Equal(("400.00", "0.00", "400.00", 0.125m), await SeenAsync($"/v1/loans/{loans[1]}"));
        // Behind on 5 t, which are worth 200.00: both stand before, and take them once.
        Assert.Equal(("200.00", "300.00", "0.00", 0.25m), await SeenAsync($"/v1/loans/{loans[2]}"));
        Assert.Equal(("200.00", "300.00", "0.00", 0.25m), await SeenAsync($"/v1/banks/{banks[2]}/collateral-book", b => b.GetProperty("totals")));
        Assert.Equal(("200.00", "300.00", "0.00", 0.25m), await SeenAsync($"/v1/banks/{banks[2]}/loan-book", b => b.GetProperty("loans")[0]));

        var events = await Api.ReadAsync($"/v1/events?after={await Api.HeadAsync() - 1}&limit=1");
        var then = events.GetProperty("events")[0].GetProperty("at").GetString();
        await Task.Delay(20);
        await Api.DoAsync($"/v1/pledges/{beside}/releases", new { reason = "waived" }, banks[1]);
        Assert.Equal(("200.00", "100.00", "100.00", 0.25m), await SeenAsync($"/v1/loans/{loans[2]}"));
        Assert.Equal(("200.00", "300.00", "0.00", 0.25m), await SeenAsync($"/v1/loans/{loans[2]}?asOf={then}"));
        Assert.Equal(("200.00", "300.00", "0.00", 0.25m), await SeenAsync($"/v1/banks/{banks[2]}/collateral-book?asOf={then}", b => b.GetProperty("totals")));

        // What was recovered elsewhere is no longer secured before: 1 t of it was sold for 40.00, all of which the first rank has.
        await Api.DoAsync($"/v1/pledges/{first.Id}/default-notices", new { reason = "not paid" }, banks[0]);
        await Api.DoAsync($"/v1/pledges/{first.Id}/enforcements", new { lines = new[] { v.Line((9_001, 10_000)) }, method = "auction", buyerAccountId = cast.BuyerAccount, pricePerTonne = "40.00" }, banks[0]);
        Assert.Equal(("200.00", "60.00", "140.00", 0.25m), await SeenAsync($"/v1/loans/{loans[2]}"));
    }

    [Fact]
    public async Task Where_a_lender_left_units_and_came_back_its_former_equal_stands_before_it()
    {
        var (v, bank, other) = (await Api.VoucherAsync(11_000), await Api.OrganizationAsync("bank"), await Api.OrganizationAsync("bank"));
        await Api.DoAsync($"/v1/banks/{bank}/collateral-policy", new { valuationRule = "contractPrice" }, bank);
        var pledge = (await Api.DoAsync("/v1/pledges", await BodyAsync(v, bank, "100.00", v.Line((1, 10_000)), [new { pledgeeId = other, securedAmount = "200.00", contractNumber = "B" }]))).Id;
        var loan = await LoanAsync(bank, pledge);
        await Api.DoAsync($"/v1/pledges/{pledge}/substitutions", new { @in = new[] { v.Line((10_001, 10_010)) }, @out = new[] { v.Line((1, 10)) } }, bank);
        Assert.Equal(("400.00", "0.00", "400.00", 0.125m), await SeenAsync($"/v1/loans/{loan}"));
        await Api.DoAsync($"/v1/pledges/{pledge}/substitutions", new { @in = new[] { v.Line((1, 10)) }, @out = new[] { v.Line((10_001, 10_010)) } }, bank);
        Assert.Equal(("400.00", "200.00", "399.60", 0.125m), await SeenAsync($"/v1/loans/{loan}")); // on 10 kg, which are worth 0.40
    }

    [Fact]
    public async Task Nothing_stands_before_an_exclusive_pledge()
    {
        var (v, bank) = (await Api.VoucherAsync(1_000), await Api.OrganizationAsync("bank"));
        await Api.DoAsync($"/v1/banks/{bank}/collateral-policy", new { valuationRule = "contractPrice" }, bank);
        var pledge = await Api.DoAsync("/v1/pledges", await BodyAsync(v, bank, "100.00", v.Line(1_000), mode: "exclusive"));
        Assert.Equal(("40.00", "0.00", "40.00", 1.25m), await SeenAsync($"/v1/loans/{await LoanAsync(bank, pledge.Id)}"));
    }
}
