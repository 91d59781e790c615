using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>An answer of the server, with its bytes as they came.</summary>
public sealed record Answer(int Status, byte[] Bytes, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Body => JsonDocument.Parse(Bytes).RootElement;

    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>As much of the text as a failure message needs.</summary>
    public string Shown => Text.Length <= 1000 ? Text : Text[..1000] + " …";

    /// <summary>The problem's code; null when this is no problem.</summary>
    public string? Code => Status >= 400 ? Body.GetProperty("code").GetString() : null;

    public string Id => Body.GetProperty("id").GetString()!;

    public long LogIndex => Body.GetProperty("logIndex").GetInt64();

    public bool Replayed => Headers.TryGetValues("Idempotency-Replayed", out var values) && values.Single() == "true";
}

/// <summary>A client that knows the routes but none of the product's types. Every call takes a fresh Idempotency-Key.</summary>
public sealed class LedgerApi : IDisposable
{
    private readonly HttpClient http;
    private Task<Cast>? cast;
    private long seen;
    private int names;

    public LedgerApi(Uri url, int connectionsMax = 256)
    {
        http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connectionsMax }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(60) };
    }

    public HttpClient Http => http;

    /// <summary>Organizations and accounts that most tests need; registered on first use.</summary>
    public Task<Cast> CastAsync() => cast ??= Cast.RegisterAsync(this);

    public async Task<Answer> PostAsync(string path, object? body = null, string? actingAs = null, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonOf(body) };
        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        if (actingAs is not null)
        {
            request.Headers.Add("Acting-Organization", actingAs);
        }

        return await SendAsync(request);
    }

    public async Task<Answer> GetAsync(string path, string? actingAs = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (actingAs is not null)
        {
            request.Headers.Add("Acting-Organization", actingAs);
        }

        return await SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>A command that must be accepted.</summary>
    public async Task<Answer> DoAsync(string path, object? body = null, string? actingAs = null)
    {
        var answer = await PostAsync(path, body, actingAs);
        Assert.True(answer.Status == 201, $"{path} answered {answer.Status}: {answer.Shown}");
        return answer;
    }

    /// <summary>A read that must succeed.</summary>
    public async Task<JsonElement> ReadAsync(string path, string? actingAs = null)
    {
        var answer = await GetAsync(path, actingAs);
        Assert.True(answer.Status == 200, $"{path} answered {answer.Status}: {answer.Shown}");
        return answer.Body;
    }

    /// <summary>The newest log position, read from the log itself.</summary>
    public async Task<long> HeadAsync()
    {
        while (true)
        {
            var next = (await ReadAsync($"/v1/events?after={seen}&limit=1000")).GetProperty("next").GetInt64();
            if (next == seen)
            {
                return seen;
            }

            seen = next;
        }
    }

    /// <summary>A name that no other test uses.</summary>
    public string Unique(string prefix) => $"{prefix}-{Interlocked.Increment(ref names)}";

    public async Task<string> OrganizationAsync(params string[] roles) =>
        (await DoAsync("/v1/organizations", new { name = Unique("organization"), roles })).Id;

    public async Task<string> AccountAsync(string organization) =>
        (await DoAsync("/v1/accounts", new { organizationId = organization, name = Unique("account") })).Id;

    /// <summary>A project of one or more parcels whose codes nothing else uses.</summary>
    public async Task<Project> ProjectAsync(int parcels = 1)
    {
        var codes = Enumerable.Range(0, parcels).Select(_ => Unique("parcel")).ToArray();
        return new Project((await DoAsync("/v1/projects", ProjectBody((await CastAsync()).Owner, codes))).Id, codes);
    }

    public object ProjectBody(string owner, params string[] codes) => new
    {
        name = Unique("project"),
        scheme = "SLCT",
        ownerId = owner,
        region = "620171",
        methodology = "Forestry carbon sink",
        parcels = codes.Select(code => new { code, areaMu = 5850 }),
    };

    public async Task<object> ApplicationBodyAsync(Project project, long kilograms = 1000, string first = "2020-01-01", string last = "2020-12-31") => new
    {
        projectId = project.Id,
        monitoringPeriod = new { first, last },
        kilograms,
        verification = new { verifierId = (await CastAsync()).Verifier, reportDate = "2021-05-10", documentSha256 = new string('a', 64) },
    };

    /// <summary>An application that only waits for its voucher to be issued.</summary>
    public async Task<string> FiledAsync(Project project, long kilograms = 1000, string first = "2020-01-01", string last = "2020-12-31")
    {
        var id = (await DoAsync("/v1/applications", await ApplicationBodyAsync(project, kilograms, first, last))).Id;
        foreach (var step in new[] { "submit", "review", "approve", "file" })
        {
            await DoAsync($"/v1/applications/{id}/{step}");
        }

        return id;
    }

    /// <summary>A voucher of so many kilograms, all of them in a new account of the forest owner.</summary>
    public async Task<Voucher> VoucherAsync(long kilograms = 1000)
    {
        var account = await AccountAsync((await CastAsync()).Owner);
        var issued = await DoAsync($"/v1/applications/{await FiledAsync(await ProjectAsync(), kilograms)}/issue", new { accountId = account });
        return new Voucher(issued.Id, account, kilograms);
    }

    /// <summary>A pledge of units of a voucher in favour of the first bank.</summary>
    public async Task<string> PledgeAsync(Voucher voucher, long kilograms) =>
        (await DoAsync("/v1/pledges", await PledgeBodyAsync(voucher.Account, voucher.Line(kilograms)))).Id;

    public async Task<object> PledgeBodyAsync(string account, params object[] lines) => new
    {
        pledgorAccountId = account,
        pledgeeId = (await CastAsync()).Bank,
        lines,
        securedAmount = "1000.00",
        contractNumber = Unique("PC"),
        termFrom = "2021-09-01",
        termTo = "2022-08-31",
        mode = "exclusive",
        valuation = new { pricePerTonne = "41.94", source = "a trade", date = "2021-08-20" },
    };

    public async Task<string> LoanAsync(string pledge, string principal = "1000.00", string startDate = "2021-09-01") =>
        (await DoAsync("/v1/loans", await LoanBodyAsync([pledge], principal, startDate))).Id;

    public async Task<object> LoanBodyAsync(string[] pledges, string principal = "1000.00", string startDate = "2021-09-01") => new
    {
        bankId = (await CastAsync()).Bank,
        borrowerId = (await CastAsync()).Owner,
        principal,
        annualRate = 0.0435,
        startDate,
        maturityDate = "2099-08-31",
        pledgeIds = pledges,
    };

    public async Task<object> TradeBodyAsync(string seller, string buyer, string number, params object[] lines) => new
    {
        venueId = (await CastAsync()).Venue,
        venueTradeNumber = number,
        sellerAccountId = seller,
        buyerAccountId = buyer,
        lines,
        tradedAt = "2021-08-20T02:00:00Z",
        settlement = "immediate",
    };

    public static object TransferBody(string from, string to, params object[] lines) => new { fromAccountId = from, toAccountId = to, lines };

    public static object RetirementBody(string account, params object[] lines) => new
    {
        accountId = account,
        lines,
        beneficiary = new { name = "Business centre, building 1" },
        purpose = "carbonNeutralOperation",
        claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
    };

    public static ByteArrayContent JsonOf(object body) =>
        new(body as byte[] ?? (body is string text ? Encoding.UTF8.GetBytes(text) : JsonSerializer.SerializeToUtf8Bytes(body))) { Headers = { ContentType = new("application/json") } };

    public void Dispose() => http.Dispose();
}

/// <summary>Who plays in most tests.</summary>
/// <param name="Stranger">An organization with no part in anything.</param>
public sealed record Cast(string Owner, string Verifier, string Venue, string Bank, string OtherBank, string Buyer, string BuyerAccount, string Stranger)
{
    public static async Task<Cast> RegisterAsync(LedgerApi api)
    {
        var buyer = await api.OrganizationAsync("office");
        return new Cast(
            await api.OrganizationAsync("projectOwner"),
            await api.OrganizationAsync("verifier"),
            await api.OrganizationAsync("exchange"),
            await api.OrganizationAsync("bank"),
            await api.OrganizationAsync("bank"),
            buyer,
            await api.AccountAsync(buyer),
            await api.OrganizationAsync("auditor"));
    }
}

public sealed record Project(string Id, string[] Parcels);

public sealed record Voucher(string Id, string Account, long Kilograms)
{
    public object Line(long kilograms) => new { voucherId = Id, kilograms };

    public object Line(params (long First, long Last)[] ranges) => new { voucherId = Id, ranges = ranges.Select(r => new { first = r.First, last = r.Last }) };
}
