using static CarbonLedger.Server.Tests.Api.OfficeApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Refusals of factors, inventories, estimates and claims.</summary>
public sealed class OfficeRefusalSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private static readonly object Power = new { activity = "gridElectricity", region = "620000", year = 2021, quantity = 5_000, unit = "kWh" };

    [Theory]
    [InlineData(400, "activity-unknown", """{"activity":"steam","quantity":1,"unit":"GJ"}""")]
    [InlineData(400, "unit-unknown", """{"activity":"diesel","quantity":1,"unit":"barrel"}""")]
    [InlineData(400, "unit-not-convertible", """{"activity":"gridElectricity","quantity":1,"unit":"m3"}""")]
    [InlineData(400, "unit-not-convertible", """{"activity":"diesel","quantity":1,"unit":"L"}""")]
    [InlineData(400, "quantity-negative", """{"activity":"diesel","quantity":-1,"unit":"kg"}""")]
    [InlineData(400, "quantity-negative", """{"activity":"diesel","quantity":"-0.1","unit":"kg"}""")]
    [InlineData(400, "region-unknown", """{"activity":"gridElectricity","region":"Atlantis","quantity":1,"unit":"kWh"}""")]
    [InlineData(400, "factor-of-another-region", """{"activity":"gridElectricity","region":"甘肃","factorRegion":"青海","quantity":1,"unit":"kWh"}""")]
    [InlineData(404, "emission-factor-not-found", """{"activity":"gridElectricity","region":"甘肃","year":2019,"quantity":1,"unit":"kWh"}""")]
    [InlineData(400, "emissions-out-of-range", """{"activity":"purchasedHeat","quantity":1000000000000,"unit":"GJ"}""")]
    [InlineData(400, "value-out-of-range", """{"activity":"diesel","quantity":0.0000001,"unit":"kg"}""")]
    [InlineData(400, "value-out-of-range", """{"activity":"diesel","quantity":1,"unit":"kg","scope":2}""")]
    [InlineData(400, "value-out-of-range", """{"activity":"diesel","quantity":1,"unit":"kg","year":21}""")]
    [InlineData(400, "value-out-of-range", """{"activity":"diesel","quantity":1,"unit":"kg","evidenceSha256":"xyz"}""")]
    [InlineData(400, "value-out-of-range", """{"activity":"diesel","quantity":1,"unit":"kg","factor":{"kilogramsPerUnit":1,"unit":"kg","publisher":"a","publication":"b"}}""")]
    [InlineData(400, "malformed-body", """{"activity":"diesel","quantity":"many","unit":"kg"}""")]
    [InlineData(400, "malformed-body", """{"activity":"diesel","quantity":1e400,"unit":"kg"}""")]
    [InlineData(400, "malformed-body", """{"activity":"diesel","quantity":1e-30,"unit":"kg"}""")] // more decimals than a decimal keeps: it would be read as 0
    [InlineData(400, "malformed-body", """{"activity":"diesel","quantity":"1.00000000000000000000001e-6","unit":"kg"}""")]
    [InlineData(400, "malformed-body", """{"activity":"diesel","quantity":true,"unit":"kg"}""")]
    [InlineData(400, "malformed-body", """{"activity":"diesel","unit":"kg"}""")]
    [InlineData(400, "malformed-body", """{"activity":"diesel","quantity":1,"unit":"kg","colour":"red"}""")]
    [InlineData(400, "malformed-body", "null")]
    public async Task A_line_that_is_not_right_is_refused(int status, string code, string line)
    {
        var office = (await Api.CastAsync()).Buyer;
        var body = $$"""{"organizationId":"{{office}}","boundary":{"kind":"park","name":"Park"},"period":{"first":"2021-01-01","last":"2021-12-31"},"lines":[{{line}}]}""";
        await RefusedPostAsync(status, code, "/v1/inventories", body);
    }

    [Theory]
    [InlineData(400, "period-reversed", "boundary", "\"x\"", "2021-12-31", "2021-01-01")]
    [InlineData(400, "malformed-body", "boundary", "7", "2021-01-01", "2021-12-31")]
    [InlineData(400, "malformed-body", "boundary", "{\"kind\":\"city\",\"name\":\"x\"}", "2021-01-01", "2021-12-31")]
    [InlineData(400, "malformed-body", "boundary", "{\"kind\":\"park\"}", "2021-01-01", "2021-12-31")]
    [InlineData(400, "malformed-body", "boundary", "{\"name\":null,\"name\":\"x\",\"kind\":\"park\"}", "2021-01-01", "2021-12-31")]
    [InlineData(400, "malformed-body", "boundary", "{\"kind\":\"park\",\"name\":\"x\",\"size\":1}", "2021-01-01", "2021-12-31")]
    [InlineData(400, "malformed-body", "border", "\"x\"", "2021-01-01", "2021-12-31")]
    [InlineData(400, "value-out-of-range", "boundary", "\"\"", "2021-01-01", "2021-12-31")]
    public async Task A_boundary_and_a_period_have_their_form(int status, string code, string member, string boundary, string first, string last)
    {
        var office = (await Api.CastAsync()).Buyer;
        var body = $$"""{"organizationId":"{{office}}","{{member}}":{{boundary}},"period":{"first":"{{first}}","last":"{{last}}"},"lines":[{"activity":"diesel","quantity":1,"unit":"kg"}]}""";
        await RefusedPostAsync(status, code, "/v1/inventories", body);
    }

    [Fact]
    public async Task Unknown_things_are_named_as_such()
    {
        var cast = await Api.CastAsync();
        await RefusedPostAsync(404, "organization-not-found", "/v1/inventories", InventoryBody(Nobody, Power));
        await RefusedPostAsync(403, "not-authorized", "/v1/inventories", InventoryBody(cast.Buyer, Power), cast.Stranger);
        await RefusedPostAsync(404, "inventory-not-found", $"/v1/inventories/{Nobody}/restatements", new { lines = new[] { Power }, reason = "x" });
        await RefusedGetAsync(404, "inventory-not-found", $"/v1/inventories/{Nobody}");
        await RefusedPostAsync(404, "inventory-not-found", "/v1/claims", ClaimBody(Nobody, Nobody));
        await RefusedGetAsync(404, "claim-not-found", $"/v1/claims/{Nobody}");
        await RefusedPostAsync(404, "claim-not-found", $"/v1/claims/{Nobody}/publish");
        await RefusedGetAsync(404, "emission-factor-not-found", $"/v1/emission-factors/{Nobody}");
        await RefusedGetAsync(404, "calibration-not-found", $"/v1/electricity-calibrations/{Nobody}");
        await RefusedPostAsync(404, "calibration-not-found", $"/v1/organizations/{cast.Buyer}/electricity-estimates", new { calibrationId = Nobody, days = new[] { new { date = "2021-06-01", kilowattHours = 1 } } });
        var inventory = (await Api.DoAsync("/v1/inventories", InventoryBody(cast.Buyer, Power))).Id;
        await RefusedPostAsync(404, "retirement-not-found", "/v1/claims", ClaimBody(inventory, Nobody));
        await RefusedGetAsync(404, "inventory-not-found", $"/v1/inventories/{inventory}?version=2");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/inventories/{inventory}?version=0");
        await RefusedGetAsync(404, "retirement-not-found", $"/v1/retirements/{Nobody}");
    }

    [Fact]
    public async Task A_green_certificate_counts_once_and_lowers_the_market_based_figure_only()
    {
        var (office, number) = (await Api.OrganizationAsync("office"), Api.Unique("gec"));
        object With(params string[] certificates) => new
        {
            organizationId = office,
            boundary = "x",
            period = new { first = "2021-01-01", last = "2021-12-31" },
            lines = new[] { Power },
            greenCertificates = certificates,
        };
        var id = (await Api.DoAsync("/v1/inventories", With(number))).Id;
        var scopes = (await Api.ReadAsync($"/v1/inventories/{id}")).GetProperty("scopes");
        Assert.Equal(("2477.5", "1982"), (scopes.GetProperty("scope2LocationBased").GetString(), scopes.GetProperty("scope2MarketBased").GetString()));
        await RefusedPostAsync(409, "certificate-counted-already", "/v1/inventories", With(number.ToUpperInvariant()));
        await RefusedPostAsync(409, "certificate-counted-already", "/v1/inventories", With(string.Concat(number.Select(c => (char)(c + 0xFEE0))))); // in full width, as an input method writes it
        await RefusedPostAsync(409, "certificates-exceed-electricity", "/v1/inventories", With([.. Enumerable.Range(0, 6).Select(_ => Api.Unique("gec"))]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/inventories", With("a", "A"));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/inventories", With(number.Insert(1, "\u200B"))); // it looks like the one that is counted
    }

    [Fact]
    public async Task A_claim_needs_retirements_of_its_own_beneficiary_and_of_an_earlier_vintage()
    {
        var (office, other) = (await Api.OrganizationAsync("office"), await Api.OrganizationAsync("office"));
        var inventory = (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(10)))).Id;
        var theirs = await Api.RetiredForAsync(other, 10);
        await RefusedPostAsync(409, "retirement-of-another-beneficiary", "/v1/claims", ClaimBody(inventory, theirs));
        var ours = await Api.RetiredForAsync(office, 10);
        await RefusedPostAsync(400, "duplicate-retirement", "/v1/claims", ClaimBody(inventory, ours, ours));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/claims", ClaimBody(inventory));
        await RefusedPostAsync(403, "not-authorized", "/v1/claims", ClaimBody(inventory, ours), other);
        var early = (await Api.DoAsync("/v1/inventories", new
        {
            organizationId = office,
            boundary = "x",
            period = new { first = "2019-01-01", last = "2019-12-31" },
            lines = new[] { Emitted(10) },
        })).Id;
        await RefusedPostAsync(409, "vintage-after-claim-period", "/v1/claims", ClaimBody(early, ours));
        var claim = (await Api.DoAsync("/v1/claims", ClaimBody(inventory, ours))).Id;
        await RefusedPostAsync(409, "inventory-already-claimed", "/v1/claims", ClaimBody(inventory, await Api.RetiredForAsync(office, 10)));
        await RefusedPostAsync(409, "claim-not-in-state", $"/v1/claims/{claim}/top-ups", new { retirementIds = new[] { ours } });
        await Api.DoAsync($"/v1/claims/{claim}/publish");
        await RefusedPostAsync(409, "claim-not-in-state", $"/v1/claims/{claim}/publish");
        await RefusedPostAsync(400, "malformed-body", $"/v1/claims/{claim}/publish", new { reason = "a publication keeps none" });
        await RefusedPostAsync(400, "malformed-body", $"/v1/claims/{claim}/withdraw", new { });
    }

    [Fact]
    public async Task Periods_that_give_no_line_are_refused()
    {
        var path = $"/v1/organizations/{(await Api.CastAsync()).Buyer}/electricity-calibrations";
        object Month(int month, int kilowattHours) => new { period = new { first = $"2021-{month:00}-01", last = $"2021-{month:00}-28" }, kilowattHours, kilograms = 1 };
        await RefusedPostAsync(400, "calibration-impossible", path, new { periods = new[] { Month(1, 1), Month(2, 2), Month(3, 3) }, heldOut = 1 });
        await RefusedPostAsync(400, "calibration-impossible", path, new { periods = new[] { Month(1, 1), Month(2, 1), Month(3, 1), Month(4, 1) }, heldOut = 1 });
        await RefusedPostAsync(400, "calibration-impossible", path, new { periods = new[] { Month(1, 1), Month(1, 2), Month(3, 1), Month(4, 1) }, heldOut = 1 });
        await RefusedPostAsync(400, "value-out-of-range", path, new { periods = new[] { Month(1, 1) }, heldOut = 0 });

        // Ten thousand days with a millionth of a kilowatt-hour: the line would be steeper than any figure that it must give.
        object Long(int year, string kilowattHours, long kilograms, string last) => new { period = new { first = $"{year}-01-01", last }, kilowattHours, kilograms };
        object[] steep =
        [
            Long(1900, "0", 9_999_999_999, "1900-01-01"), Long(1901, "0.000001", 0, "1928-05-18"), Long(1929, "0.000001", 0, "1956-05-18"), Long(2021, "1000000000", 1, "2021-01-31"),
        ];
        await RefusedPostAsync(400, "calibration-impossible", path, new { periods = steep, heldOut = 1 });
        await RefusedPostAsync(400, "value-out-of-range", path, new { periods = new[] { Month(1, -1) }, heldOut = 1 });
    }

    [Fact]
    public async Task The_factor_library_is_listed_looked_up_and_only_added_to()
    {
        var page = await Api.ReadAsync("/v1/emission-factors?limit=50");
        var next = await Api.ReadAsync($"/v1/emission-factors?limit=1000&cursor={page.GetProperty("nextCursor").GetString()}");
        Assert.True(page.GetProperty("items").GetArrayLength() + next.GetProperty("items").GetArrayLength() >= 94);
        Assert.Equal(2, (await Api.ReadAsync("/v1/emission-factors?activity=gridElectricity&region=620000")).GetProperty("items").GetArrayLength());
        var gansu = await Api.ReadAsync("/v1/emission-factors/lookup?activity=gridElectricity&region=甘肃&year=2023");
        Assert.Equal(("regionalFallback", "西北"), (gansu.GetProperty("choice").GetString(), gansu.GetProperty("factor").GetProperty("region").GetString()));
        Assert.False((await Api.ReadAsync("/v1/emission-factors/lookup?activity=gridElectricity&region=甘肃")).GetProperty("earlierYear").GetBoolean());
        var mongolia = await Api.ReadAsync("/v1/emission-factors/lookup?activity=gridElectricity&region=内蒙古&year=2023");
        Assert.Equal(("nationalFallback", "0.5306"), (mongolia.GetProperty("choice").GetString(), mongolia.GetProperty("factor").GetProperty("kilogramsPerUnit").GetString()));
        var then = Now();

        object Factor(string region = "贵州省", string unit = "kWh", string activity = "gridElectricity") => new
        {
            activity,
            region,
            year = 2023,
            kilogramsPerUnit = "0.4321",
            unit,
            calibre = "locationBased",
            publisher = "example",
            publication = "example notice",
        };
        var id = (await Api.DoAsync("/v1/emission-factors", Factor())).Id;
        Assert.Equal("0.4321", (await Api.ReadAsync($"/v1/emission-factors/{id}")).GetProperty("kilogramsPerUnit").GetString());
        Assert.Equal("exact", (await Api.ReadAsync("/v1/emission-factors/lookup?activity=gridElectricity&region=520000&year=2023")).GetProperty("choice").GetString());
        Assert.NotEqual("exact", (await Api.ReadAsync($"/v1/emission-factors/lookup?activity=gridElectricity&region=520000&year=2023&asOf={then}")).GetProperty("choice").GetString());
        await RefusedPostAsync(409, "factor-already-published", "/v1/emission-factors", Factor("520000"));
        await RefusedPostAsync(403, "not-authorized", "/v1/emission-factors", Factor(), (await Api.CastAsync()).Buyer);
        await RefusedPostAsync(400, "region-unknown", "/v1/emission-factors", Factor("nowhere"));
        await RefusedPostAsync(400, "unit-unknown", "/v1/emission-factors", Factor(unit: "barrel"));
        await RefusedPostAsync(400, "unit-not-convertible", "/v1/emission-factors", Factor(unit: "GJ"));
        await RefusedPostAsync(400, "activity-unknown", "/v1/emission-factors", Factor(activity: "steam"));
        await RefusedGetAsync(400, "activity-unknown", "/v1/emission-factors/lookup?activity=steam");
        await RefusedGetAsync(400, "value-out-of-range", "/v1/emission-factors/lookup");
        await RefusedGetAsync(400, "value-out-of-range", "/v1/emission-factors/lookup?activity=diesel&calibre=best");
    }
}
