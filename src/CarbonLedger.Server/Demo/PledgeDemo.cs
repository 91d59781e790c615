
namespace CarbonLedger.Server.Demo;

/// <summary>
/// Plays a pledge with ranks through the public API: two banks of equal rank and one behind them, a falling price, two margin calls of which
/// one is cured, a default notice, and an enforcement with its waterfall. Everything in it is assumed, and called so.
/// </summary>
internal sealed class PledgeDemo(DemoClient client, TextWriter output) : DemoCase(client, output)
{
    private const long Pledged = 10_000_000;

    /// <summary>Dates of the past, after the price of the Lanzhou case: the newest price by date counts.</summary>
    private const string PriceDate = "2021-09-01";
    private const string FallDate = "2021-10-08";

    private static readonly Lender[] Lenders =
    [
        new("ranks-bank-a", "Bank A", "示例银行甲（假设） Example Bank A (assumed)", "120000.00", "0.45"),
        new("ranks-bank-b", "Bank B", "示例银行乙（假设） Example Bank B (assumed)", "80000.00", "0.30"),
        new("ranks-bank-c", "Bank C", "示例银行丙（假设） Example Bank C (assumed)", "60000.00", null),
    ];

    private readonly Dictionary<string, string> nameOf = [];

    public override async Task PlayAsync(Uri server)
    {
        Title(
            "Ranks, a margin call and an enforcement, an assumed example / 假设示例：多顺位质押、追加担保与处置",
            "Assumed: all of it. The organizations are named as examples, and no figure is anybody's.");

        var exchange = await OrganizationAsync("ranks-exchange", "示例交易所（假设） Example exchange (assumed)", "exchange");
        var pledgor = await OrganizationAsync("ranks-pledgor", "示例企业（假设） Example company (assumed)", "office");
        var buyer = await OrganizationAsync("ranks-buyer", "示例买受人（假设） Example buyer (assumed)", "office");
        var (pledgorAccount, buyerAccount) = (await AccountAsync("ranks-pledgor", "Example company (assumed)", pledgor), await AccountAsync("ranks-buyer", "Example buyer (assumed)", buyer));
        var voucher = await IssueAsync(pledgorAccount);
        var banks = new string[Lenders.Length];
        for (var i = 0; i < banks.Length; i++)
        {
            banks[i] = await BankAsync(Lenders[i]);
        }

        await PriceAsync("ranks-price", exchange, PriceDate, "40.00");
        Say("The reference price is 40.00 CNY/t: 10,000,000 kg are worth 400,000.00 CNY.");
        var (pledges, loans, date) = await PledgeAsync(pledgor, pledgorAccount, banks, voucher);
        await PriceAsync("ranks-fall", exchange, FallDate, "24.00");
        Say("The reference price falls to 24.00 CNY/t: the same units are worth 240,000.00 CNY.");
        await CallAsync(banks[0], Lenders[0]);
        await CallAsync(banks[1], Lenders[1]);
        await CureAsync(banks[1], loans[1], date);
        await EnforceAsync(banks[0], pledges, buyerAccount);
        await ShowEndAsync(banks[0], pledgorAccount, buyerAccount);

        Close(
            server,
            "This data folder had the example already; nothing was added twice.",
            null,
            $"/pledges/{pledges[0]}",
            $"/loans/{loans[1]}",
            $"/banks/{banks[2]}/loan-book",
            $"/v1/banks/{banks[0]}/margin-calls");
    }

    private async Task<string> IssueAsync(string account)
    {
        var owner = await OrganizationAsync("ranks-owner", "示例林场（假设） Example forest farm (assumed)", "projectOwner");
        var verifier = await OrganizationAsync("ranks-verifier", "示例核证机构（假设） Example verifier (assumed)", "verifier");
        var forest = new Forest("示例林（假设） Example forest (assumed)", owner, verifier, "ASSUMED-RANKS-0001", 9000, "2021-06-30", Pledged);
        var issued = await IssueAsync(step => $"ranks-{step}", forest, account);
        Say($"The example company holds a voucher of {Kilograms(issued["kilograms"])} kg: {issued["serial"]}");
        return Id(issued);
    }

