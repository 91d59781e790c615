using CarbonLedger.Server.Pages;
using CarbonLedger.Server.Tests.Api;
using Microsoft.Playwright;

namespace CarbonLedger.Server.Tests.Browser;

/// <summary>Certificates as people see them: on a telephone, on a screen, on paper; in both languages.</summary>
public sealed class CertificatePageSpec(ServerFixture fixture, BrowserFixture browser) : ApiSpec(fixture), IClassFixture<BrowserFixture>
{
    private Uri At(string path) => new(Fixture.Server.Url, path);

    [BrowserTheory]
    [InlineData("zh", "碳票注销证书", "不可撤销")]
    [InlineData("en", "Certificate of Retirement", "Irreversible")]
    public async Task The_certificate_of_the_zero_carbon_office(string lang, string title, string irreversible)
    {
        var id = await OfficeAsync();
        var path = $"/certificates/retirements/{id}?lang={lang}";
        foreach (var (width, name) in new[] { (BrowserFixture.PhoneWidth, "360"), (1280, "1280") })
        {
            var page = await browser.OpenAsync(At(path), width);
            await BrowserFixture.PictureAsync(page, $"retirement-{lang}-{name}");
            await page.CloseAsync();
        }

        var print = await browser.OpenAsync(At(path), BrowserFixture.PaperWidth);
        await BrowserFixture.PaperPictureAsync(print, $"retirement-{lang}");
        Assert.Equal(1, await BrowserFixture.PrintAsync(print, $"retirement-{lang}"));
        Assert.Equal(lang == "zh" ? "zh-CN" : "en", await print.GetAttributeAsync("html", "lang"));
        var text = await print.InnerTextAsync("main");
        string[] shown =
        [
            title, "碳票注销证书", "Certificate of Retirement", irreversible, "1,088.744", "1,088,744", "LY-2021-01", "兰州新区生态林项目(一)", "兰州新区生态林项目(二)", "GS-FORESTRY-01",
            .. (await Api.ReadAsync($"/v1/retirements/{id}/certificate")).GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("serial").GetString()!),
        ];
        Assert.All(shown, part => Assert.Contains(part, text.Replace("\u200b", ""), StringComparison.OrdinalIgnoreCase));
        await print.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.False(await print.IsVisibleAsync("nav"));
    }

    [BrowserTheory]
    [InlineData("zh")]
    [InlineData("en")]
    public async Task The_certificate_of_a_voucher(string lang)
    {
        var v = await VoucherAsync("兰州新区生态林项目(三)", 3_885_080, "兰碳-2021-3");
        await Api.PledgeAsync(v, 1_000_000);
        await Api.DoAsync("/v1/retirements", LedgerApi.RetirementBody(v.Account, v.Line((2_000_001, 2_000_500))));
        var page = await browser.OpenAsync(At($"/certificates/vouchers/{v.Id}?lang={lang}"), BrowserFixture.PhoneWidth);
        await BrowserFixture.PictureAsync(page, $"voucher-{lang}-360");
        var print = await browser.OpenAsync(At($"/certificates/vouchers/{v.Id}?lang={lang}"), BrowserFixture.PaperWidth);
        await BrowserFixture.PaperPictureAsync(print, $"voucher-{lang}");
        Assert.Equal(1, await BrowserFixture.PrintAsync(print, $"voucher-{lang}"));
        var text = await print.InnerTextAsync("main");
        Assert.DoesNotContain((await Api.ReadAsync($"/v1/organizations/{(await Api.CastAsync()).Bank}")).GetProperty("name").GetString() + "\n", text + "\n");
        Assert.Contains(lang == "zh" ? "已锁定" : "held, locked", text);
    }

    [BrowserTheory]
    [InlineData("zh", "零碳声明证书", "已发布")]
    [InlineData("en", "Certificate of Zero-Carbon Claim", "Published")]
    public async Task The_certificate_of_a_claim(string lang, string title, string stands)
    {
        var (claim, _) = await ClaimAsync();
        await Api.DoAsync($"/v1/claims/{claim}/publish");
        var path = $"/certificates/claims/{claim}?lang={lang}";
        foreach (var (width, name) in new[] { (BrowserFixture.PhoneWidth, "360"), (1280, "1280") })
        {
            var page = await browser.OpenAsync(At(path), width);
            await BrowserFixture.PictureAsync(page, $"claim-{lang}-{name}");
            await page.CloseAsync();
        }

        var print = await browser.OpenAsync(At(path), BrowserFixture.PaperWidth);
        await BrowserFixture.PaperPictureAsync(print, $"claim-{lang}");
        Assert.Equal(1, await BrowserFixture.PrintAsync(print, $"claim-{lang}"));
        var text = (await print.InnerTextAsync("main")).Replace("\u200b", "");
        string[] shown =
        [
            title, stands, "1,088.744", "1,088,744", "43,244", "1,045,500", "兰州新区中川商务中心 1 号楼", "GS-FORESTRY-01",
            .. (await Api.ReadAsync($"/v1/claims/{claim}/certificate")).GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("serial").GetString()!),
        ];
        Assert.All(shown, part => Assert.Contains(part, text, StringComparison.OrdinalIgnoreCase));
    }

    [BrowserTheory]
    [InlineData("zh", "覆盖不足", "不计入")]
    [InlineData("en", "Under-covered", "not counted")]
    public async Task The_certificate_of_a_claim_that_does_not_stand(string lang, string status, string fallen)
    {
        var (claim, voucher) = await ClaimAsync();
        await Api.DoAsync($"/v1/claims/{claim}/publish");
        await Api.DoAsync($"/v1/vouchers/{voucher}/revocation", new { reason = "核证报告系伪造 The verification report was forged", document = new { number = "甘环函〔2022〕3 号" } });
        foreach (var (path, name) in new[] { ($"/certificates/claims/{claim}", "claim-flagged"), ($"/certificates/vouchers/{voucher}", "voucher-revoked") })
        {
            var page = await browser.OpenAsync(At($"{path}?lang={lang}"), BrowserFixture.PhoneWidth);
            await BrowserFixture.PictureAsync(page, $"{name}-{lang}-360");
            var print = await browser.OpenAsync(At($"{path}?lang={lang}"), BrowserFixture.PaperWidth);
            await BrowserFixture.PaperPictureAsync(print, $"{name}-{lang}");
            Assert.InRange(await BrowserFixture.PrintAsync(print, $"{name}-{lang}"), 1, 2); // the warning may push the code onto a second sheet
            if (name == "claim-flagged")
            {
                var text = await print.InnerTextAsync("main");
                Assert.All(new[] { status, fallen, "核证报告系伪造" }, part => Assert.Contains(part, text, StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [BrowserFact]
    public async Task A_thousand_ranges_fold_on_the_screen_and_all_stand_on_paper()
    {
        var id = await ScatteredAsync(ranges: 1_050);
        var page = await browser.OpenAsync(At($"/certificates/retirements/{id}?lang=en"), BrowserFixture.PhoneWidth);
        await BrowserFixture.PictureAsync(page, "ranges-en-360");
        async Task<int> Visible() => await page.EvaluateAsync<int>("() => [...document.querySelectorAll('.serials li')].filter(e => e.offsetHeight > 0).length");

        // Nothing stands beside the first range: it is as wide as the second.
        Assert.True(await page.EvaluateAsync<bool>("() => { const [a, b] = document.querySelectorAll('.serials li code'); return a.getBoundingClientRect().width === b.getBoundingClientRect().width; }"));
        var folded = await Visible();
        Assert.InRange(folded, 1, 11 * CertificateFrame.RangesUnfoldedMax);
        Assert.True(await BrowserFixture.PrintAsync(page, "ranges-en") > 10);
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.Equal(CertificateFrame.RangesPerPageMax, await Visible());
        await page.EmulateMediaAsync(new() { Media = Media.Null });
        await page.ClickAsync("label.fold >> nth=0");
        Assert.Equal(folded - CertificateFrame.RangesUnfoldedMax + 100, await Visible());
        await page.ClickAsync(".pages a >> nth=1");
        await page.WaitForLoadStateAsync();
        Assert.Equal(50, await page.Locator(".serials li").CountAsync());
        await BrowserFixture.PictureAsync(page, "ranges-en-360-2");
    }

    /// <summary>A claim of the zero-carbon office on two vouchers, as a draft, and the first of the two.</summary>
    private async Task<(string Claim, string Voucher)> ClaimAsync()
    {
        var office = (await Api.DoAsync("/v1/organizations", new { name = "兰州新区中川商务中心 1 号楼" + Api.Unique("").Replace("-", " · "), roles = new[] { "office" } })).Id;
        var first = await VoucherAsync("兰州新区生态林项目(一)", 1_000_000, Api.Unique("LY-2021-01"));
        var second = await VoucherAsync("兰州新区生态林项目(二)", 600_000, Api.Unique("LY-2021-02"));
        await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(second.Account, first.Account, second.Line(600_000)));
        var retirement = (await Api.DoAsync("/v1/retirements", new
        {
            accountId = first.Account,
            lines = new[] { first.Line(1_000_000), second.Line((1, 50_000), (100_001, 138_744)) },
            beneficiary = new { organizationId = office },
            purpose = "carbonNeutralOperation",
            claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
        })).Id;
        var inventory = (await Api.DoAsync("/v1/inventories", new
        {
            organizationId = office,
            boundary = "兰州新区中川商务中心 1 号楼",
            period = new { first = "2021-01-01", last = "2021-12-31" },
            lines = OfficeApi.OfficeLines,
        })).Id;
        return ((await Api.DoAsync("/v1/claims", OfficeApi.ClaimBody(inventory, retirement))).Id, first.Id);
    }

    private async Task<string> OfficeAsync()
    {
        var first = await VoucherAsync("兰州新区生态林项目(一)", 1_000_000, Api.Unique("LY-2021-01"));
        var second = await VoucherAsync("兰州新区生态林项目(二)", 600_000, Api.Unique("LY-2021-02"));
        await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(second.Account, first.Account, second.Line(600_000)));
        return (await Api.DoAsync("/v1/retirements", new
        {
            accountId = first.Account,
            lines = new[] { first.Line(1_000_000), second.Line((1, 50_000), (100_001, 138_744)) },
            beneficiary = new { name = "兰州新区中川商务中心 1 号楼" },
            purpose = "carbonNeutralOperation",
            claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
            statement = new { zh = "本楼 2021 年运营排放由本次注销全额抵消。", en = "The operating emissions of this building in 2021 are offset in full by this retirement." },
        })).Id;
    }

    private async Task<Voucher> VoucherAsync(string name, long kilograms, string printedNumber)
    {
        var owner = (await Api.CastAsync()).Owner;
        var parcel = Api.Unique("parcel");
        var project = (await Api.DoAsync("/v1/projects", new
        {
            name,
            scheme = "SLCT",
            ownerId = owner,
            region = "620171",
            methodology = "GS-FORESTRY-01 林业碳汇方法学",
            parcels = new[] { new { code = parcel, areaMu = 5850 } },
        })).Id;
        var account = await Api.AccountAsync(owner);
        var application = await Api.FiledAsync(new Project(project, [parcel]), kilograms, "2016-03-01", "2020-12-31");
        var issued = await Api.DoAsync($"/v1/applications/{application}/issue", new { accountId = account, printedNumber = printedNumber + Api.Unique("") });
        return new Voucher(issued.Id, account, kilograms);
    }

    /// <summary>A retirement of so many single kilograms, each second one, 100 to a voucher.</summary>
    private async Task<string> ScatteredAsync(int ranges)
    {
        var (account, lines) = ("", new List<object>());
        for (var left = ranges; left > 0; left -= 100)
        {
            var v = await Api.VoucherAsync(1_000);
            if (account.Length > 0)
            {
                await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(v.Account, account, v.Line(1_000)));
            }

            account = account.Length > 0 ? account : v.Account;
            lines.Add(v.Line([.. Enumerable.Range(0, Math.Min(left, 100)).Select(i => ((long)(2 * i) + 1, (long)(2 * i) + 1))]));
        }

        return (await Api.DoAsync("/v1/retirements", LedgerApi.RetirementBody(account, [.. lines]))).Id;
    }
}
