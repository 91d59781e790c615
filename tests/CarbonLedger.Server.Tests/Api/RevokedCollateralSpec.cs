using System.Text.Json;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Units of a revoked voucher stay under their pledge and are worth nothing: a lender hears of it at once.</summary>
public sealed class RevokedCollateralSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_revocation_takes_units_out_of_the_collateral_and_calls_the_loan_by_itself()
    {
        // At the pledge's 41.94, 1,000 t are 41,940.00 and the 600 t of the voucher that stands 25,164.00; 28,000.00 are 66.76 and 111.27 % of these.
        var (cast, bank) = (await Api.CastAsync(), await Api.OrganizationAsync("bank"));
        await Api.DoAsync($"/v1/banks/{bank}/collateral-policy", new { warningLoanToValue = 0.8, liquidationLoanToValue = 1.0, valuationRule = "contractPrice" }, bank);
        var (good, bad) = (await Api.VoucherAsync(1_100_000), await Api.VoucherAsync(700_000));
        await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(bad.Account, good.Account, bad.Line(700_000)));
        var mixed = await PledgeAsync(bank, good.Account, good.Line(600_000), bad.Line(400_000));
        var (loan, alone) = (await LoanAsync(bank, mixed, "28000.00"), await LoanAsync(bank, await PledgeAsync(bank, good.Account, bad.Line(300_000)), "100.00"));
        var whole = await LoanAsync(bank, await PledgeAsync(bank, good.Account, good.Line(10_000)), "10.00");
        Assert.Equal((1_000_000L, null, "41940.00"), await CollateralAsync(loan));
        await AddsUpAsync(bank, 1_310_000);
        var before = (await Api.ReadAsync($"/v1/events?after={await Api.HeadAsync() - 1}&limit=1")).GetProperty("events")[0].GetProperty("at").GetString();

        await Api.DoAsync($"/v1/vouchers/{bad.Id}/revocation", new { reason = "A forged report", document = new { number = "D-7" } });
        var calls = await CallsAsync(bank, 2);
        Assert.Equal(
            [(loan, "28000.00", "25164.00", true), (alone, "100.00", "0.00", true)],
            calls.Select(c => (
                c.GetProperty("loanId").GetString()!, Yuan(c.GetProperty("outstanding")), c.GetProperty("collateralValue").GetString()!, c.GetProperty("liquidationPassedOn").ValueKind == JsonValueKind.String)));
        Assert.Equal((600_000L, 400_000L, "25164.00"), await CollateralAsync(loan));
        Assert.Equal((0L, 300_000L, "0.00"), await CollateralAsync(alone));
        Assert.Equal((10_000L, null, "419.40"), await CollateralAsync(whole));
        Assert.False((await Api.ReadAsync($"/v1/loans/{alone}")).TryGetProperty("loanToValue", out _));
        await AddsUpAsync(bank, 610_000);
        Assert.Contains("已撤销 besides revoked 400.000", System.Net.WebUtility.HtmlDecode((await Api.GetAsync($"/banks/{bank}/loan-book")).Text));
        var book = await Api.ReadAsync($"/v1/banks/{bank}/collateral-book");
        Assert.Equal([(good.Id, 610_000L)], book.GetProperty("units").EnumerateArray().Select(u => (u.GetProperty("voucherId").GetString()!, u.GetProperty("kilograms").GetInt64())));

        // The past is as it was.
        Assert.Equal((1_000_000L, null, "41940.00"), await CollateralAsync(loan, $"?asOf={before}"));
        await AddsUpAsync(bank, 1_310_000, $"?asOf={before}");
        Assert.Equal(2, (await Api.ReadAsync($"/v1/banks/{bank}/collateral-book?asOf={before}")).GetProperty("units").GetArrayLength());

        // Good units for those that are gone: as many, and yet a cure.
        await Api.DoAsync($"/v1/pledges/{mixed}/substitutions", new { @in = new[] { good.Line(400_000) }, @out = new[] { bad.Line(400_000) } }, bank);
        Assert.Equal(["cured", "open"], (await CallsAsync(bank, 2)).Select(c => c.GetProperty("status").GetString()));
        Assert.Equal((1_000_000L, null, "41940.00"), await CollateralAsync(loan));
        await AddsUpAsync(bank, 1_010_000);
    }

    [Fact]
    public async Task No_loan_is_opened_on_what_was_revoked_beyond_the_banks_own_limit()
    {
        var bank = await Api.OrganizationAsync("bank");
        await Api.DoAsync($"/v1/banks/{bank}/collateral-policy", new { maxLoanToValue = 0.7, valuationRule = "contractPrice" }, bank);
        var v = await Api.VoucherAsync(1_000_000);
        var pledge = await PledgeAsync(bank, v.Account, v.Line(1_000_000));
        await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", new { reason = "A forged report", document = new { number = "D-8" } });
        var refused = await RefusedPostAsync(409, "loan-to-value-above-limit", "/v1/loans", await LoanBodyAsync(bank, pledge, "0.01"), bank);
        Assert.Contains("0.00", refused.Body.GetProperty("detail").GetString());
    }

    /// <summary>The lines of the loan book add up to its totals, now and then.</summary>
    private async Task AddsUpAsync(string bank, long kilograms, string query = "")
    {
        var book = await Api.ReadAsync($"/v1/banks/{bank}/loan-book{query}");
        Assert.Equal(kilograms, book.GetProperty("totals").GetProperty("collateralKilograms").GetInt64());
        Assert.Equal(kilograms, book.GetProperty("loans").EnumerateArray().Sum(l => l.GetProperty("collateralKilograms").GetInt64()));
    }

    private async Task<(long Kilograms, long? Revoked, string? Value)> CollateralAsync(string loan, string query = "")
    {
        var read = await Api.ReadAsync($"/v1/loans/{loan}{query}");
        return (read.GetProperty("collateralKilograms").GetInt64(), read.TryGetProperty("revokedKilograms", out var revoked) ? revoked.GetInt64() : null, read.GetProperty("collateralValue").GetString());
    }

    /// <summary>The bank's calls, once there are so many: the register makes its run within seconds.</summary>
    private async Task<JsonElement[]> CallsAsync(string bank, int count)
    {
        for (var i = 0; ; i++)
        {
            JsonElement[] calls = [.. (await Api.ReadAsync($"/v1/banks/{bank}/margin-calls")).GetProperty("items").EnumerateArray()];
            if (calls.Length >= count || i == 300)
            {
                return calls;
            }

            await Task.Delay(100);
        }
    }

    private async Task<string> PledgeAsync(string bank, string account, params object[] lines) =>
        (await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(account, lines)).With(new { pledgeeId = bank }))).Id;

    private async Task<string> LoanAsync(string bank, string pledge, string principal) => (await Api.DoAsync("/v1/loans", await LoanBodyAsync(bank, pledge, principal), bank)).Id;

    private async Task<object> LoanBodyAsync(string bank, string pledge, string principal) =>
        (await Api.LoanBodyAsync([pledge], principal, DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd"))).With(new { bankId = bank });

    private static string Yuan(JsonElement amount) => amount.GetString()!;
}