    private async Task<string> BankAsync(Lender lender)
    {
        var bank = await OrganizationAsync(lender.Key, lender.Name, "bank");
        if (lender.Warning is { } warning)
        {
            await Client.PostAsync($"{lender.Key}-policy", $"/v1/banks/{bank}/collateral-policy", new { warningLoanToValue = warning }, bank);
        }

        return bank;
    }

    private Task PriceAsync(string key, string exchange, string date, string pricePerTonne) =>
        Client.PostAsync(key, "/v1/reference-prices", new { venueId = exchange, date, pricePerTonne }, exchange);

    private async Task<(string[] Pledges, string[] Loans, string Date)> PledgeAsync(string pledgor, string account, string[] banks, string voucher)
    {
        var first = await Client.PostAsync("ranks-pledge-first", "/v1/pledges", PledgeOf(account, banks[0], Lenders[0], voucher, [CoPledgeOf(banks[1], Lenders[1])]), pledgor);
        var behind = await Client.PostAsync("ranks-pledge-behind", "/v1/pledges", PledgeOf(account, banks[2], Lenders[2], voucher, null), pledgor);
        string[] pledges = [Id(first), (string)first["pledgeIds"]![1]!, Id(behind)];

        // Interest runs from the day the example was first played, so that the ratios are those of that day.
        var date = DateOf(await Client.TimeOfAsync(behind));
        var loans = new string[banks.Length];
        for (var i = 0; i < banks.Length; i++)
        {
            var loan = await Client.PostAsync($"ranks-loan-{i}", "/v1/loans", new
            {
                bankId = banks[i],
                borrowerId = pledgor,
                principal = Lenders[i].Secured,
                annualRate = 0.0435,
                startDate = date,
                maturityDate = YearAfter(date),
                pledgeIds = new[] { pledges[i] },
            }, banks[i]);
            (loans[i], nameOf[pledges[i]]) = (Id(loan), Lenders[i].Short);
            var at = await Client.TimeOfAsync(loan);
            var (read, pledge) = (await Client.GetAsync($"/v1/loans/{loans[i]}?asOf={at}"), await Client.GetAsync($"/v1/pledges/{pledges[i]}?asOf={at}"));
            Say($"{Lenders[i].Short} lends {Yuan(read["outstanding"])} CNY at rank {pledge["rank"]}: loan-to-value {Percent(read["loanToValue"])}; before it {Yuan(read["priorSecured"])} CNY, which leave {Yuan(read["valueAfterPrior"])}");
        }

        return (pledges, loans, date);
    }

    private static object PledgeOf(string account, string bank, Lender lender, string voucher, object[]? equalRankWith) => new
    {
        pledgorAccountId = account,
        pledgeeId = bank,
        lines = new[] { new { voucherId = voucher, kilograms = Pledged } },
        securedAmount = lender.Secured,
        contractNumber = $"ASSUMED-{lender.Key}",
        termFrom = "2021-09-01",
        termTo = "2022-08-31",
        mode = "ranked",
        valuation = new { pricePerTonne = "40.00", source = "assumed", date = PriceDate },
        equalRankWith,
    };

    private static object CoPledgeOf(string bank, Lender lender) => new { pledgeeId = bank, securedAmount = lender.Secured, contractNumber = $"ASSUMED-{lender.Key}" };

    /// <summary>The register makes a run by itself after a new price; whichever was first recorded the call, and there is one.</summary>
    private async Task CallAsync(string bank, Lender lender)
    {
        await Client.PostAsync($"{lender.Key}-run", $"/v1/banks/{bank}/margin-runs", new { }, bank);
        var call = (await Client.GetAsync($"/v1/banks/{bank}/margin-calls"))["items"]![0]!;
        Say($"{lender.Short}'s margin call is recorded: {Yuan(call["outstanding"])} of {Yuan(call["collateralValue"])} CNY is {Percent(call["loanToValue"])}, above its own level of {Percent(call["warningLoanToValue"])}");
    }

