using CarbonLedger.Server.Pages;
using static CarbonLedger.Server.Tests.Api.OfficeApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>The certificate of a claim, as JSON and as a page.</summary>
public sealed class ClaimCertificateSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task It_names_exactly_the_serials_that_the_claim_took()
    {
        var (office, v, w) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(1_000), await Api.VoucherAsync(1_000));
        await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(w.Account, v.Account, w.Line(1_000)));
        var retirement = await RetiredAsync(v.Account, new { organizationId = office }, v.Line((101, 130), (201, 240)), w.Line((501, 600)));
        var before = await Api.ClaimAsync(office, 20, retirement);
        var claim = await Api.ClaimAsync(office, 100, retirement);

        var c = await Api.ReadAsync($"/v1/claims/{claim}/certificate");
        // The first 20 kg back another claim: 10 of the first range, 40 of the second, 50 of the other voucher.
        Assert.Equal([10L, 40L, 50L], Lines(c).Select(l => l.GetProperty("kilograms").GetInt64()));
        Assert.Equal([(121, 130), (201, 240), (501, 550)], Lines(c).Select(RangeOf));
        Assert.All(Lines(c), l => Assert.NotNull(SerialText.Parse(l.GetProperty("serial").GetString()!)));
        Assert.Equal([(101, 120)], Lines(await Api.ReadAsync($"/v1/claims/{before}/certificate")).Select(RangeOf));
        Assert.Equal(("draft", 100, 100, 100), (c.GetProperty("status").GetString(), c.GetProperty("emissions").GetInt32(), c.GetProperty("retired").GetInt32(), c.GetProperty("covering").GetInt32()));
        Assert.Equal((office, "Business centre, building 1", "100"), (c.GetProperty("organizationId").GetString(), c.GetProperty("boundary").GetProperty("name").GetString(), c.GetProperty("scopes").GetProperty("scope1").GetString()));
        Assert.Equal((await Api.ReadAsync($"/v1/retirements/{retirement}/certificate")).GetProperty("number").GetString(), Lines(c)[0].GetProperty("retirementNumber").GetString());
        Assert.False(c.TryGetProperty("publishedAt", out _));
        await RefusedGetAsync(404, "claim-not-found", $"/v1/claims/{Nobody}/certificate");
        await RefusedGetAsync(404, "claim-not-found", $"/certificates/claims/{Nobody}");
    }

    [Fact]
    public async Task Its_code_is_the_hash_of_the_claims_newest_record()
    {
        var office = await Api.OrganizationAsync("office");
        var claim = await Api.ClaimAsync(office, 10, await Api.RetiredForAsync(office, 10));
        var published = (await Api.DoAsync($"/v1/claims/{claim}/publish")).LogIndex;
        var c = await Api.ReadAsync($"/v1/claims/{claim}/certificate");
        var record = (await Api.ReadAsync($"/v1/claims/{claim}/events")).GetProperty("events")[1].GetRawText();
        Assert.Equal(published, c.GetProperty("logIndex").GetInt64());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([0, .. System.Text.Encoding.UTF8.GetBytes(record)])), c.GetProperty("verificationCode").GetString());
        var page = await Api.GetAsync($"/certificates/claims/{claim}?lang=en");
        Assert.Contains(QrCode.Svg(new Uri(Fixture.Server.Url, $"/certificates/claims/{claim}").ToString(), "QR code with the address of this certificate").Value, page.Text);
        Assert.Equal(("en", $"/certificates/claims/{claim}"), (page.ContentHeaders.ContentLanguage.Single(), c.GetProperty("page").GetString()));
    }

    [Fact]
    public async Task The_page_says_at_once_whether_the_claim_stands()
    {
        var (office, v) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(100));
        var claim = await Api.ClaimAsync(office, 10, await Api.RetiredForAsync(office, v.Account, v.Line(10)));
        await ShowsAsync(claim, "Draft", "not published, not to be used", "草稿");
        await Api.DoAsync($"/v1/claims/{claim}/publish");
        await ShowsAsync(claim, "Published", "no less is retired than was emitted", "已发布");
        await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", new { reason = "The report was forged", document = new { number = "D-3" } });
        await ShowsAsync(claim, "Under-covered", "not to be used until it is topped up", "覆盖不足");
        await ShowsAsync(claim, "1 voucher behind this claim fell away", "The report was forged", "已被撤销或标记");
        Assert.True((await Api.ReadAsync($"/v1/claims/{claim}/certificate")).GetProperty("lines")[0].GetProperty("flagged").GetBoolean());
        await Api.DoAsync($"/v1/claims/{claim}/withdraw", new { reason = "moved out" });
        await ShowsAsync(claim, "Withdrawn", "no longer valid", "已撤回");
        Assert.Contains("已撤销", await PageAsync($"/certificates/vouchers/{v.Id}?lang=zh"));
    }

    [Fact]
    public async Task A_name_that_was_erased_after_publication_stands_there_no_longer()
    {
        var (owner, v) = ((await Api.CastAsync()).Owner, await Api.VoucherAsync(100));
        var retirement = await RetiredAsync(v.Account, new { name = "Person On Claim" }, v.Line(100));
        var claim = await Api.ClaimAsync(owner, 10, retirement);
        await Api.DoAsync($"/v1/claims/{claim}/publish");
        Assert.Contains("Person On Claim", await PageAsync($"/certificates/claims/{claim}?lang=en"));

        await Api.DoAsync($"/v1/retirements/{retirement}/erase-beneficiary", new { reason = "personsRequest" });
        var page = await PageAsync($"/certificates/claims/{claim}?lang=en");
        Assert.DoesNotContain("Person On Claim", page);
        Assert.Contains("name erased on", page);
        Assert.Contains("Published", page);
        Assert.DoesNotContain("Person On Claim", (await Api.GetAsync($"/v1/claims/{claim}/certificate")).Text);
        Assert.Equal("published", (await Api.ReadAsync($"/v1/claims/{claim}")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_withdrawn_claim_shows_the_inventory_that_it_was_made_about()
    {
        var office = await Api.OrganizationAsync("office");
        var claim = await Api.ClaimAsync(office, 100, await Api.RetiredForAsync(office, 100));
        var inventory = (await Api.ReadAsync($"/v1/claims/{claim}")).GetProperty("inventoryId").GetString();
        await RestatedAsync(inventory!, 90);
        await Api.DoAsync($"/v1/claims/{claim}/withdraw", new { reason = "wrong boundary" });
        await RestatedAsync(inventory!, 250);

        var c = await Api.ReadAsync($"/v1/claims/{claim}/certificate");
        Assert.Equal(("withdrawn", 90, "90", 2), FiguresOf(c));
        Assert.Contains("90 kg CO₂e (version 2)", await PageAsync($"/certificates/claims/{claim}?lang=en"));
    }

    [Fact]
    public async Task Its_figures_are_of_one_version_also_while_the_inventory_is_restated()
    {
        var office = await Api.OrganizationAsync("office");
        var claim = await Api.ClaimAsync(office, 100, await Api.RetiredForAsync(office, 100));
        var inventory = (await Api.ReadAsync($"/v1/claims/{claim}")).GetProperty("inventoryId").GetString()!;
        await Api.DoAsync($"/v1/claims/{claim}/publish");
        var restating = Task.Run(async () =>
        {
            for (var version = 2; version <= 100; version++)
            {
                await RestatedAsync(inventory, version % 2 == 0 ? 150 : 100);
            }
        });
        while (!restating.IsCompleted)
        {
            var (status, emissions, scope1, version) = FiguresOf(await Api.ReadAsync($"/v1/claims/{claim}/certificate"));
            Assert.Equal(version % 2 == 0 ? ("underCovered", 150, "150") : ("published", 100, "100"), (status, emissions, scope1));
        }

        await restating;
    }

    [Fact]
    public async Task A_sheet_with_other_scopes_has_another_position_and_code_also_where_the_emissions_are_the_same()
    {
        var office = await Api.OrganizationAsync("office");
        var claim = await Api.ClaimAsync(office, 100, await Api.RetiredForAsync(office, 100));
        await Api.DoAsync($"/v1/claims/{claim}/publish");
        var hung = await Api.ReadAsync($"/v1/claims/{claim}/certificate");
        await RestatedAsync(hung.GetProperty("inventoryId").GetString()!, "99.5");

        var today = await Api.ReadAsync($"/v1/claims/{claim}/certificate");
        Assert.Equal([("published", 100, "100", 1), ("published", 100, "99.5", 2)], [FiguresOf(hung), FiguresOf(today)]);
        Assert.NotEqual(hung.GetProperty("logIndex").GetInt64(), today.GetProperty("logIndex").GetInt64());
        Assert.NotEqual(hung.GetProperty("verificationCode").GetString(), today.GetProperty("verificationCode").GetString());
    }

    [Fact]
    public async Task One_tonne_is_no_tonnes()
    {
        var office = await Api.OrganizationAsync("office");
        var retirement = await Api.RetiredForAsync(office, 1_000);
        var claim = await Api.ClaimAsync(office, 1_000, retirement);
        Assert.Contains("<b>1</b> <span>tonne of CO₂ equivalent", await PageAsync($"/certificates/claims/{claim}?lang=en"));
        Assert.Contains("<b>1</b> <span>tonne of CO₂ equivalent", await PageAsync($"/certificates/retirements/{retirement}?lang=en"));
    }

    private Task RestatedAsync(string inventory, object kilograms) =>
        Api.DoAsync($"/v1/inventories/{inventory}/restatements", new { lines = new[] { Emitted(kilograms) }, reason = "A bill was missing." });

    private static (string?, int, string?, int) FiguresOf(System.Text.Json.JsonElement c) => (c.GetProperty("status").GetString(), c.GetProperty("emissions").GetInt32(),
        c.GetProperty("scopes").GetProperty("scope1").GetString(), c.GetProperty("inventoryVersion").GetInt32());

    private async Task ShowsAsync(string claim, string english, string also, string chinese)
    {
        var page = await PageAsync($"/certificates/claims/{claim}?lang=en");
        Assert.Contains(english, page);
        Assert.Contains(also, page);
        Assert.Contains(chinese, await PageAsync($"/certificates/claims/{claim}?lang=zh"));
    }

    private async Task<string> PageAsync(string path)
    {
        var answer = await Api.GetAsync(path);
        Assert.True(answer.Status == 200, answer.Shown);
        return System.Net.WebUtility.HtmlDecode(answer.Text);
    }

    private async Task<string> RetiredAsync(string account, object beneficiary, params object[] lines) => (await Api.DoAsync("/v1/retirements", new
    {
        accountId = account,
        lines,
        beneficiary,
        purpose = "carbonNeutralOperation",
        claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
    })).Id;

    private static System.Text.Json.JsonElement[] Lines(System.Text.Json.JsonElement certificate) => [.. certificate.GetProperty("lines").EnumerateArray()];

    private static (int First, int Last) RangeOf(System.Text.Json.JsonElement line)
    {
        var range = SerialText.Parse(line.GetProperty("serial").GetString()!)!.Value.Range;
        return ((int)range.First, (int)range.Last);
    }
}
