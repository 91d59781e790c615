using System.Net;
using System.Text.RegularExpressions;
using CarbonLedger.Server.Pages;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>The pages for people say what the API says, and a person never gets JSON in their place.</summary>
public sealed class PageSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_kilogram_under_two_locks_is_locked_once()
    {
        var v = await Api.VoucherAsync(4_000_000);
        await Api.PledgeAsync(v, 4_000_000);
        await Api.DoAsync("/v1/freezes", new { lines = new[] { v.Line(4_000_000) }, authority = "court", documentNumber = "D-1", kind = "judicial" });
        Assert.Equal([4_000m, 0m, 4_000m, 0m, 0m, 0m], await RowAsync(v));
    }

    [Fact]
    public async Task What_has_become_of_a_voucher_adds_up_on_the_page()
    {
        var v = await Api.VoucherAsync(4_000_000);
        await Api.PledgeAsync(v, 500_000);
        await Api.DoAsync("/v1/retirements", LedgerApi.RetirementBody(v.Account, v.Line(300_000)));
        await Api.DoAsync("/v1/cancellations", new { accountId = v.Account, lines = new[] { v.Line(200_000) }, reason = "errorCorrection", explanation = "measured twice" });
        var row = await RowAsync(v);
        Assert.Equal([4_000m, 3_000m, 500m, 300m, 200m, 0m], row);
        Assert.Equal(row[0], row[1..].Sum());
    }

    [Fact]
    public async Task A_bank_sees_its_pledges_with_and_without_a_loan_and_nobody_elses()
    {
        var (v, bank) = (await Api.VoucherAsync(1_000_000), (await Api.CastAsync()).Bank);
        var (free, secured) = (await Api.PledgeAsync(v, 123_456), await Api.PledgeAsync(v, 234_567));
        var loan = await Api.LoanAsync(secured, "5000.00");
        await Api.DoAsync($"/v1/pledges/{free}/releases", new { lines = new[] { v.Line(3_456) }, reason = "repaid" }, bank);
        var rows = Regex.Matches(await TextAsync($"/banks/{bank}/loan-book"), "<tr>.*?</tr>", RegexOptions.Singleline).Select(m => m.Value).ToArray();
        var (first, second) = (Row(free), Row(secured));
        Assert.Contains("部分解押 released in part", first);
        Assert.Contains(">120.000<", first);
        Assert.DoesNotContain("/loans/", first);
        Assert.Contains("已登记 registered", second);
        Assert.Contains(">234.567<", second);
        Assert.Contains($"\"/loans/{loan}\"", second);
        Assert.DoesNotContain(free, await TextAsync($"/banks/{(await Api.CastAsync()).OtherBank}/loan-book"));

        string Row(string pledge) => Assert.Single(rows, r => r.Contains($"\"/pledges/{pledge}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_shows_as_many_as_were_asked_for_and_leads_on_to_a_page()
    {
        var v = await Api.VoucherAsync();
        var other = await Api.VoucherAsync();
        await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(other.Account, v.Account, other.Line(10)));
        var register = await TextAsync("/?limit=1");
        Assert.Equal((1, 1), (Regex.Count(register, "/certificates/vouchers/"), Regex.Count(register, "href=\"/accounts/")));
        Assert.Contains("At most 1 of each", register);

        var first = await TextAsync($"/accounts/{v.Account}?limit=1");
        var next = Regex.Match(first, $"href=\"(/accounts/{v.Account}\\?cursor=[^\"]+)\"").Groups[1].Value;
        var second = await TextAsync($"{next}&limit=1");
        Assert.NotEqual(Regex.Match(first, "<code>CN-[^<]*").Value, Regex.Match(second, "<code>CN-[^<]*").Value);
        Assert.DoesNotContain("更多 More", second);
    }

    [Fact]
    public async Task A_refusal_is_told_in_Chinese_too()
    {
        Assert.Contains("网址中的参数有误", WebUtility.HtmlDecode((await HtmlAsync("/?asOf=yesterday")).Text));
        Assert.Contains("没有找到", WebUtility.HtmlDecode((await HtmlAsync($"/certificates/vouchers/{Nobody}")).Text));
    }

    [Fact]
    public async Task The_description_of_the_API_is_not_to_be_framed_by_others()
    {
        var page = await HtmlAsync("/swagger/index.html");
        Assert.Equal((200, "frame-ancestors 'self'"), (page.Status, Assert.Single(page.Headers.GetValues("Content-Security-Policy"))));
        Assert.Equal(["nosniff"], page.Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task An_account_is_shown_with_its_organization_and_its_vouchers_by_their_serials()
    {
        var v = await Api.VoucherAsync(1000);
        var account = await Api.ReadAsync($"/v1/accounts/{v.Account}");
        var holder = (await Api.ReadAsync($"/v1/organizations/{account.GetProperty("organizationId").GetString()}")).GetProperty("name").GetString();
        Assert.Matches($"/accounts/{v.Account}\">[^<]*</a> · {Regex.Escape(holder!)}", await TextAsync("/"));
        var serial = (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("serial").GetString();
        Assert.Contains($"<code>{serial}</code>", await TextAsync($"/accounts/{v.Account}"));
    }

    [Fact]
    public async Task A_person_who_asks_for_what_is_not_there_reads_a_page_and_a_program_a_problem()
    {
        var v = await Api.VoucherAsync();
        await PageAsync(404, "route-not-found", "/nope");
        await PageAsync(404, "route-not-found", "/accounts/nobody");
        await PageAsync(404, "route-not-found", "/problems/nope");
        await PageAsync(400, "value-out-of-range", $"/accounts/{v.Account}?asOf=zz");
        await RefusedGetAsync(404, "route-not-found", "/nope");
        await RefusedGetAsync(400, "value-out-of-range", $"/accounts/{v.Account}?asOf=zz");
        await RefusedAsync(404, "route-not-found", () => HtmlAsync("/v1/nope")); // the API answers everyone alike
    }

    [Fact]
    public async Task A_form_sent_without_an_instant_shows_the_present()
    {
        var v = await Api.VoucherAsync(1234);
        Assert.Contains(">1.234<", await TextAsync($"/accounts/{v.Account}?asOf="));
        await TextAsync($"/banks/{(await Api.CastAsync()).Bank}/loan-book?asOf=");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/accounts/ACCOUNT")]
    [InlineData("/certificates/vouchers/VOUCHER")]
    [InlineData("/problems/units-under-lien")]
    [InlineData("/nope")]
    public async Task A_page_loads_and_runs_nothing(string path)
    {
        var v = await Api.VoucherAsync();
        var page = await HtmlAsync(path.Replace("ACCOUNT", v.Account).Replace("VOUCHER", v.Id));
        Assert.Contains("default-src 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal(["nosniff"], page.Headers.GetValues("X-Content-Type-Options"));
        Assert.DoesNotContain("<script", page.Text);
        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", page.Text);
    }

    [Fact]
    public async Task Every_link_on_the_pages_of_problems_leads_somewhere()
    {
        var links = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var code in ProblemPages.Codes)
        {
            foreach (Match link in Regex.Matches(await TextAsync($"/problems/{code}"), "href=\"([^\"]+)\""))
            {
                links.TryAdd(new Uri(new Uri(Fixture.Server.Url, $"/problems/{code}"), link.Groups[1].Value).PathAndQuery, code);
            }
        }

        Assert.Contains("/problems/hold-expired", links.Keys);
        foreach (var (link, code) in links)
        {
            Assert.True((await Api.GetAsync(link)).Status == 200, $"/problems/{code} leads to {link}, where nothing is.");
        }
    }

    [Fact]
    public async Task The_list_of_problems_leads_to_the_page_of_each()
    {
        var links = Regex.Matches(await TextAsync("/problems"), "href=\"/problems/([^\"]+)\"").Select(m => m.Groups[1].Value).ToHashSet();
        Assert.Equal(Pages.ProblemPages.Codes.Order(), links.Order());
    }

    [Fact]
    public async Task The_page_of_a_problem_leads_back_to_the_register() => Assert.Contains("href=\"/\"", await TextAsync("/problems/units-under-lien"));

    private async Task PageAsync(int status, string code, string path)
    {
        var answer = await HtmlAsync(path);
        Assert.Equal((status, "text/html"), (answer.Status, answer.ContentHeaders.ContentType?.MediaType));
        Assert.Contains($"/problems/{code}", answer.Text);
        Assert.Contains("href=\"/\"", answer.Text);
    }

    private async Task<Answer> HtmlAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new("text/html"), new("*/*", 0.8) } } };
        return await Api.SendAsync(request);
    }

    /// <summary>Issued, free, locked, retired, cancelled and expired of a voucher, in tonnes.</summary>
    private async Task<decimal[]> RowAsync(Voucher voucher)
    {
        var row = (await TextAsync("/")).Split("<tr>").Single(r => r.Contains($"/certificates/vouchers/{voucher.Id}", StringComparison.Ordinal));
        return [.. Regex.Matches(row, "<td class=\"n\"[^>]*>([0-9,.]+)</td>").Select(m => decimal.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];
    }
}
