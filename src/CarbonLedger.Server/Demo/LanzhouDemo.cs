
namespace CarbonLedger.Server.Demo;

/// <summary>
/// Plays the Lanzhou case of 2021 through the public API: two forest projects, 12,000 t, sold at 41.94 CNY/t, pledged to two banks
/// for 495,000 CNY, released, retired. What is not public is assumed, and called so.
/// </summary>
internal sealed class LanzhouDemo(DemoClient client, TextWriter output) : DemoCase(client, output)
{
    private const string Price = "41.94";
    private const long KilogramsEach = 6_000_000;
    private const long OfficeKilograms = 1_088_744;

    private readonly List<(string Name, string Account)> accounts = [];

    public override async Task PlayAsync(Uri server)
    {
        Title(
            "The Lanzhou case, 2021, played through the HTTP API / 通过 HTTP 接口演示兰州案例",
            "Assumed, because not public: the even split between projects and between banks, parcels, monitoring period, rate, names of banks.");

        var bureau = await OrganizationAsync("bureau", "生态环境局 Ecology bureau", "registrar");
        var owner = await OrganizationAsync("owner", "林业项目业主 Forest project owner (assumed)", "projectOwner");
        var verifier = await OrganizationAsync("verifier", "核证机构 Verifier (assumed)", "verifier");
        var exchange = await OrganizationAsync("exchange", "兰州环境能源交易中心 Lanzhou environment and energy exchange", "exchange");
        var group = await OrganizationAsync("group", "城投集团 Urban-development investment group", "office");
        var banks = new[] { await OrganizationAsync("bank-1", "银行一 Bank one (name not public)", "bank"), await OrganizationAsync("bank-2", "银行二 Bank two (name not public)", "bank") };
        Say("Registered the ecology bureau, the exchange, the buyer, two banks, an owner and a verifier.");
        var ownerAccount = await OpenAsync("owner", "Forest owner", owner);
        var groupAccount = await OpenAsync("group", "Urban-development group", group);

        var vouchers = new[] { await IssueAsync("a", owner, verifier, bureau, ownerAccount), await IssueAsync("b", owner, verifier, bureau, ownerAccount) };
        await SellAsync(exchange, ownerAccount, groupAccount, vouchers);
        var (pledges, loans) = await BorrowAsync(group, groupAccount, banks, vouchers);
        await ShowLiensAsync(groupAccount, pledges, loans[^1]);
        await RetireWhilePledgedAsync(groupAccount, vouchers[0]);
        await ReleaseAsync(banks, pledges, loans);
        var retirement = await RetireAsync(group, groupAccount, vouchers[0]);
        await TableAsync(banks, vouchers);

        Close(
            server,
            "This data folder had the case already; every answer was the first one, nothing was added twice.",
            "Open:",
            "/",
            $"/accounts/{groupAccount}",
            $"/banks/{banks[0]}/loan-book",
            $"/v1/vouchers/{vouchers[0]}/holdings",
            $"/v1/retirements/{retirement}/certificate",
            "/v1/events",
            "/swagger");
    }

    private async Task<string> OpenAsync(string key, string name, string organizationId)
    {
        var id = await AccountAsync(key, name, organizationId);
        accounts.Add((name, id));
        return id;
    }

    private async Task<string> IssueAsync(string key, string owner, string verifier, string bureau, string account)
    {
        var forest = new Forest(
            $"生态林项目{key.ToUpperInvariant()} Ecological forest project {key.ToUpperInvariant()}", owner, verifier, $"ASSUMED-{key.ToUpperInvariant()}-0001", 5850, "2021-06-30", KilogramsEach);
        var issued = await IssueAsync(step => $"{step}-{key}", forest, account, owner, bureau);
        Say($"Issued voucher {key.ToUpperInvariant()}: 5,850 mu, {Kilograms(issued["kilograms"])} kg, serial {issued["serial"]}");
        return Id(issued);
    }

    private async Task SellAsync(string exchange, string seller, string buyer, string[] vouchers)
    {
        var trade = await Client.PostAsync("trade", "/v1/trades", new
        {
            venueId = exchange,
            venueTradeNumber = "DEMO-2021-0001",
            sellerAccountId = seller,
            buyerAccountId = buyer,
            lines = vouchers.Select(v => new { voucherId = v, kilograms = KilogramsEach, pricePerTonne = Price }).ToArray(),
            tradedAt = "2021-08-20T02:00:00Z",
            settlement = "immediate",
        }, exchange);
        await Client.PostAsync("price", "/v1/reference-prices", new { venueId = exchange, date = "2021-08-20", pricePerTonne = Price }, exchange);
        Say($"The exchange registered the sale of 12,000,000 kg at {Price} CNY/t: {Yuan(trade["amount"])} CNY");
    }

