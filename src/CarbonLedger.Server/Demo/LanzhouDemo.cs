using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime.Text;

namespace CarbonLedger.Server.Demo;

/// <summary>
/// Plays the Lanzhou case of 2021 through the public API: two forest projects, 12,000 t, sold at 41.94 CNY/t, pledged to two banks
/// for 495,000 CNY, released, retired. What is not public is assumed, and called so.
/// </summary>
internal sealed class LanzhouDemo
{
    private const string Price = "41.94";
    private const long KilogramsEach = 6_000_000;
    private const long OfficeKilograms = 1_088_744;
    private const string DocumentSha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private readonly DemoClient client;
    private readonly TextWriter output;
    private readonly List<(string Name, string Account)> accounts = [];
    private int step;

    private LanzhouDemo(DemoClient client, TextWriter output) => (this.client, this.output) = (client, output);

    public static async Task PlayAsync(Uri server, TextWriter output)
    {
        using var client = new DemoClient(server);
        await new LanzhouDemo(client, output).PlayAsync(server);
    }

    private async Task PlayAsync(Uri server)
    {
        output.WriteLine();
        output.WriteLine("The Lanzhou case, 2021, played through the HTTP API / 通过 HTTP 接口演示兰州案例");
        output.WriteLine("Assumed, because not public: the even split between projects and between banks, parcels, monitoring period, rate, names of banks.");
        output.WriteLine();

        var bureau = await OrganizationAsync("bureau", "生态环境局 Ecology bureau", "registrar");
        var owner = await OrganizationAsync("owner", "林业项目业主 Forest project owner (assumed)", "projectOwner");
        var verifier = await OrganizationAsync("verifier", "核证机构 Verifier (assumed)", "verifier");
        var exchange = await OrganizationAsync("exchange", "兰州环境能源交易中心 Lanzhou environment and energy exchange", "exchange");
        var group = await OrganizationAsync("group", "城投集团 Urban-development investment group", "office");
        var banks = new[] { await OrganizationAsync("bank-1", "银行一 Bank one (name not public)", "bank"), await OrganizationAsync("bank-2", "银行二 Bank two (name not public)", "bank") };
        Say("Registered the ecology bureau, the exchange, the buyer, two banks, an owner and a verifier.");
        var ownerAccount = await AccountAsync("owner", "Forest owner", owner);
        var groupAccount = await AccountAsync("group", "Urban-development group", group);

        var vouchers = new[] { await IssueAsync("a", owner, verifier, bureau, ownerAccount), await IssueAsync("b", owner, verifier, bureau, ownerAccount) };
        await SellAsync(exchange, ownerAccount, groupAccount, vouchers);
        var (pledges, loans) = await BorrowAsync(group, groupAccount, banks, vouchers);
        await ShowLiensAsync(groupAccount, pledges, loans[^1]);
        await RetireWhilePledgedAsync(groupAccount, vouchers[0]);
        await ReleaseAsync(banks, pledges, loans);
        var retirement = await RetireAsync(group, groupAccount, vouchers[0]);
        await TableAsync(banks, vouchers);

        output.WriteLine();
        output.WriteLine(client.Replayed ? "This data folder had the case already; every answer was the first one, nothing was added twice." : "Run it again: nothing is added twice.");
        output.WriteLine("Open:");
        foreach (var path in new[] { "/", $"/accounts/{groupAccount}", $"/banks/{banks[0]}/loan-book", $"/v1/vouchers/{vouchers[0]}/holdings", $"/v1/retirements/{retirement}/certificate", "/v1/events", "/swagger" })
        {
            output.WriteLine($"  {new Uri(server, path)}");
        }
    }

    private async Task<string> OrganizationAsync(string key, string name, string role) =>
        Id(await client.PostAsync($"organization-{key}", "/v1/organizations", new { name, roles = new[] { role } }));

    private async Task<string> AccountAsync(string key, string name, string organizationId)
    {
        var id = Id(await client.PostAsync($"account-{key}", "/v1/accounts", new { organizationId, name }));
        accounts.Add((name, id));
        return id;
    }

