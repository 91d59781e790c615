using System.Net;
using CarbonLedger.Server.Pages;
using CarbonLedger.Server.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Certificates as programs see them: JSON, language, addresses, and what must not stand on them.</summary>
public sealed class CertificateSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_vouchers_certificate_tells_what_has_become_of_every_serial_and_names_no_party()
    {
        var v = await Api.VoucherAsync(1000);
        var pledge = await Api.PledgeAsync(v, 300);
        await Api.DoAsync("/v1/retirements", LedgerApi.RetirementBody(v.Account, v.Line((501, 600))));
        await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(v.Account, (await Api.CastAsync()).BuyerAccount, v.Line((401, 450))));

        var answer = await Api.GetAsync($"/v1/vouchers/{v.Id}/certificate");
        var c = answer.Body;
        Assert.Equal(
            ["300 locked", "200 free", "100 retired", "400 free"],
            c.GetProperty("ranges").EnumerateArray().Select(r => $"{r.GetProperty("kilograms")} {r.GetProperty("status").GetString()}"));
        Assert.All(c.GetProperty("ranges").EnumerateArray(), r => Assert.NotNull(SerialText.Parse(r.GetProperty("serial").GetString()!)));
        Assert.Equal((1000, 1.0m), (c.GetProperty("kilograms").GetInt64(), c.GetProperty("tonnes").GetDecimal()));
        var record = (await Api.ReadAsync($"/v1/vouchers/{v.Id}/events?limit=1")).GetProperty("events")[0].GetRawText();
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([0, .. System.Text.Encoding.UTF8.GetBytes(record)])), c.GetProperty("verificationCode").GetString());
        var page = await Api.GetAsync($"/certificates/vouchers/{v.Id}?lang=en");
        foreach (var secret in new[] { pledge, (await Api.CastAsync()).Bank, v.Account, (await Api.CastAsync()).BuyerAccount })
        {
            Assert.DoesNotContain(secret, answer.Text);
            Assert.DoesNotContain(secret, page.Text);
        }

        await RefusedGetAsync(404, "voucher-not-found", $"/v1/vouchers/{Nobody}/certificate");
    }

    [Theory]
    [InlineData("?lang=zh", "en", "zh-CN")]
    [InlineData("?lang=en", "zh-CN", "en")]
    [InlineData("", "en-GB,en;q=0.9,zh;q=0.1", "en")]
    [InlineData("", "de,zh-TW;q=0.5,en;q=0.4", "zh-CN")]
    [InlineData("", "de", "zh-CN")]
    [InlineData("", null, "zh-CN")]
    public async Task The_reader_gets_the_language_that_was_asked_for(string query, string? accepted, string expected)
    {
        var v = await Api.VoucherAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/certificates/vouchers/{v.Id}{query}");
        if (accepted is not null)
        {
            request.Headers.Add("Accept-Language", accepted);
        }

        var answer = await Api.SendAsync(request);
        Assert.Equal((200, expected), (answer.Status, answer.ContentHeaders.ContentLanguage.Single()));
        Assert.Contains($"<html lang=\"{expected}\">", answer.Text);
        Assert.Contains("碳票登记证书", WebUtility.HtmlDecode(answer.Text));
        Assert.Contains("Certificate of Registration", answer.Text);
    }

    [Fact]
    public async Task A_certificate_of_the_past_would_pass_for_the_present_and_is_refused()
    {
        var (office, v) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(100));
        var retirement = await Api.RetiredForAsync(office, v.Account, v.Line(10));
        var claim = await Api.ClaimAsync(office, 10, retirement);
        foreach (var path in new[] { "/", $"/certificates/vouchers/{v.Id}", $"/certificates/retirements/{retirement}", $"/certificates/claims/{claim}" })
        {
            Assert.Equal(200, (await Api.GetAsync(path)).Status);
            await RefusedGetAsync(400, "not-supported", $"{path}?asOf=2021-01-01T00:00:00Z");
        }
    }

    [Theory]
    [InlineData("zh-CN", null, "zh-CN")]
    [InlineData("EN", null, "en")]
    [InlineData("", "en", "en")]
    [InlineData("", "en;q=0, de", "zh-CN")]
    public async Task A_language_is_known_by_its_first_part_and_not_where_it_is_not_wanted(string asked, string? accepted, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/certificates/vouchers/{(await Api.VoucherAsync()).Id}?lang={asked}");
        if (accepted is not null)
        {
            request.Headers.Add("Accept-Language", accepted);
        }

        Assert.Equal([tag], (await Api.SendAsync(request)).ContentHeaders.ContentLanguage);
    }

    [Fact]
    public async Task Another_language_or_page_is_refused_and_a_person_reads_why()
    {
        var v = await Api.VoucherAsync();
        await RefusedGetAsync(400, "value-out-of-range", $"/certificates/vouchers/{v.Id}?lang=de");
        await RefusedGetAsync(400, "value-out-of-range", $"/certificates/vouchers/{v.Id}?page=2");
        await RefusedGetAsync(404, "retirement-not-found", $"/certificates/retirements/{Nobody}");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/certificates/retirements/{Nobody}") { Headers = { Accept = { new("text/html") } } };
        using var response = await Api.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains("/problems/retirement-not-found", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_code_holds_the_address_of_its_certificate()
    {
        var v = await Api.VoucherAsync();
        var page = (await Api.GetAsync($"/certificates/vouchers/{v.Id}?lang=en")).Text;
        var address = new Uri(Fixture.Server.Url, $"/certificates/vouchers/{v.Id}").ToString();
        Assert.Contains(address, page);
        Assert.Contains(QrCode.Svg(address, "QR code with the address of this certificate").Value, page);
    }

    [Fact]
    public async Task A_name_that_is_not_yet_published_or_erased_does_not_stand_on_the_page()
    {
        var v = await Api.VoucherAsync();
        async Task<string> PageAsync(object beneficiary, bool erase)
        {
            var body = new { accountId = v.Account, lines = new[] { v.Line(1) }, beneficiary, purpose = "other", claimPeriod = new { first = "2021-01-01", last = "2021-12-31" } };
            var id = (await Api.DoAsync("/v1/retirements", body)).Id;
            if (erase)
            {
                await Api.DoAsync($"/v1/retirements/{id}/erase-beneficiary", new { reason = "other" });
            }

            return (await Api.GetAsync($"/certificates/retirements/{id}?lang=en")).Text;
        }

        Assert.Contains("Person On Page", await PageAsync(new { name = "Person On Page" }, erase: false));
        var later = await PageAsync(new { name = "Person On Page", publicationDate = "2999-01-31" }, erase: false);
        Assert.DoesNotContain("Person On Page", later);
        Assert.Contains("name to be published on 31 January 2999", later);
        var erased = await PageAsync(new { name = "Person On Page" }, erase: true);
        Assert.DoesNotContain("Person On Page", erased);
        Assert.Contains("name erased on", erased);
    }

    [Fact]
    public async Task A_public_address_is_what_the_code_holds()
    {
        await using var database = new LedgerDatabase(Fixture.ConnectionString);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration["Ledger:PublicUrl"] = "https://register.example.cn/ledger/";
        await using var app = LedgerServer.Build(builder, database);
        await app.StartAsync();
        var v = await Api.VoucherAsync();
        using var http = new HttpClient();
        Assert.Contains($"https://register.example.cn/ledger/certificates/vouchers/{v.Id}<", await http.GetStringAsync($"{app.Urls.Single()}/certificates/vouchers/{v.Id}?lang=en"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("https://register.example.cn", false)]
    [InlineData("register.example.cn", true)]
    [InlineData("ftp://register.example.cn", true)]
    [InlineData("https://register.example.cn/?a=1", true)]
    public void A_public_address_that_no_telephone_could_open_is_refused_at_the_start(string? setting, bool refused) => Assert.Equal(
        refused,
        PublicAddress.ReasonToRefuse(new ConfigurationBuilder().AddInMemoryCollection([new("Ledger:PublicUrl", setting)]).Build()) is not null);
}
