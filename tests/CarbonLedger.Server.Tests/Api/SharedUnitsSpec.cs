using System.Text.Json;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Several ranked pledges of one bank on the same units: a kilogram is collateral once. Each bank counts 40.00 a tonne by contract.</summary>
public sealed class SharedUnitsSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_loan_counts_the_units_of_its_pledges_once()
    {
        var (v, bank) = (await Api.VoucherAsync(1_000_000), await BankAsync(new { maxLoanToValue = 0.7, valuationRule = "contractPrice" }));
        string[] pledges = [await PledgeAsync(v, bank, (1, 1_000_000)), await PledgeAsync(v, bank, (1, 1_000_000))];
        Assert.Contains("40000.00", (await RefusedPostAsync(409, "loan-to-value-above-limit", "/v1/loans", await LoanBodyAsync(bank, "28000.01", pledges))).Body.GetProperty("detail").GetString());
        var loan = await LoanAsync(bank, "28000.00", pledges);
        var read = await Api.ReadAsync($"/v1/loans/{loan}");
        Assert.Equal((1_000_000, "40000.00", 0.7m), (read.GetProperty("collateralKilograms").GetInt64(), Text(read, "collateralValue"), read.GetProperty("loanToValue").GetDecimal()));
        Assert.Equal(("0.00", "40000.00"), (Text(read, "priorSecured"), Text(read, "valueAfterPrior")));
        await HasTotalsAsync($"/v1/banks/{bank}/loan-book", 1_000_000);
        var book = await Api.ReadAsync($"/v1/banks/{bank}/collateral-book");
        Assert.Equal([1_000_000, 1_000_000, 1_000_000, 1_000_000], Kilograms(book));
        Assert.Equal(("40000.00", "0.00", "40000.00"), Worth(book));

        var then = await NowAsync();
        await Api.DoAsync($"/v1/pledges/{pledges[0]}/releases", new { reason = "waived", lines = new[] { v.Line((1, 600_000)) } }, bank);
        await HasTotalsAsync($"/v1/banks/{bank}/loan-book", 1_000_000); // all are still under the other
        await Api.DoAsync($"/v1/pledges/{pledges[1]}/releases", new { reason = "waived", lines = new[] { v.Line((400_001, 700_000)) } }, bank);
        await HasTotalsAsync($"/v1/banks/{bank}/loan-book", 800_000);
        await HasTotalsAsync($"/v1/banks/{bank}/loan-book?asOf={then}", 1_000_000);
    }

    [Fact]
    public async Task A_second_pledge_over_the_same_units_cures_no_call()
    {
        var (v, bank) = (await Api.VoucherAsync(2_000_000), await BankAsync(new { warningLoanToValue = 0.5, valuationRule = "contractPrice" }));
        var loan = await LoanAsync(bank, "24000.00", await PledgeAsync(v, bank, (1, 1_000_000)));
        Assert.Equal(1, (await Api.DoAsync($"/v1/banks/{bank}/margin-runs")).Body.GetProperty("called").GetArrayLength());
        await Api.DoAsync($"/v1/loans/{loan}/pledges", new { pledgeId = await PledgeAsync(v, bank, (1, 1_000_000)) }, bank);
        Assert.True((await Api.ReadAsync($"/v1/loans/{loan}")).TryGetProperty("marginCall", out _));
        Assert.Equal(0, (await Api.DoAsync($"/v1/banks/{bank}/margin-runs")).Body.GetProperty("cured").GetArrayLength());

        // 200 t that were not under it yet are enough: 24,000.00 = 0.5 × 48,000.00.
        await Api.DoAsync($"/v1/loans/{loan}/pledges", new { pledgeId = await PledgeAsync(v, bank, (800_001, 1_200_000)) }, bank);
        Assert.False((await Api.ReadAsync($"/v1/loans/{loan}")).TryGetProperty("marginCall", out _));
    }

    [Fact]
    public async Task A_collateral_book_counts_what_secures_two_loans_with_the_first()
    {
        var (v, w, bank, other) = (await Api.VoucherAsync(1_000_000), await Api.VoucherAsync(500_000), await BankAsync(new { warningLoanToValue = 0.9, valuationRule = "contractPrice" }), await Api.OrganizationAsync("bank"));
        var first = await LoanAsync(bank, "30000.00", await PledgeAsync(v, bank, (1, 1_000_000)));
        await PledgeAsync(v, other, (1, 500_000));
        var second = await LoanAsync(bank, "10000.01", await PledgeAsync(v, bank, (1, 1_000_000)), await PledgeAsync(w, bank, (1, 500_000)));

        var book = await Api.ReadAsync($"/v1/banks/{bank}/collateral-book");
        Assert.Equal([1_500_000, 1_500_000, 1_500_000, 1_500_000], Kilograms(book));
        Assert.Equal(
            new[] { (v.Id, 1_000_000L, "40000.00", "36666.67"), (w.Id, 500_000L, "20000.00", "3333.34") }.Order(),
            book.GetProperty("units").EnumerateArray().Select(u => (Text(u, "voucherId"), u.GetProperty("kilograms").GetInt64(), Text(u, "collateralValue"), Text(u, "exposure"))).Order());
        Assert.Equal("40000.01", Text(book.GetProperty("totals"), "outstanding"));

        // The other bank's pledge stands before the second loan, and is taken once; of the first loan's own nothing is.
        Assert.Equal(("60000.00", "100.00", "59900.00"), Worth(book));
        Assert.Equal(0, book.GetProperty("loansPastWarning").GetInt32()); // 10,000.01 by the second loan's own 60,000.00
        var lines = await HasTotalsAsync($"/v1/banks/{bank}/loan-book", 2_500_000);
        Assert.Equal([(first, "40000.00", "0.00"), (second, "60000.00", "200.00")], lines.Select(l => (Text(l, "id"), Text(l, "collateralValue"), Text(l, "priorSecured"))));

        await Api.DoAsync($"/v1/loans/{first}/repayments", new { amount = "30000.00" }, bank);
        book = await Api.ReadAsync($"/v1/banks/{bank}/collateral-book");
        Assert.Equal([1_500_000, 1_500_000, 1_500_000, 1_500_000], Kilograms(book)); // the first is no longer open, and all counts with the second
        Assert.Equal(("60000.00", "200.00", "59800.00"), Worth(book));
    }

    private async Task<string> BankAsync(object policy)
    {
        var bank = await Api.OrganizationAsync("bank");
        await Api.DoAsync($"/v1/banks/{bank}/collateral-policy", policy, bank);
        return bank;
    }

    private async Task<string> PledgeAsync(Voucher v, string bank, (long, long) serials) => (await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(v.Account, v.Line(serials))).With(new
    {
        pledgeeId = bank,
        securedAmount = "100.00",
        mode = "ranked",
        valuation = new { pricePerTonne = "40.00", source = "a trade", date = "2021-08-20" },
    }))).Id;

    private async Task<string> LoanAsync(string bank, string principal, params string[] pledges) =>
        (await Api.DoAsync("/v1/loans", await LoanBodyAsync(bank, principal, pledges), bank)).Id;

    private async Task<object> LoanBodyAsync(string bank, string principal, string[] pledges) => (await Api.LoanBodyAsync(pledges, principal)).With(new { bankId = bank, annualRate = 0 });

    /// <summary>The totals of a loan book are the sums of its lines.</summary>
    private async Task<JsonElement[]> HasTotalsAsync(string path, long kilograms)
    {
        var book = await Api.ReadAsync(path);
        JsonElement[] lines = [.. book.GetProperty("loans").EnumerateArray()];
        Assert.Equal((kilograms, kilograms), (book.GetProperty("totals").GetProperty("collateralKilograms").GetInt64(), lines.Sum(l => l.GetProperty("collateralKilograms").GetInt64())));
        return lines;
    }

    /// <summary>Of a collateral book's totals, units, projects and ladder.</summary>
    private static long[] Kilograms(JsonElement book) =>
    [
        book.GetProperty("totals").GetProperty("kilograms").GetInt64(),
        .. new[] { "units", "projects", "maturityLadder" }.Select(part => book.GetProperty(part).EnumerateArray().Sum(p => p.GetProperty("kilograms").GetInt64())),
    ];

    private static (string Value, string Secured, string After) Worth(JsonElement book) =>
        book.GetProperty("totals") is var totals ? (Text(totals, "collateralValue"), Text(totals, "priorSecured"), Text(totals, "valueAfterPrior")) : default;

    private static async Task<string> NowAsync()
    {
        var now = Now();
        await Task.Delay(20);
        return now;
    }
}