    private async Task<(string[] Pledges, (string Id, string Date, string At)[] Loans)> BorrowAsync(string group, string account, string[] banks, string[] vouchers)
    {
        var pledges = new string[banks.Length];
        var loans = new (string Id, string Date, string At)[banks.Length];
        var (outstanding, collateral) = (0m, 0m);
        for (var i = 0; i < banks.Length; i++)
        {
            var pledge = await Client.PostAsync($"pledge-{i}", "/v1/pledges", new
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
            var date = DateOf(await Client.TimeOfAsync(pledge));
            var loan = await Client.PostAsync($"loan-{i}", "/v1/loans", new
            {
                bankId = banks[i],
                borrowerId = group,
                principal = "247500.00",
                annualRate = 0.0435,
                startDate = date,
                maturityDate = YearAfter(date),
                pledgeIds = new[] { pledges[i] },
            }, banks[i]);
            loans[i] = (Id(loan), date, await Client.TimeOfAsync(loan));
            var read = await Client.GetAsync($"/v1/loans/{loans[i].Id}?asOf={loans[i].At}");
            (outstanding, collateral) = (outstanding + Amount(read["outstanding"]), collateral + Amount(read["collateralValue"]));
            Say($"Bank {i + 1} lends {Yuan(read["outstanding"])} CNY on {Kilograms(read["collateralKilograms"])} kg worth {Yuan(read["collateralValue"])} CNY: loan-to-value {Percent((decimal)read["loanToValue"]!)}");
        }

        Say($"Together {Yuan(outstanding)} CNY on {Yuan(collateral)} CNY: loan-to-value {Percent(outstanding / collateral)}");
        return (pledges, loans);
    }

    private async Task ShowLiensAsync(string account, string[] pledges, (string Id, string Date, string At) lastLoan)
    {
        var totals = (await Client.GetAsync($"/v1/accounts/{account}/balances?asOf={lastLoan.At}"))["totals"]!;
        Say($"The buyer owns {Kilograms(totals["owned"])} kg, {Kilograms(totals["free"])} of them free");
        for (var i = 0; i < pledges.Length; i++)
        {
            var pledge = await Client.GetAsync($"/v1/pledges/{pledges[i]}?asOf={lastLoan.At}");
            Output.WriteLine($"     bank {i + 1} sees its lien of rank {pledge["rank"]} on {Kilograms(pledge["kilograms"])} kg, contract {pledge["contractNumber"]}");
        }
    }

    private async Task RetireWhilePledgedAsync(string account, string voucher)
    {
        var (status, answer) = await Client.TryPostAsync("retire-while-pledged", "/v1/retirements", new
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
            await Client.PostAsync($"repay-{i}", $"/v1/loans/{loans[i].Id}/repayments", new { amount = "247500.00", date = loans[i].Date }, banks[i]);
            await Client.PostAsync($"release-{i}", $"/v1/pledges/{pledges[i]}/releases", new { reason = "repaid" }, banks[i]);
            Say($"Loan {i + 1} repaid; bank {i + 1}, and nobody else, released its pledge.");
        }
    }

    private async Task<string> RetireAsync(string group, string account, string voucher)
    {
        var retirement = await Client.PostAsync("retire", "/v1/retirements", new
        {
            accountId = account,
            lines = new[] { new { voucherId = voucher, kilograms = OfficeKilograms } },
            beneficiary = new { name = "中川商务中心1号楼 Zhongchuan business centre, building 1" },
            purpose = "carbonNeutralOperation",
            claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
            statement = "零碳办公 Zero-carbon office operation",
        }, group);
        var certificate = await Client.GetAsync($"/v1/retirements/{Id(retirement)}/certificate");
        Say($"Retired {Kilograms(certificate["kilograms"])} kg for ever: certificate {certificate["number"]}");
        Output.WriteLine($"     {certificate["lines"]![0]!["serial"]}  verification {((string)certificate["verificationCode"]!)[..16]}…");
        return Id(retirement);
    }

    private async Task TableAsync(string[] banks, string[] vouchers)
    {
        Output.WriteLine();
        Output.WriteLine($"{"End state, kg",-32}{"owned",14}{"free",14}{"pledged",14}{"retired",14}");
        foreach (var (name, account) in accounts)
        {
            var totals = (await Client.GetAsync($"/v1/accounts/{account}/balances"))["totals"]!;
            Output.WriteLine($"{"account " + name,-32}{Kilograms(totals["owned"]),14}{Kilograms(totals["free"]),14}{Kilograms(totals["pledged"]),14}");
        }

        for (var i = 0; i < vouchers.Length; i++)
        {
            var status = (await Client.GetAsync($"/v1/vouchers/{vouchers[i]}"))["status"]!;
            Output.WriteLine($"{$"voucher {(char)('A' + i)}",-32}{Kilograms(status["issued"]),14}{Kilograms(status["free"]),14}{Kilograms(status["pledged"]),14}{Kilograms(status["retired"]),14}");
        }

        for (var i = 0; i < banks.Length; i++)
        {
            var totals = (await Client.GetAsync($"/v1/banks/{banks[i]}/loan-book"))["totals"]!;
            Output.WriteLine($"{$"loan book of bank {i + 1}",-32}{totals["loans"]} loan, {Yuan(totals["outstandingPrincipal"])} CNY outstanding, {Kilograms(totals["collateralKilograms"])} kg under lien");
        }
    }
}
