using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime.Text;

namespace CarbonLedger.Server.Demo;

/// <summary>What all cases do alike: register parties, bring a voucher from the forest to an account, and say each step with its number.</summary>
internal abstract class DemoCase(DemoClient client, TextWriter output)
{
    /// <summary>Stands for any document: the SHA-256 of nothing.</summary>
    private const string DocumentSha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private int step;

    protected DemoClient Client => client;

    protected TextWriter Output => output;

    public abstract Task PlayAsync(Uri server);

    protected void Title(string title, string assumed)
    {
        output.WriteLine();
        output.WriteLine(title);
        output.WriteLine(assumed);
        output.WriteLine();
    }

    protected void Say(string text) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{++step,3}. {text}"));

    /// <summary>The end: whether anything was added, and where to look.</summary>
    protected void Close(Uri server, string replayed, string? heading, params string[] paths)
    {
        output.WriteLine();
        output.WriteLine(client.Replayed ? replayed : "Run it again: nothing is added twice.");
        if (heading is not null)
        {
            output.WriteLine(heading);
        }

        foreach (var path in paths)
        {
            output.WriteLine($"  {new Uri(server, path)}");
        }
    }

    protected async Task<string> OrganizationAsync(string key, string name, string role) =>
        Id(await client.PostAsync($"organization-{key}", "/v1/organizations", new { name, roles = new[] { role } }));

    protected async Task<string> AccountAsync(string key, string name, string organizationId) =>
        Id(await client.PostAsync($"account-{key}", "/v1/accounts", new { organizationId, name }));

    /// <summary>Registers a forest's project and takes its first application through to a voucher.</summary>
    /// <param name="keyOf">The key of each step.</param>
    /// <param name="applicant">Who submits; null for the registrar.</param>
    /// <param name="bureau">Who decides and issues; null for the registrar.</param>
    protected async Task<JsonNode> IssueAsync(Func<string, string> keyOf, Forest forest, string account, string? applicant = null, string? bureau = null)
    {
        var project = Id(await client.PostAsync(keyOf("project"), "/v1/projects", new
        {
            name = forest.Name,
            scheme = "SLCT",
            ownerId = forest.Owner,
            region = "620171",
            methodology = "林业碳汇 Forestry carbon sink (assumed)",
            parcels = new[] { new { code = forest.Parcel, areaMu = forest.AreaMu } },
        }));
        var application = Id(await client.PostAsync(keyOf("application"), "/v1/applications", new
        {
            projectId = project,
            monitoringPeriod = new { first = "2020-01-01", last = "2020-12-31" },
            kilograms = forest.Kilograms,
            verification = new { verifierId = forest.Verifier, reportDate = forest.ReportDate, documentSha256 = DocumentSha256 },
        }));
        foreach (var to in new[] { "submit", "review", "approve", "file" })
        {
            await client.PostAsync(keyOf(to), $"/v1/applications/{application}/{to}", new { }, to == "submit" ? applicant : bureau);
        }

        return await client.PostAsync(keyOf("issue"), $"/v1/applications/{application}/issue", new { accountId = account }, bureau);
    }

    protected static string Id(JsonNode answer) => (string)answer["id"]!;

    /// <summary>The register's date at an instant.</summary>
    protected static string DateOf(string instant) => LocalDatePattern.Iso.Format(RegistryCalendar.DateOf(InstantPattern.ExtendedIso.Parse(instant).Value));

    protected static string YearAfter(string date) => LocalDatePattern.Iso.Format(LocalDatePattern.Iso.Parse(date).Value.PlusYears(1));

    protected static decimal Amount(JsonNode? amount) => decimal.Parse((string)amount!, CultureInfo.InvariantCulture);

    protected static string Yuan(JsonNode? amount) => Yuan(Amount(amount));

    protected static string Yuan(decimal amount) => amount.ToString("#,##0.00", CultureInfo.InvariantCulture);

    protected static string Kilograms(JsonNode? kilograms) => Kilograms((long)kilograms!);

    protected static string Kilograms(long kilograms) => kilograms.ToString("#,##0", CultureInfo.InvariantCulture);

    protected static string Percent(JsonNode? ratio) => Percent((decimal)ratio!);

    protected static string Percent(decimal ratio) => (ratio * 100).ToString("0.00", CultureInfo.InvariantCulture) + " %";

    /// <summary>A project of one parcel, and what was verified of it.</summary>
    protected sealed record Forest(string Name, string Owner, string Verifier, string Parcel, int AreaMu, string ReportDate, long Kilograms);
}
