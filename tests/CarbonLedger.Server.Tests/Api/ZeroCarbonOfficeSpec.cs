using CarbonLedger.Server.Tests.EmbeddedPostgres;
using static CarbonLedger.Server.Tests.Api.OfficeApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>The zero-carbon office, to the kilogram, through HTTP.</summary>
public sealed class ZeroCarbonOfficeSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task The_office_comes_out_to_the_kilogram_and_its_claim_lives_through_a_restatement()
    {
        var office = await Api.OrganizationAsync("office");
        var recorded = await Api.DoAsync("/v1/inventories", InventoryBody(office, OfficeLines), office);
        Assert.Equal(1_088_744, recorded.Body.GetProperty("emissions").GetInt64());
        Assert.Equal($"/v1/inventories/{recorded.Id}", recorded.Headers.Location!.ToString());

        var inventory = await Api.ReadAsync($"/v1/inventories/{recorded.Id}");
        Assert.Equal(["495500", "550000", "43244"], inventory.GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("kilograms").GetString()));
        Assert.Equal(("43244", "1045500", "0"), (Scope(inventory, "scope1"), Scope(inventory, "scope2LocationBased"), Scope(inventory, "scope3")));
        var factor = inventory.GetProperty("lines")[0].GetProperty("factor");
        Assert.Equal(("exact", "0.4955", "甘肃"), (factor.GetProperty("choice").GetString(), factor.GetProperty("factor").GetProperty("kilogramsPerUnit").GetString(), factor.GetProperty("factor").GetProperty("regionName").GetString()));
        Assert.Equal("building", inventory.GetProperty("boundary").GetProperty("kind").GetString());

        // One kilogram short, then exact.
        var almost = await Api.RetiredForAsync(office, 1_088_743);
        await RefusedPostAsync(409, "claim-short-of-emissions", "/v1/claims", ClaimBody(recorded.Id, almost), office);
        var whole = await Api.RetiredForAsync(office, 1_088_744);
        var claim = (await Api.DoAsync("/v1/claims", ClaimBody(recorded.Id, whole), office)).Id;
        Assert.Equal("draft", await StatusAsync(claim));
        await Api.DoAsync($"/v1/claims/{claim}/publish", null, office);
        var published = await Api.ReadAsync($"/v1/claims/{claim}");
        Assert.Equal(("published", 1_088_744L, 1_088_744L), (published.GetProperty("status").GetString(), published.GetProperty("emissions").GetInt64(), published.GetProperty("covering").GetInt64()));
        Assert.Contains("非全国碳市场履约产品", published.GetProperty("statement").GetProperty("zh").GetString());
        Assert.Contains("not a national-market compliance unit", published.GetProperty("statement").GetProperty("en").GetString());
        Assert.Equal(1_088_744, published.GetProperty("parts")[0].GetProperty("last").GetInt64());

        // A December bill of 1,000 m³ is found: 2,162.2 kg more, 1,090,906.2, rounded up 1,090,907.
        object[] restated = [.. OfficeLines, new { activity = "naturalGas", quantity = 1000.0m, unit = "m3", note = "December" }];
        var answer = await Api.DoAsync($"/v1/inventories/{recorded.Id}/restatements", new { lines = restated, reason = "The December bill was missing." }, office);
        Assert.Equal(1_090_907, answer.Body.GetProperty("emissions").GetInt64());
        Assert.Equal("underCovered", await StatusAsync(claim));
        Assert.Equal(1_088_744, (await Api.ReadAsync($"/v1/inventories/{recorded.Id}?version=1")).GetProperty("emissions").GetInt64());
        Assert.Equal(2, (await Api.ReadAsync($"/v1/inventories/{recorded.Id}")).GetProperty("version").GetInt32());

        // The retirement that was one short has more than enough for the rest; the surplus stays with the office.
        await Api.DoAsync($"/v1/claims/{claim}/top-ups", new { retirementIds = new[] { almost } }, office);
        Assert.Equal("published", await StatusAsync(claim));
        var second = (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(1_088_743 - 2_163)), office)).Id;
        await Api.DoAsync("/v1/claims", ClaimBody(second, almost), office);
        var third = (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(1)), office)).Id;
        await RefusedPostAsync(409, "retirement-already-claimed", "/v1/claims", ClaimBody(third, almost), office);
        Assert.Equal(2, (await Api.ReadAsync($"/v1/claims?organizationId={office}")).GetProperty("items").GetArrayLength());

        // The past is as it was.
        var before = published.GetProperty("status").GetString();
        Assert.Equal("published", before);
        Assert.Equal("0", await AskSqlAsync("select count(*)::text from ledger.claimed_kilograms a join ledger.claimed_kilograms b using (retirement_id) where a.ctid <> b.ctid and a.kilograms && b.kilograms"));
    }

    [Fact]
    public async Task A_claim_is_as_it_was_at_a_past_position()
    {
        var office = await Api.OrganizationAsync("office");
        var inventory = (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(10)))).Id;
        var claim = (await Api.DoAsync("/v1/claims", ClaimBody(inventory, await Api.RetiredForAsync(office, 10)))).Id;
        var then = Now();
        await Task.Delay(5);
        await Api.DoAsync($"/v1/claims/{claim}/publish");
        await Api.DoAsync($"/v1/claims/{claim}/withdraw", new { reason = "moved out" });

        Assert.Equal("withdrawn", await StatusAsync(claim));
        Assert.Equal("draft", (await Api.ReadAsync($"/v1/claims/{claim}?asOf={then}")).GetProperty("status").GetString());
        Assert.Equal(claim, (await Api.ReadAsync($"/v1/inventories/{inventory}?asOf={then}")).GetProperty("claimId").GetString());
        Assert.False((await Api.ReadAsync($"/v1/inventories/{inventory}")).TryGetProperty("claimId", out _));
    }

    [Fact]
    public async Task A_retirement_says_which_of_its_kilograms_back_which_claim_and_what_is_left()
    {
        var office = await Api.OrganizationAsync("office");
        var retirement = await Api.RetiredForAsync(office, 100);
        Assert.Equal((100, ""), await BackedAsync(""));
        var first = await Api.ClaimAsync(office, 30, retirement);
        var second = await Api.ClaimAsync(office, 50, retirement);
        Assert.Equal((20, $"{first} 1-30, {second} 31-80"), await BackedAsync(""));
        var then = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ");
        await Task.Delay(5);
        await Api.DoAsync($"/v1/claims/{first}/withdraw", new { reason = "moved out" });

        Assert.Equal((50, $"{second} 31-80"), await BackedAsync(""));
        Assert.Equal((20, $"{first} 1-30, {second} 31-80"), await BackedAsync($"?asOf={then}"));
        foreach (var asOf in new[] { "", $"asOf={then}" })
        {
            Assert.Equal(
                (await Api.ReadAsync($"/v1/retirements/{retirement}{(asOf.Length == 0 ? "" : "?" + asOf)}")).GetRawText(),
                Assert.Single((await Api.ReadAsync($"/v1/retirements?beneficiaryId={office}{(asOf.Length == 0 ? "" : "&" + asOf)}")).GetProperty("items").EnumerateArray()).GetRawText());
        }

        async Task<(long, string)> BackedAsync(string asOf)
        {
            var read = await Api.ReadAsync($"/v1/retirements/{retirement}{asOf}");
            return (read.GetProperty("unclaimed").GetInt64(), string.Join(", ", read.GetProperty("claims").EnumerateArray().Select(c => $"{c.GetProperty("claimId").GetString()} {c.GetProperty("first").GetInt64()}-{c.GetProperty("last").GetInt64()}")));
        }
    }

    [Fact]
    public async Task An_inventory_and_a_retirement_have_their_history()
    {
        var office = await Api.OrganizationAsync("office");
        var retirement = await Api.RetiredForAsync(office, 10);
        var claim = await Api.ClaimAsync(office, 10, retirement);
        var inventory = (await Api.ReadAsync($"/v1/claims/{claim}")).GetProperty("inventoryId").GetString();
        await Api.DoAsync($"/v1/inventories/{inventory}/restatements", new { lines = new[] { Emitted(9) }, reason = "A bill was counted twice." }, office);
        await Api.DoAsync($"/v1/claims/{claim}/withdraw", new { reason = "moved out" });

        Assert.Equal(["inventory_recorded", "inventory_claimed", "inventory_restated", "inventory_unclaimed"], await TypesAsync($"/v1/inventories/{inventory}/events"));
        Assert.Equal(["retirement_claimed", "retirement_unclaimed"], await TypesAsync($"/v1/retirements/{retirement}/events?after=1"));
        await RefusedGetAsync(404, "inventory-not-found", $"/v1/inventories/{claim}/events");
        await RefusedGetAsync(404, "retirement-not-found", $"/v1/retirements/{inventory}/events");

        async Task<string[]> TypesAsync(string path) => [.. (await Api.ReadAsync(path)).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("type").GetString()!)];
    }

    [Fact]
    public async Task Of_two_claims_that_race_for_one_retirement_one_is_made()
    {
        var office = await Api.OrganizationAsync("office");
        var retirement = await Api.RetiredForAsync(office, 10);
        var inventories = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(10)))).Id));
        var answers = await Task.WhenAll(inventories.Select(i => Api.PostAsync("/v1/claims", ClaimBody(i, retirement))));

        Assert.Single(answers, a => a.Status == 201);
        Assert.All(answers.Where(a => a.Status != 201), a => Assert.Equal("retirement-already-claimed", a.Code));
    }

    [Fact]
    public async Task The_database_itself_refuses_a_kilogram_in_two_claims()
    {
        var office = await Api.OrganizationAsync("office");
        var retirement = await Api.RetiredForAsync(office, 10);
        var inventory = (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(10)))).Id;
        // What no command can do: a row that the decision does not know of.
        await SqlAsync($"insert into ledger.claimed_kilograms (retirement_id, kilograms, claim_id) values ('{retirement}', int8range(10, 11), gen_random_uuid())");
        await RefusedPostAsync(409, "retirement-already-claimed", "/v1/claims", ClaimBody(inventory, retirement));
    }

    [Fact]
    public async Task Retirements_from_before_claims_existed_get_the_row_that_new_ones_get()
    {
        var (office, v) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(100));
        var retirement = await Api.RetiredForAsync(office, v.Account, v.Line((1, 10), (21, 40)));
        var made = await AskSqlAsync($"select state::jsonb::text from ledger.states where id = '{retirement}'");
        await SqlAsync($"delete from ledger.states where id = '{retirement}'");
        var sql = await Sql.MigrationAsync("0010_claims");
        await SqlAsync(sql[sql.IndexOf("insert into ledger.states", StringComparison.Ordinal)..]);

        Assert.Equal(made, await AskSqlAsync($"select state::jsonb::text from ledger.states where id = '{retirement}'"));
    }

    [Fact]
    public async Task A_flagged_voucher_uncovers_the_claim_and_finds_it()
    {
        var office = await Api.OrganizationAsync("office");
        var v = await Api.VoucherAsync(100);
        var retirement = await Api.RetiredForAsync(office, v.Account, v.Line(100));
        var inventory = (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(100)))).Id;
        var claim = (await Api.DoAsync("/v1/claims", ClaimBody(inventory, retirement))).Id;
        await Api.DoAsync($"/v1/claims/{claim}/publish");
        Assert.Equal(claim, (await Api.ReadAsync($"/v1/claims?voucherId={v.Id}")).GetProperty("items")[0].GetProperty("id").GetString());
        await RefusedPostAsync(403, "not-authorized", $"/v1/claims/{claim}/flags", new { voucherId = v.Id, reason = "revoked" }, office);
        Assert.Equal("underCovered", (await Api.DoAsync($"/v1/claims/{claim}/flags", new { voucherId = v.Id, reason = "revoked" })).Body.GetProperty("status").GetString());
        await RefusedPostAsync(409, "voucher-not-in-claim", $"/v1/claims/{claim}/flags", new { voucherId = v.Id, reason = "revoked" });
        await Api.DoAsync($"/v1/claims/{claim}/top-ups", new { retirementIds = new[] { await Api.RetiredForAsync(office, 100) } });
        Assert.Equal("published", await StatusAsync(claim));
    }

    [Fact]
    public async Task Days_are_estimated_from_electricity_and_the_accuracy_is_our_own()
    {
        var office = await Api.OrganizationAsync("office");
        // 31 and 30 days of 100 kg a day and 0.5 kg a kWh; the fourth month emitted a tenth more than the line says.
        object[] periods =
        [
            Known("2021-01-01", "2021-01-31", 31_000, 18_600), Known("2021-03-01", "2021-03-31", 62_000, 34_100),
            Known("2021-04-01", "2021-04-30", 30_000, 18_000), Known("2021-05-01", "2021-05-31", 31_000, 20_460),
        ];
        var calibration = (await Api.DoAsync($"/v1/organizations/{office}/electricity-calibrations", new { periods, heldOut = 1 }, office)).Id;
        var line = await Api.ReadAsync($"/v1/electricity-calibrations/{calibration}");
        Assert.Equal(("100", "0.5"), (line.GetProperty("kilogramsPerDay").GetString(), line.GetProperty("kilogramsPerKilowattHour").GetString()));
        Assert.Equal(0.9091m, line.GetProperty("accuracy").GetDecimal()); // 1 − 1,860 ÷ 20,460

        await Api.DoAsync($"/v1/organizations/{office}/electricity-estimates", new { calibrationId = calibration, days = new[] { new { date = "2021-06-01", kilowattHours = "1000.5" } } }, office);
        var day = (await Api.ReadAsync($"/v1/electricity-calibrations/{calibration}/estimates")).GetProperty("days")[0];
        Assert.Equal(("600.25", "estimated"), (day.GetProperty("kilograms").GetString(), day.GetProperty("basis").GetString()));
        Assert.Equal(1, (await Api.ReadAsync($"/v1/organizations/{office}/electricity-calibrations")).GetProperty("items").GetArrayLength());

        static object Known(string first, string last, decimal kilowattHours, long kilograms) => new { period = new { first, last }, kilowattHours, kilograms };
    }

    private static string? Scope(System.Text.Json.JsonElement inventory, string name) => inventory.GetProperty("scopes").GetProperty(name).GetString();

    private async Task<string?> StatusAsync(string claim) => (await Api.ReadAsync($"/v1/claims/{claim}")).GetProperty("status").GetString();
}
