namespace CarbonLedger.Server.Tests.Api;

/// <summary>What tests of inventories and claims say to the server.</summary>
public static class OfficeApi
{
    /// <summary>The activity data of the zero-carbon office: 495,500 + 550,000 + 43,244 kg.</summary>
    public static readonly object[] OfficeLines =
    [
        new { activity = "gridElectricity", region = "甘肃", year = 2021, quantity = 1_000_000, unit = "kWh" },
        new { activity = "purchasedHeat", quantity = 5_000, unit = "GJ" },
        new { activity = "naturalGas", quantity = "20000", unit = "m3" },
    ];

    public static object InventoryBody(string organization, params object[] lines) => new
    {
        organizationId = organization,
        boundary = "Business centre, building 1",
        period = new { first = "2021-01-01", last = "2021-12-31" },
        lines,
    };

    /// <summary>A line of so many kilograms exactly.</summary>
    public static object Emitted(object kilograms) => new
    {
        activity = "combustion",
        quantity = kilograms,
        unit = "kg",
        scope = 1,
        factor = new { kilogramsPerUnit = 1, unit = "kg", publisher = "the office", publication = "measured" },
        factorReason = "measured at the stack",
    };

    /// <summary>A retirement in favour of an organization, out of a voucher of its own.</summary>
    public static async Task<string> RetiredForAsync(this LedgerApi api, string organization, long kilograms)
    {
        var v = await api.VoucherAsync(kilograms);
        return await api.RetiredForAsync(organization, v.Account, v.Line(kilograms));
    }

    public static async Task<string> RetiredForAsync(this LedgerApi api, string organization, string account, object line) => (await api.DoAsync("/v1/retirements", new
    {
        accountId = account,
        lines = new[] { line },
        beneficiary = new { organizationId = organization },
        purpose = "carbonNeutralOperation",
        claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
    })).Id;

    /// <summary>A claim on an inventory of so many kilograms.</summary>
    public static async Task<string> ClaimAsync(this LedgerApi api, string office, long kilograms, string retirement)
    {
        var inventory = (await api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(kilograms)))).Id;
        return (await api.DoAsync("/v1/claims", ClaimBody(inventory, retirement))).Id;
    }

    public static object ClaimBody(string inventory, params string[] retirements) => new { inventoryId = inventory, retirementIds = retirements };
}
