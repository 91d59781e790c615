using System.Text.Json;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>The case of 2021, to the figure. The split per project and per bank is not public: the one here is assumed.</summary>
public sealed class LanzhouCaseSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task Two_vouchers_are_sold_pledged_to_two_banks_released_and_retired()
    {
        var bureau = await OrganizationAsync("Ecology bureau", "registrar");
        var owner = await OrganizationAsync("Forest owner", "projectOwner");
        var verifier = await OrganizationAsync("Verifier", "verifier");
        var exchange = await OrganizationAsync("兰州环境能源交易中心", "exchange");
        var buyer = await OrganizationAsync("Urban-development investment group", "office");
        string[] banks = [await OrganizationAsync("First bank", "bank"), await OrganizationAsync("Second bank", "bank")];
        var (ownerAccount, buyerAccount) = (await Api.AccountAsync(owner), await Api.AccountAsync(buyer));

        // Two projects, together 11,700 mu and 12,000 t.
        var (a, b) = (await IssuedAsync("A", 5_850), await IssuedAsync("B", 5_850));

        var trade = await Api.DoAsync("/v1/trades", new
        {
            venueId = exchange,
            venueTradeNumber = "LZ-2021-0001",
            sellerAccountId = ownerAccount,
            buyerAccountId = buyerAccount,
            lines = new[] { Priced(a), Priced(b) },
            tradedAt = "2021-08-20T02:00:00Z",
            settlement = "immediate",
        }, exchange);
        Assert.Equal("503280.00", trade.Body.GetProperty("amount").GetString());
        Assert.Equal("503280.00", (await Api.ReadAsync($"/v1/trades/{trade.Id}")).GetProperty("amount").GetString());
        await Api.DoAsync("/v1/reference-prices", new { venueId = exchange, date = "2021-08-20", pricePerTonne = "41.94" }, exchange);

        // 495,000 CNY in two loans, started today: no interest has run yet.
        var today = DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd");
        var pledges = new[] { await PledgeAsync(a, banks[0]), await PledgeAsync(b, banks[1]) };
        var loans = new[] { await LoanAsync(0), await LoanAsync(1) };
        foreach (var (bank, loan, i) in banks.Zip(loans, [0, 1]))
        {
            var book = await Api.ReadAsync($"/v1/banks/{bank}/loan-book");
            var entry = Assert.Single(book.GetProperty("loans").EnumerateArray());
            Assert.Equal(loan, entry.GetProperty("id").GetString());
            Assert.Equal("247500.00", entry.GetProperty("outstanding").GetString());
            Assert.Equal("251640.00", entry.GetProperty("collateralValue").GetString());
            Assert.Equal(6_000_000, entry.GetProperty("collateralKilograms").GetInt64());
            Assert.Equal("0.9835", entry.GetProperty("loanToValue").GetRawText());
            var pledge = await Api.ReadAsync($"/v1/pledges/{pledges[i]}");
            Assert.Equal(bank, pledge.GetProperty("pledgeeId").GetString());
            var lien = Assert.Single((await Api.ReadAsync($"/v1/vouchers/{(i == 0 ? a : b)}/holdings")).GetProperty("holdings")[0].GetProperty("locks").EnumerateArray());
            Assert.Equal(pledges[i], lien.GetProperty("id").GetString());
        }

        await BalancesAsync(owned: 12_000_000, free: 0, pledged: 12_000_000);
        await RefusedPostAsync(409, "units-under-lien", "/v1/retirements", RetirementBody(buyerAccount, Line(a, 1)), buyer);
        await RefusedPostAsync(409, "units-under-lien", "/v1/retirements", RetirementBody(buyerAccount, Line(b, 6_000_000)), buyer);
        await RefusedPostAsync(403, "not-the-pledgee", $"/v1/pledges/{pledges[0]}/releases", new { reason = "repaid" }, banks[1]);

        // The first loan is repaid, its pledgee releases, and the units are retired.
        await Api.DoAsync($"/v1/loans/{loans[0]}/repayments", new { amount = "247500.00", date = today }, banks[0]);
        Assert.Equal("repaid", (await Api.ReadAsync($"/v1/loans/{loans[0]}")).GetProperty("status").GetString());
        await Api.DoAsync($"/v1/pledges/{pledges[0]}/releases", new { reason = "repaid" }, banks[0]);
        await BalancesAsync(owned: 12_000_000, free: 6_000_000, pledged: 6_000_000);
        var retired = await Api.DoAsync("/v1/retirements", RetirementBody(buyerAccount, Line(a, 1_088_744)), buyer);
        await BalancesAsync(owned: 10_911_256, free: 4_911_256, pledged: 6_000_000);

        var certificate = await Api.ReadAsync($"/v1/retirements/{retired.Id}/certificate");
        Assert.Equal(1_088_744, certificate.GetProperty("kilograms").GetInt64());
        Assert.Equal(1088.744m, certificate.GetProperty("tonnes").GetDecimal());
        Assert.True(certificate.GetProperty("irreversible").GetBoolean());
        var line = Assert.Single(certificate.GetProperty("lines").EnumerateArray());
        Assert.StartsWith("CN-620171-SLCT-", line.GetProperty("serial").GetString());
        Assert.Contains("-2020-01-0000000001-0001088744-", line.GetProperty("serial").GetString());
        Assert.Equal(1_088_744, (await Api.ReadAsync($"/v1/serials/{line.GetProperty("serial").GetString()}")).GetProperty("kilograms").GetInt64());

        var status = (await Api.ReadAsync($"/v1/vouchers/{a}")).GetProperty("status");
        Assert.Equal((6_000_000, 4_911_256, 0, 1_088_744), (Kg(status, "issued"), Kg(status, "free"), Kg(status, "pledged"), Kg(status, "retired")));

        async Task<string> OrganizationAsync(string name, params string[] roles) => (await Api.DoAsync("/v1/organizations", new { name, roles })).Id;

        async Task<string> IssuedAsync(string name, int areaMu)
        {
            var code = Api.Unique("620171-001");
            var project = await Api.DoAsync("/v1/projects", new
            {
                name = $"Ecological forest {name}",
                scheme = "SLCT",
                ownerId = owner,
                region = "620171",
                methodology = "Forestry carbon sink",
                parcels = new[] { new { code, areaMu } },
            }, owner);
            Assert.Equal(5_850, (await Api.ReadAsync($"/v1/projects/{project.Id}")).GetProperty("areaMu").GetDecimal());
            var application = (await Api.DoAsync("/v1/applications", new
            {
                projectId = project.Id,
                monitoringPeriod = new { first = "2020-01-01", last = "2020-12-31" },
                kilograms = 6_000_000,
                verification = new { verifierId = verifier, reportDate = "2021-05-10", documentSha256 = new string('a', 64) },
            }, owner)).Id;
            await Api.DoAsync($"/v1/applications/{application}/submit", actingAs: owner);
            foreach (var step in new[] { "review", "approve", "file" })
            {
                await Api.DoAsync($"/v1/applications/{application}/{step}", actingAs: bureau);
            }

            return (await Api.DoAsync($"/v1/applications/{application}/issue", new { accountId = ownerAccount, printedNumber = $"LZXQ-2021-00{name}" }, bureau)).Id;
        }

        async Task<string> PledgeAsync(string voucher, string bank) => (await Api.DoAsync("/v1/pledges", new
        {
            pledgorAccountId = buyerAccount,
            pledgeeId = bank,
            lines = new[] { Line(voucher, 6_000_000) },
            securedAmount = "247500.00",
            contractNumber = "PC-2021-001",
            filingNumber = "ZD-2021-001",
            termFrom = today,
            termTo = "2099-12-31",
            mode = "exclusive",
            valuation = new { pricePerTonne = "41.94", source = "Trade LZ-2021-0001", date = "2021-08-20" },
        }, buyer)).Id;

        async Task<string> LoanAsync(int i) => (await Api.DoAsync("/v1/loans", new
        {
            bankId = banks[i],
            borrowerId = buyer,
            principal = "247500.00",
            annualRate = 0.0435,
            startDate = today,
            maturityDate = "2099-12-31",
            pledgeIds = new[] { pledges[i] },
        }, banks[i])).Id;

        async Task BalancesAsync(long owned, long free, long pledged)
        {
            var totals = (await Api.ReadAsync($"/v1/accounts/{buyerAccount}/balances")).GetProperty("totals");
            Assert.Equal((owned, free, pledged), (Kg(totals, "owned"), Kg(totals, "free"), Kg(totals, "pledged")));
        }
    }

    [Fact]
    public async Task Decimals_of_a_tonne_become_serials()
    {
        var v = await Api.VoucherAsync(3_885_080);
        var voucher = await Api.ReadAsync($"/v1/vouchers/{v.Id}");
        Assert.Equal(3_885_080, voucher.GetProperty("kilograms").GetInt64());
        Assert.Contains("-0000000001-0003885080-", voucher.GetProperty("serial").GetString());
        var holding = (await Api.ReadAsync($"/v1/vouchers/{v.Id}/holdings")).GetProperty("holdings")[0];
        Assert.Equal("""[{"first":1,"last":3885080}]""", holding.GetProperty("ranges").GetRawText());
        var retired = await Api.DoAsync("/v1/retirements", RetirementBody(v.Account, v.Line(3_885_080)));
        Assert.Equal(3885.08m, (await Api.ReadAsync($"/v1/retirements/{retired.Id}/certificate")).GetProperty("tonnes").GetDecimal());
    }

    private static long Kg(JsonElement of, string member) => of.GetProperty(member).GetInt64();

    private static object Line(string voucherId, long kilograms) => new { voucherId, kilograms };

    private static object Priced(string voucherId) => new { voucherId, kilograms = 6_000_000, pricePerTonne = "41.94" };
}
