using CarbonLedger.Server.Tests.Api;

namespace CarbonLedger.Server.Tests.Browser;

/// <summary>The register, an account's balances, a bank's books, a loan, a pledge and a trade, on a telephone, on a screen and on paper.</summary>
public sealed class RegisterPageSpec(ServerFixture fixture, BrowserFixture browser) : ApiSpec(fixture), IClassFixture<BrowserFixture>
{
    [BrowserFact]
    public async Task The_pages_of_the_register_fit_a_telephone_a_screen_and_paper()
    {
        var cast = await Api.CastAsync();
        var v = await Api.VoucherAsync(7_000_000);
        await Api.DoAsync($"/v1/banks/{cast.Bank}/collateral-policy", new { warningLoanToValue = 0.3 }, cast.Bank);
        await Api.LoanAsync(await Api.PledgeAsync(v, 5_000_000), "100000.00");
        await Api.DoAsync($"/v1/banks/{cast.Bank}/margin-runs", new { }, cast.Bank);
        await Api.DoAsync("/v1/retirements", LedgerApi.RetirementBody(v.Account, v.Line(1_088_744)));
        await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(v.Account, v.Line(1))).With(new { contractNumber = new string('C', 64) }));
        var (enforced, loan, trade) = await EnforcedAsync(cast);
        foreach (var (path, name, shown) in new[]
        {
            ("/", "register", "1,088.744"),
            ($"/accounts/{v.Account}", "account", "5,000.001"),
            ($"/banks/{cast.Bank}/loan-book", "loan-book", "5,000.000"),
            ($"/loans/{loan}", "loan", "处置受偿 recovered"),
            ($"/pledges/{enforced}", "pledge", "余款归出质人 Surplus to the pledgor"),
            ($"/trades/{trade}", "trade", "25.16"),
            ($"/venues/{cast.Venue}", "venue", "167,750.00"),
        })
        {
            foreach (var width in new[] { BrowserFixture.PhoneWidth, 1280 })
            {
                var page = await browser.OpenAsync(new Uri(Fixture.Server.Url, path), width);
                await BrowserFixture.PictureAsync(page, $"{name}-{width}");
                Assert.Contains(shown, await page.InnerTextAsync("main"));
                Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('.wide')].every(e => e.scrollWidth <= e.clientWidth)"), $"A table of {name} is cut off at {width}.");
                Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), $"{name} is wider than {width}.");
                var unnamed = await page.EvaluateAsync<string[]>(
                    """
                    () => document.documentElement.clientWidth > 500 ? [] : [...document.querySelectorAll('.wide td:not(:first-child)')]
                        .filter(td => td.innerText.trim() && !td.dataset.label).map(td => td.parentElement.innerText)
                    """);
                Assert.True(unnamed.Length == 0, $"On a telephone {name} does not say what stands in:\n{string.Join('\n', unnamed)}");
                var broken = await page.EvaluateAsync<string[]>(
                    """
                    () => [...document.querySelectorAll('td.n')].filter(td => {
                        const range = document.createRange();
                        range.selectNodeContents(td);
                        return /^[\d,.]+$/.test(td.innerText.trim()) && range.getClientRects().length > 1;
                    }).map(td => td.innerText)
                    """);
                Assert.True(broken.Length == 0, $"{name} breaks figures at {width}: {string.Join(' ', broken)}");
                await page.CloseAsync();
            }

            var paper = await browser.OpenAsync(new Uri(Fixture.Server.Url, path), BrowserFixture.PaperWidth);
            await BrowserFixture.PaperPictureAsync(paper, name);
            await paper.EmulateMediaAsync(new() { Media = Microsoft.Playwright.Media.Print });
            Assert.True(await paper.EvaluateAsync<bool>("[...document.querySelectorAll('.wide')].every(e => e.scrollWidth <= e.clientWidth)"), $"Paper cuts a table of {name} off.");
            Assert.True(await paper.EvaluateAsync<bool>("[...document.querySelectorAll('form')].every(e => getComputedStyle(e).display == 'none')"), $"A form of {name} is printed.");
            await paper.CloseAsync();
        }
    }

    /// <summary>A pledge on many short ranges that was enforced in part, its loan, and a trade with a long number.</summary>
    private async Task<(string Pledge, string Loan, string Trade)> EnforcedAsync(Cast cast)
    {
        var v = await Api.VoucherAsync(10_000_000);
        var ranges = v.Line([.. Enumerable.Range(0, 50).Select(i => (100_000L * i + 1, 100_000L * i + 99_999))]);
        var pledge = (await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(v.Account, ranges)).With(new { mode = "ranked", securedAmount = "150000.00" }))).Id;
        var loan = await Api.LoanAsync(pledge, "150000.00");
        await Api.DoAsync($"/v1/loans/{loan}/costs", new { amount = "80.00", date = "2021-10-01", reason = "公证费 Notary" }, cast.Bank);
        await Api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "1000.00", date = "2021-11-01" }, cast.Bank);
        await Api.DoAsync($"/v1/pledges/{pledge}/default-notices", new { reason = "逾期未付 The instalment was not paid" }, cast.Bank);
        await Api.DoAsync($"/v1/pledges/{pledge}/enforcements", new { method = "auction", lines = new[] { v.Line(1_000_000) }, buyerAccountId = cast.BuyerAccount, pricePerTonne = "41.94", costs = "300.00" }, cast.Bank);
        await Api.DoAsync("/v1/trades", await Api.TradeBodyAsync(v.Account, cast.BuyerAccount, Api.Unique("T"), new { voucherId = v.Id, kilograms = 4_000_000, pricePerTonne = "41.9375" }));
        await Api.DoAsync("/v1/reference-prices", new { venueId = cast.Venue, date = "2021-08-20", pricePerTonne = "41.94" });
        var trade = await DeferredTradeSpec.BodyAsync(Api, await Api.VoucherAsync(), cast.BuyerAccount, holdUntil: null);
        return (pledge, loan, (await Api.DoAsync("/v1/trades", trade.With(new { venueTradeNumber = Api.Unique(new string('T', 50)) }))).Id);
    }
}
