using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CarbonLedger.Benchmarks.Seed;

/// <summary>Brings vouchers and accounts in through the public HTTP API, so that log, state and projections are what the product makes.</summary>
internal sealed class Seeding(Uri server) : IDisposable
{
    private const int Connections = 128;

    /// <summary>Vouchers of one project: a serial numbers at most 99 of one vintage.</summary>
    private const int VouchersPerProject = 50;

    private readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = server };

    public async Task<Seeded> RunAsync(int vouchers)
    {
        var owner = await PostAsync("/v1/organizations", """{"name":"Forest owner","roles":["projectOwner"]}""");
        var verifier = await PostAsync("/v1/organizations", """{"name":"Verifier","roles":["verifier"]}""");
        var bank = await PostAsync("/v1/organizations", """{"name":"Bank","roles":["bank"]}""");
        var venue = await PostAsync("/v1/organizations", """{"name":"Exchange","roles":["exchange"]}""");
        var accounts = await ManyAsync(vouchers, i => PostAsync("/v1/accounts", $$"""{"organizationId":"{{owner}}","name":"Account {{i}}"}"""));
        var projects = await ManyAsync((vouchers + VouchersPerProject - 1) / VouchersPerProject, i => PostAsync(
            "/v1/projects",
            $$"""{"name":"Forest {{i}}","scheme":"BENCH","ownerId":"{{owner}}","region":"620171","methodology":"Forestry carbon sink","parcels":[{"code":"620171-{{i:0000}}","areaMu":100}]}"""));
        var issued = await ManyAsync(vouchers, i => IssueAsync(projects[i / VouchersPerProject], i % VouchersPerProject, verifier, accounts[i]));
        var seeded = new Seeded(owner, bank, venue, accounts, issued);
        await ManyAsync(Seeded.HotHolders, i => i == Seeded.HotVoucher ? Task.FromResult(Guid.Empty) : PostAsync(
            "/v1/transfers",
            $$"""{"fromAccountId":"{{accounts[Seeded.HotVoucher]}}","toAccountId":"{{accounts[i]}}","lines":[{"voucherId":"{{issued[Seeded.HotVoucher]}}","kilograms":{{Seeded.KilogramsPerHotHolder}}}]}"""));
        return seeded;
    }

    public void Dispose() => http.Dispose();

    /// <summary>A voucher with its whole application; the vouchers of a project cover one day of 2020 each.</summary>
    private async Task<Guid> IssueAsync(Guid project, int day, Guid verifier, Guid account)
    {
        var date = new DateOnly(2020, 1, 1).AddDays(day);
        var application = await PostAsync(
            "/v1/applications",
            $$$"""{"projectId":"{{{project}}}","monitoringPeriod":{"first":"{{{date:yyyy-MM-dd}}}","last":"{{{date:yyyy-MM-dd}}}"},"kilograms":{{{Seeded.KilogramsPerVoucher}}},"verification":{"verifierId":"{{{verifier}}}","reportDate":"2021-05-10","documentSha256":"{{{new string('a', 64)}}}"}}""");
        foreach (var step in (string[])["submit", "review", "approve", "file"])
        {
            await PostAsync($"/v1/applications/{application}/{step}", "{}");
        }

        return await PostAsync($"/v1/applications/{application}/issue", $$"""{"accountId":"{{account}}"}""");
    }

    private async Task<Guid> PostAsync(string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        if ((int)response.StatusCode != 201)
        {
            throw new InvalidOperationException($"Seeding: POST {path} was answered {(int)response.StatusCode}: {Encoding.UTF8.GetString(body)}");
        }

        using var answer = JsonDocument.Parse(body);
        return answer.RootElement.GetProperty("id").GetGuid();
    }

    private static async Task<Guid[]> ManyAsync(int count, Func<int, Task<Guid>> make)
    {
        var made = new Guid[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (i, _) => made[i] = await make(i));
        return made;
    }
}
