namespace CarbonLedger.Server.Tests.Api;

/// <summary>A question is answered as it was asked, or not at all.</summary>
public sealed class QuerySpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_read_waits_for_its_position_however_many_come_before_it()
    {
        await Api.OrganizationAsync("auditor");
        var waiting = Api.GetAsync($"/v1/accounts?atLeast={await Api.HeadAsync() + 3}");
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(100);
            Assert.False(waiting.IsCompleted);
            await Api.OrganizationAsync("auditor");
        }

        Assert.Equal(200, (await waiting).Status);
    }

    [Theory]
    [InlineData("/v1/accounts/ACCOUNT?asAt=2021-01-01T00:00:00Z")]
    [InlineData("/v1/accounts/ACCOUNT/balances?as_of=2021-01-01T00:00:00Z")]
    [InlineData("/v1/accounts/ACCOUNT/statement?form=2021-01-01")]
    [InlineData("/v1/accounts?limits=5")]
    [InlineData("/v1/vouchers/VOUCHER/holdings?limit=5")]
    [InlineData("/v1/vouchers/VOUCHER/events?cursor=5")]
    [InlineData("/v1/events?from=1")]
    [InlineData("/v1/claims?organisationId=5")]
    [InlineData("/v1/liens?voucherId=VOUCHER&start=5")]
    [InlineData("/v1/signing-keys?x")]
    public async Task A_parameter_that_a_route_does_not_take_is_refused(string path)
    {
        var v = await Api.VoucherAsync();
        await RefusedGetAsync(400, "not-supported", path.Replace("ACCOUNT", v.Account).Replace("VOUCHER", v.Id));
    }

    [Theory]
    [InlineData("/v1/pledges?pledgeeId=")]
    [InlineData("/v1/trades?venueId")]
    [InlineData("/v1/claims?organizationId=&limit=5")]
    [InlineData("/v1/emission-factors?activity=")]
    [InlineData("/v1/accounts?asOf=")]
    [InlineData("/v1/accounts?limit=5&limit=5")]
    [InlineData("/v1/emission-factors?activity=gridElectricity&Activity=diesel")]
    public async Task A_parameter_without_a_value_or_given_twice_is_refused(string path) => await RefusedGetAsync(400, "value-out-of-range", path);

    [Fact]
    public async Task A_list_of_factors_is_told_of_an_activity_that_is_none() => await RefusedGetAsync(400, "activity-unknown", "/v1/emission-factors?activity=gridElectricty");

    [Fact]
    public async Task A_command_takes_no_parameters()
    {
        await RefusedPostAsync(400, "not-supported", "/v1/organizations?dryRun=true", new { name = "n", roles = new[] { "office" } });
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "not-supported", "/v1/retirements?asOf=2021-01-01T00:00:00Z", LedgerApi.RetirementBody(v.Account, v.Line(1)));
    }

    [Theory]
    [InlineData("/v1/bulk/transfers?dryRun=", "value-out-of-range")]
    [InlineData("/v1/bulk/transfers?asOf=2021-01-01T00:00:00Z", "not-supported")]
    [InlineData("/v1/inventories/imports?organizationId=OFFICE&boundary=b&first=2021-01-01&last=2021-12-31&dryRun=", "value-out-of-range")]
    public async Task A_file_whose_parameters_say_nothing_is_not_taken_in(string path, string code)
    {
        var (v, cast) = (await Api.VoucherAsync(), await Api.CastAsync());
        var file = path.Contains("bulk") ? $"fromAccountId,toAccountId,voucherId,kilograms\n{v.Account},{await Api.AccountAsync(cast.Buyer)},{v.Id},1\n" : "activity,quantity,unit\nnaturalGas,1,m3\n";
        await RefusedAsync(400, code, async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path.Replace("OFFICE", cast.Buyer)) { Content = new StringContent(file, System.Text.Encoding.UTF8, "text/csv") };
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
            return await Api.SendAsync(request);
        });
    }

    [Theory]
    [InlineData("/v1/bulk/transfers?dry-run=true")]
    [InlineData("/v1/inventories/imports?dryrum=true")]
    [InlineData("/v1/venues/00000000-0000-7000-8000-000000000000/reconciliations?day=2021-08-20")]
    public async Task A_mistyped_parameter_of_a_file_is_refused_before_anything_is_done(string path) =>
        await RefusedAsync(400, "not-supported", async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("voucherId,kilograms\n", System.Text.Encoding.UTF8, "text/csv") };
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
            return await Api.SendAsync(request);
        });

    [Fact]
    public async Task What_shows_the_present_only_says_so_when_asked_about_the_past()
    {
        var v = await Api.VoucherAsync();
        await RefusedGetAsync(400, "not-supported", $"/v1/vouchers/{v.Id}/revocation?asOf=2021-01-01T00:00:00Z");
        await RefusedGetAsync(400, "not-supported", $"/v1/bulk/{Nobody}?asOf=2021-01-01T00:00:00Z");
        await RefusedGetAsync(400, "not-supported", $"/v1/claims?voucherId={v.Id}&asOf=2021-01-01T00:00:00Z");
    }

    [Theory]
    [InlineData("150000", "lies in two grid regions")]
    [InlineData("西藏", "lies in no grid region")]
    [InlineData("广东", "Neither the region nor its grid region")]
    [InlineData("西北", "The grid region 西北 has no row")]
    public async Task Why_the_factor_of_the_nation_is_used_is_told_as_it_is(string region, string why)
    {
        var activity = region is "150000" or "西藏" ? "activity=gridElectricity&year=2023" : "activity=naturalGas";
        var used = await Api.ReadAsync($"/v1/emission-factors/lookup?{activity}&region={Uri.EscapeDataString(region)}");
        Assert.Equal("nationalFallback", used.GetProperty("choice").GetString());
        Assert.Contains(why, used.GetProperty("explanation").GetString());
    }
}