    private async Task<string> IssueAsync(string key, string owner, string verifier, string bureau, string account)
    {
        var project = Id(await client.PostAsync($"project-{key}", "/v1/projects", new
        {
            name = $"生态林项目{key.ToUpperInvariant()} Ecological forest project {key.ToUpperInvariant()}",
            scheme = "SLCT",
            ownerId = owner,
            region = "620171",
            methodology = "林业碳汇 Forestry carbon sink (assumed)",
            parcels = new[] { new { code = $"ASSUMED-{key.ToUpperInvariant()}-0001", areaMu = 5850 } },
        }));
        var application = Id(await client.PostAsync($"application-{key}", "/v1/applications", new
        {
            projectId = project,
            monitoringPeriod = new { first = "2020-01-01", last = "2020-12-31" },
            kilograms = KilogramsEach,
            verification = new { verifierId = verifier, reportDate = "2021-06-30", documentSha256 = DocumentSha256 },
        }));
        foreach (var to in new[] { "submit", "review", "approve", "file" })
        {
            await client.PostAsync($"{to}-{key}", $"/v1/applications/{application}/{to}", new { }, acting: to == "submit" ? owner : bureau);
        }

        var issued = await client.PostAsync($"issue-{key}", $"/v1/applications/{application}/issue", new { accountId = account }, bureau);
        Say($"Issued voucher {key.ToUpperInvariant()}: 5,850 mu, {Kilograms(issued["kilograms"])} kg, serial {issued["serial"]}");
        return Id(issued);
    }

    private async Task SellAsync(string exchange, string seller, string buyer, string[] vouchers)
    {
        var trade = await client.PostAsync("trade", "/v1/trades", new
        {
            venueId = exchange,
            venueTradeNumber = "DEMO-2021-0001",
            sellerAccountId = seller,
            buyerAccountId = buyer,
            lines = vouchers.Select(v => new { voucherId = v, kilograms = KilogramsEach, pricePerTonne = Price }).ToArray(),
            tradedAt = "2021-08-20T02:00:00Z",
            settlement = "immediate",
        }, exchange);
        await client.PostAsync("price", "/v1/reference-prices", new { venueId = exchange, date = "2021-08-20", pricePerTonne = Price }, exchange);
        Say($"The exchange registered the sale of 12,000,000 kg at {Price} CNY/t: {Yuan(trade["amount"])} CNY");
    }

    private async Task<(string[] Pledges, (string Id, string Date, string At)[] Loans)> BorrowAsync(string group, string account, string[] banks, string[] vouchers)
    {
        var pledges = new string[banks.Length];
        var loans = new (string Id, string Date, string At)[banks.Length];
        var (outstanding, collateral) = (0m, 0m);
        for (var i = 0; i < banks.Length; i++)
        {
            var pledge = await client.PostAsync($"pledge-{i}", "/v1/pledges", new
            {
                pledgorAccountId = account,
                pledgeeId = banks[i],
                lines = new[] { new { voucherId = vouchers[i], kilograms = KilogramsEach } },
                securedAmount = "247500.00",
                contractNumber = $"DEMO-PLEDGE-{i + 1}",
                termFrom = "2021-09-01",
                termTo = "2022-08-31",
                mode = "exclusive",
                valuation = new { pricePerTonne = Price, source = "DEMO-2021-0001", date = "2021-08-20" },
            }, group);
            pledges[i] = Id(pledge);

            // Interest runs from the day the case was first played, so that the ratio at that moment is the one of 2021.
            var date = DateOf(await client.TimeOfAsync(pledge));
            var loan = await client.PostAsync($"loan-{i}", "/v1/loans", new
            {
                bankId = banks[i],
                borrowerId = group,
                principal = "247500.00",
                annualRate = 0.0435,
                startDate = date,
                maturityDate = LocalDatePattern.Iso.Format(LocalDatePattern.Iso.Parse(date).Value.PlusYears(1)),
                pledgeIds = new[] { pledges[i] },
            }, banks[i]);
            loans[i] = (Id(loan), date, await client.TimeOfAsync(loan));
            var read = await client.GetAsync($"/v1/loans/{loans[i].Id}?asOf={loans[i].At}");
            (outstanding, collateral) = (outstanding + Amount(read["outstanding"]), collateral + Amount(read["collateralValue"]));
            Say($"Bank {i + 1} lends {Yuan(read["outstanding"])} CNY on {Kilograms(read["collateralKilograms"])} kg worth {Yuan(read["collateralValue"])} CNY: loan-to-value {Percent((decimal)read["loanToValue"]!)}");
        }

        Say($"Together {Yuan(outstanding)} CNY on {Yuan(collateral)} CNY: loan-to-value {Percent(outstanding / collateral)}");
        return (pledges, loans);
    }

    private async Task ShowLiensAsync(string account, string[] pledges, (string Id, string Date, string At) lastLoan)
    {
        var totals = (await client.GetAsync($"/v1/accounts/{account}/balances?asOf={lastLoan.At}"))["totals"]!;
        Say($"The buyer owns {Kilograms(totals["owned"])} kg, {Kilograms(totals["free"])} of them free");
        for (var i = 0; i < pledges.Length; i++)
        {
            var pledge = await client.GetAsync($"/v1/pledges/{pledges[i]}?asOf={lastLoan.At}");
            output.WriteLine($"     bank {i + 1} sees its lien of rank {pledge["rank"]} on {Kilograms(pledge["kilograms"])} kg, contract {pledge["contractNumber"]}");
        }
    }

