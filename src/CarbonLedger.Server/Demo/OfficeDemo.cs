using System.Globalization;
using System.Text.Json.Nodes;

namespace CarbonLedger.Server.Demo;

/// <summary>
/// Plays the zero-carbon office through the public API: bills become an inventory, units of an example forest are retired for it, and
/// the claim is published; to the kilogram.
/// </summary>
internal sealed class OfficeDemo(DemoClient client, TextWriter output) : DemoCase(client, output)
{
    private const long Emissions = 1_088_744;
    private const string BuildingZh = "中川商务中心1号楼";
    private const string Building = BuildingZh + " Zhongchuan business centre, building 1";

    private static readonly object Year = new { first = "2021-01-01", last = "2021-12-31" };

    public override async Task PlayAsync(Uri server)
    {
        Title(
            "The zero-carbon office, 2021, played through the HTTP API / 通过 HTTP 接口演示零碳办公案例",
            "Assumed, because an example: the office's quantities and its forest.");

        var office = await OrganizationAsync("office", Building, "office");
        var account = await AccountAsync("office", "Zero-carbon office", office);
        var voucher = await BuyAsync(office, account);
        var inventory = await CountAsync(office);
        var most = await OneKilogramShortAsync(office, account, voucher, inventory);
        var last = await RetireAsync("office-retire-last", office, account, voucher, 1);
        var claim = await ClaimAsync(office, inventory, most, last);
        await TableAsync(claim, inventory);

        Close(
            server,
            "This data folder had the office already; nothing was added twice.",
            "Certificates, in Chinese and English, to print or to scan:",
            $"/certificates/claims/{claim}",
            $"/certificates/retirements/{most}",
            $"/certificates/retirements/{last}",
            $"/certificates/vouchers/{voucher}");
    }

    /// <summary>A forest's first voucher, 1,200 t, all of which the office comes to hold.</summary>
    private async Task<string> BuyAsync(string office, string account)
    {
        var forest = await OrganizationAsync("office-forest", "示范林场 Forest farm (example)", "projectOwner");
        var verifier = await OrganizationAsync("office-verifier", "示范核证机构 Verifier (example)", "verifier");
        var forestAccount = await AccountAsync("office-forest", "Forest farm (example)", forest);
        var example = new Forest("示范林 Forest (example)", forest, verifier, "ASSUMED-OFFICE-0001", 2000, "2021-05-10", 1_200_000);
        var voucher = Id(await IssueAsync(step => $"office-{step}", example, forestAccount));
        await Client.PostAsync("office-transfer", "/v1/transfers", new { fromAccountId = forestAccount, toAccountId = account, lines = new[] { new { voucherId = voucher, kilograms = 1_200_000 } }, reason = "Sold to the office (assumed)." });
        Say("The office holds 1,200,000 kg of the voucher of an example forest.");
        return voucher;
    }

    private async Task<string> CountAsync(string office)
    {
        var inventory = Id(await Client.PostAsync("office-inventory", "/v1/inventories", new
        {
            organizationId = office,
            boundary = Building,
            period = Year,
            lines = new object[]
            {
                new { activity = "gridElectricity", region = "甘肃", year = 2021, quantity = 1_000_000, unit = "kWh", note = "Electricity bills January to December" },
                new { activity = "purchasedHeat", quantity = 5_000, unit = "GJ", note = "Heat bills of two seasons" },
                new { activity = "naturalGas", quantity = 20_000, unit = "m3", note = "Gas meter of the kitchen" },
            },
        }, office));
        var read = await Client.GetAsync($"/v1/inventories/{inventory}");
        Say($"Its inventory of 2021: {Kilograms(read["emissions"])} kg");
        foreach (var line in read["lines"]!.AsArray())
        {
            var (used, factor) = (line!["factor"]!, line["factor"]!["factor"]!);
            Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"     {line["activity"],-16}{Number(line["quantity"]),12} {line["unit"],-4} × {factor["kilogramsPerUnit"],8} kg/{factor["unit"],-4}={Number(line["kilograms"]),10} kg   {used["choice"]}, {factor["publisher"]}"));
        }

        return inventory;
    }

    /// <summary>C2: what is one kilogram short covers nothing. Nothing is lost by it: the retirement backs the claim once the last kilogram is there.</summary>
    private async Task<string> OneKilogramShortAsync(string office, string account, string voucher, string inventory)
    {
        var almost = await RetireAsync("office-retire", office, account, voucher, Emissions - 1);
        var (status, answer) = await Client.TryPostAsync("office-claim-short", "/v1/claims", new { inventoryId = inventory, retirementIds = new[] { almost } }, office);
        Say($"Retired {Kilograms(Emissions - 1)} kg for ever; a claim on {Kilograms(Emissions - 1)} kg is refused: {status} {answer["code"]}");
        return almost;
    }

    private async Task<string> RetireAsync(string key, string office, string account, string voucher, long kilograms) => Id(await Client.PostAsync(key, "/v1/retirements", new
    {
        accountId = account,
        lines = new[] { new { voucherId = voucher, kilograms } },
        beneficiary = new { organizationId = office },
        purpose = "carbonNeutralOperation",
        claimPeriod = Year,
        statement = new { zh = $"{BuildingZh} 2021 年零碳办公", en = "Zero-carbon operation of building 1 in 2021" },
    }, office));

    private async Task<string> ClaimAsync(string office, string inventory, params string[] retirementIds)
    {
        var claim = Id(await Client.PostAsync("office-claim", "/v1/claims", new { inventoryId = inventory, retirementIds }, office));
        await Client.PostAsync("office-publish", $"/v1/claims/{claim}/publish", new { }, office);
        var certificate = await Client.GetAsync($"/v1/claims/{claim}/certificate");
        Say($"Retired 1 kg more and published the claim on {Kilograms(certificate["retired"])} kg: certificate {certificate["number"]}, {certificate["status"]}");
        foreach (var line in certificate["lines"]!.AsArray())
        {
            Output.WriteLine($"     {line!["serial"]}  {Kilograms(line["kilograms"])} kg, retirement {line["retirementNumber"]}");
        }

        Output.WriteLine($"     {certificate["statement"]!["en"]}");
        return claim;
    }

    private async Task TableAsync(string claim, string inventory)
    {
        var (read, scopes) = (await Client.GetAsync($"/v1/claims/{claim}"), (await Client.GetAsync($"/v1/inventories/{inventory}"))["scopes"]!);
        Output.WriteLine();
        Output.WriteLine($"{"The office, kg",-32}{"kilograms",14}");
        foreach (var (name, value) in new[]
        {
            ("scope 1", Number(scopes["scope1"])), ("scope 2, location-based", Number(scopes["scope2LocationBased"])), ("scope 3", Number(scopes["scope3"])),
            ("emissions", Kilograms(read["emissions"])), ("retired", Kilograms(read["retired"])), ("covering", Kilograms(read["covering"])),
        })
        {
            Output.WriteLine($"{name,-32}{value,14}");
        }

        Output.WriteLine($"{"claim",-32}{(string)read["status"]!,14}");
    }

    private static string Number(JsonNode? number) => decimal.Parse(number!.ToString(), CultureInfo.InvariantCulture).ToString("#,##0.###", CultureInfo.InvariantCulture);
}
