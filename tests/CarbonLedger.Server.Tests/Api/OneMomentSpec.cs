using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Debt and collateral in one answer are of one moment, whatever is committed while it is put together.</summary>
public sealed class OneMomentSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    /// <summary>One yuan is repaid, then one kilogram released, over and over: at no moment had more kilograms gone than yuan come, nor had two yuan come for the next.</summary>
    [Fact]
    public async Task A_loan_and_the_books_never_show_what_never_was()
    {
        const int Cycles = 250;
        var (cast, voucher) = (await Api.CastAsync(), await Api.VoucherAsync(1_000));
        var (bank, pledge) = (cast.Bank, await Api.PledgeAsync(voucher, 1_000));
        var loan = (await Api.DoAsync("/v1/loans", (await Api.LoanBodyAsync([pledge], "1000.00")).With(new { annualRate = 0 }))).Id;
        var paying = Task.Run(async () =>
        {
            for (var i = 0; i < Cycles; i++)
            {
                await Api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "1.00" }, bank);
                await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid", lines = new[] { voucher.Line(1) } }, bank);
            }
        });

        var seen = 0;
        while (!paying.IsCompleted)
        {
            Holds(await Api.ReadAsync($"/v1/loans/{loan}"), "outstandingPrincipal", "collateralKilograms", "GET loan");
            Holds((await Api.ReadAsync($"/v1/banks/{bank}/collateral-book")).GetProperty("totals"), "outstanding", "kilograms", "collateral book");
            var book = await Api.ReadAsync($"/v1/banks/{bank}/loan-book");
            Holds(book.GetProperty("totals"), "outstandingPrincipal", "collateralKilograms", "totals of the loan book");
            var line = book.GetProperty("loans").EnumerateArray().Single();
            Assert.Equal(Figures(book.GetProperty("totals"), "outstandingPrincipal", "collateralKilograms"), Figures(line, "outstandingPrincipal", "collateralKilograms"));
            seen++;
        }

        await paying;
        Assert.True(seen > 20, $"{seen} reads are too few to meet a command.");
        Assert.Equal((1_000 - Cycles, 1_000 - Cycles), Figures(await Api.ReadAsync($"/v1/loans/{loan}"), "outstandingPrincipal", "collateralKilograms"));
    }

    /// <summary>The page shows the debt with the loan and again in the ladder, and the units with the loan and again with the pledge.</summary>
    [Fact]
    public async Task The_page_of_a_bank_shows_its_loans_pledges_and_collateral_of_one_moment()
    {
        var (bank, voucher) = (await Api.OrganizationAsync("bank"), await Api.VoucherAsync(9_000));
        var pledge = (await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(voucher.Account, voucher.Line(9_000))).With(new { pledgeeId = bank }))).Id;
        var loan = (await Api.DoAsync("/v1/loans", (await Api.LoanBodyAsync([pledge], "9000.00")).With(new { bankId = bank, annualRate = 0 }))).Id;
        using var read = new CancellationTokenSource();
        var paying = Task.Run(async () =>
        {
            while (!read.IsCancellationRequested)
            {
                await Api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "1.00" }, bank);
                await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid", lines = new[] { voucher.Line(1) } }, bank);
            }
        });
        try
        {
            for (var i = 0; i < 60; i++)
            {
                var page = await TextAsync($"/banks/{bank}/loan-book");
                var (owed, units) = (Cells(page, "余额 Outstanding, CNY"), Cells(page, "质押财产 Collateral, t"));
                Assert.Equal((owed[0], units[0]), (owed[^1], Cells(page, "质押财产 Under it, t").Single()));
                Assert.Equal(units[0], units[2]); // the loan, the loan book's total, the ladder
            }
        }
        finally
        {
            await read.CancelAsync();
            await paying;
        }

        static string[] Cells(string page, string label) => [.. Regex.Matches(page, $"data-label=\"{label}\">([^<]*)<").Select(m => m.Groups[1].Value).Where(figure => figure is not ("0.00" or "0.000"))];
    }

    private static void Holds(JsonElement of, string debt, string kilograms, string where)
    {
        var (owed, left) = Figures(of, debt, kilograms);
        Assert.True(left - owed is 0 or 1, $"{where}: {owed} owed and {left} kg left.");
    }

    private static (int Owed, int Kilograms) Figures(JsonElement of, string debt, string kilograms) =>
        ((int)decimal.Parse(of.GetProperty(debt).GetString()!, CultureInfo.InvariantCulture), of.GetProperty(kilograms).GetInt32());
}