    private async Task RetireWhilePledgedAsync(string account, string voucher)
    {
        var (status, answer) = await client.TryPostAsync("retire-while-pledged", "/v1/retirements", new
        {
            accountId = account,
            lines = new[] { new { voucherId = voucher, kilograms = 1 } },
            beneficiary = new { name = "中川商务中心1号楼 Zhongchuan business centre, building 1" },
            purpose = "carbonNeutralOperation",
            claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
        });
        Say($"Retiring 1 kg while pledged is refused: {status} {answer["code"]}");
    }

    private async Task ReleaseAsync(string[] banks, string[] pledges, (string Id, string Date, string At)[] loans)
    {
        for (var i = 0; i < banks.Length; i++)
        {
            await client.PostAsync($"repay-{i}", $"/v1/loans/{loans[i].Id}/repayments", new { amount = "247500.00", date = loans[i].Date }, banks[i]);
            await client.PostAsync($"release-{i}", $"/v1/pledges/{pledges[i]}/releases", new { reason = "repaid" }, banks[i]);
            Say($"Loan {i + 1} repaid; bank {i + 1}, and nobody else, released its pledge.");
        }
    }

    private async Task<string> RetireAsync(string group, string account, string voucher)
    {
        var retirement = await client.PostAsync("retire", "/v1/retirements", new
        {
            accountId = account,
            lines = new[] { new { voucherId = voucher, kilograms = OfficeKilograms } },
            beneficiary = new { name = "中川商务中心1号楼 Zhongchuan business centre, building 1" },
            purpose = "carbonNeutralOperation",
            claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
            statement = "零碳办公 Zero-carbon office operation",
        }, group);
        var certificate = await client.GetAsync($"/v1/retirements/{Id(retirement)}/certificate");
        Say($"Retired {Kilograms(certificate["kilograms"])} kg for ever: certificate {certificate["number"]}");
        output.WriteLine($"     {certificate["lines"]![0]!["serial"]}  verification {((string)certificate["verificationCode"]!)[..16]}…");
        return Id(retirement);
    }

    private async Task TableAsync(string[] banks, string[] vouchers)
    {
        output.WriteLine();
        output.WriteLine($"{"End state, kg",-32}{"owned",14}{"free",14}{"pledged",14}{"retired",14}");
        foreach (var (name, account) in accounts)
        {
            var totals = (await client.GetAsync($"/v1/accounts/{account}/balances"))["totals"]!;
            output.WriteLine($"{"account " + name,-32}{Kilograms(totals["owned"]),14}{Kilograms(totals["free"]),14}{Kilograms(totals["pledged"]),14}");
        }

        for (var i = 0; i < vouchers.Length; i++)
        {
            var status = (await client.GetAsync($"/v1/vouchers/{vouchers[i]}"))["status"]!;
            output.WriteLine($"{$"voucher {(char)('A' + i)}",-32}{Kilograms(status["issued"]),14}{Kilograms(status["free"]),14}{Kilograms(status["pledged"]),14}{Kilograms(status["retired"]),14}");
        }

        for (var i = 0; i < banks.Length; i++)
        {
            var totals = (await client.GetAsync($"/v1/banks/{banks[i]}/loan-book"))["totals"]!;
            output.WriteLine($"{$"loan book of bank {i + 1}",-32}{totals["loans"]} loan, {Yuan(totals["outstandingPrincipal"])} CNY outstanding, {Kilograms(totals["collateralKilograms"])} kg under lien");
        }
    }

    private void Say(string text) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{++step,3}. {text}"));

    private static string Id(JsonNode answer) => (string)answer["id"]!;

    private static string DateOf(string instant) => LocalDatePattern.Iso.Format(RegistryCalendar.DateOf(InstantPattern.ExtendedIso.Parse(instant).Value));

    private static decimal Amount(JsonNode? amount) => decimal.Parse((string)amount!, CultureInfo.InvariantCulture);

    private static string Yuan(JsonNode? amount) => Yuan(Amount(amount));

    private static string Yuan(decimal amount) => amount.ToString("#,##0.00", CultureInfo.InvariantCulture);

    private static string Kilograms(JsonNode? kilograms) => ((long)kilograms!).ToString("#,##0", CultureInfo.InvariantCulture);

    private static string Percent(decimal ratio) => (ratio * 100).ToString("0.00", CultureInfo.InvariantCulture) + " %";
}