    private async Task CureAsync(string bank, string loan, string date)
    {
        await Client.PostAsync("ranks-cure", $"/v1/loans/{loan}/repayments", new { amount = "10000.00", date }, bank);
        var call = (await Client.GetAsync($"/v1/banks/{bank}/margin-calls"))["items"]![0]!;
        Say($"A repayment of 10,000.00 CNY to {Lenders[1].Short} brings it to 70,000.00: its call is {call["status"]}, by {call["cure"]}. {Lenders[0].Short}'s stays open.");
    }

    private async Task EnforceAsync(string bank, string[] pledges, string buyerAccount)
    {
        var early = await Client.TryPostAsync("ranks-enforce-early", $"/v1/pledges/{pledges[0]}/enforcements", new { method = "auction", buyerAccountId = buyerAccount, pricePerTonne = "24.50" }, bank);
        Say($"{Lenders[0].Short} may not enforce yet: {early.Status} {early.Answer["code"]}");
        await Client.PostAsync("ranks-default", $"/v1/pledges/{pledges[0]}/default-notices", new { reason = "The margin call was not met (assumed)" }, bank);
        Say($"{Lenders[0].Short} records its default notice; that alone moves nothing.");
        var sale = await Client.PostAsync("ranks-enforce", $"/v1/pledges/{pledges[0]}/enforcements", new
        {
            method = "auction",
            buyerAccountId = buyerAccount,
            pricePerTonne = "24.50",
            costs = "5000.00",
            reason = "Auction (assumed)",
        }, bank);
        Say($"Auctioned at 24.50 CNY/t; the proceeds of {Yuan(sale["proceeds"])} CNY run down:");
        Output.WriteLine();
        Output.WriteLine($"     {"",-22}{"rank",6}{"due",14}{"paid",14}{"stays owed",14}");
        Output.WriteLine($"     {"costs",-22}{"",6}{"",14}{Yuan(sale["costs"]),14}");
        foreach (var payout in sale["distribution"]!.AsArray())
        {
            Output.WriteLine($"     {nameOf[(string)payout!["pledgeId"]!],-22}{(int)payout["rank"]!,6}{Yuan(payout["due"]),14}{Yuan(payout["paid"]),14}{Yuan(payout["shortfall"]),14}");
        }

        Output.WriteLine($"     {"surplus to the pledgor",-22}{"",6}{"",14}{Yuan(sale["surplus"]),14}");
        Output.WriteLine();
    }

    /// <summary>The loan was paid by the sale, so the next run closes its call; left to the register's own runs, it would come at some later moment.</summary>
    private async Task ShowEndAsync(string bank, string pledgorAccount, string buyerAccount)
    {
        await Client.PostAsync("ranks-run-after", $"/v1/banks/{bank}/margin-runs", new { }, bank);
        var call = (await Client.GetAsync($"/v1/banks/{bank}/margin-calls"))["items"]![0]!;
        Say($"{Lenders[0].Short}'s loan is repaid, and its call is {call["status"]}, by {call["cure"]}.");
        var (pledgor, buyer) = ((await Client.GetAsync($"/v1/accounts/{pledgorAccount}/balances"))["totals"]!, (await Client.GetAsync($"/v1/accounts/{buyerAccount}/balances"))["totals"]!);
        Say($"The buyer owns {Kilograms(buyer["owned"])} kg, {Kilograms(buyer["free"])} of them free; the company {Kilograms(pledgor["owned"])}. What was not paid stays a debt.");
    }

    /// <param name="Warning">The level of its own policy; null when it has none.</param>
    private sealed record Lender(string Key, string Short, string Name, string Secured, string? Warning);
}
