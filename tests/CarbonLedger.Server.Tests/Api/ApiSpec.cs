using System.Globalization;
using System.Net;
using System.Text.Json;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Tests that speak to one server over HTTP.</summary>
[Collection("postgres")]
public abstract class ApiSpec(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    /// <summary>An id that nothing has.</summary>
    protected const string Nobody = "00000000-0000-7000-8000-000000000000";

    /// <summary>The present, as <c>asOf</c> takes it.</summary>
    protected static string Now() => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    protected static string Text(JsonElement of, string member) => of.GetProperty(member).GetString()!;

    protected ServerFixture Fixture { get; } = fixture;

    protected LedgerApi Api => Fixture.Api;

    /// <summary>Asks, and checks the whole form of a refusal: status, code, problem+json, and that the log is as it was.</summary>
    protected async Task<Answer> RefusedAsync(int status, string code, Func<Task<Answer>> ask)
    {
        var before = await Api.HeadAsync();
        var answer = await ask();

        Assert.True(answer.Status == status, $"Expected {status} {code}, got {answer.Status}: {answer.Shown}");
        Assert.Equal(code, answer.Code);
        Assert.Equal("application/problem+json", answer.ContentHeaders.ContentType?.MediaType);
        Assert.Equal($"/problems/{code}", answer.Body.GetProperty("type").GetString());
        Assert.Equal(status, answer.Body.GetProperty("status").GetInt32());
        Assert.NotEqual("", answer.Body.GetProperty("title").GetString());
        Assert.NotEqual("", answer.Body.GetProperty("detail").GetString());
        Assert.Equal(status == 503, answer.Headers.RetryAfter is not null);
        Assert.Equal(before, await Api.HeadAsync());
        return answer;
    }

    protected Task<Answer> RefusedPostAsync(int status, string code, string path, object? body = null, string? actingAs = null) =>
        RefusedAsync(status, code, () => Api.PostAsync(path, body, actingAs));

    protected Task<Answer> RefusedGetAsync(int status, string code, string path) => RefusedAsync(status, code, () => Api.GetAsync(path));

    /// <summary>A page for people, as they read it.</summary>
    protected async Task<string> TextAsync(string path)
    {
        var answer = await Api.GetAsync(path);
        Assert.Equal(200, answer.Status);
        return WebUtility.HtmlDecode(answer.Text);
    }

    /// <summary>Runs a statement beside the product.</summary>
    protected Task SqlAsync(string statement) => Sql.RunAsync(Fixture.ConnectionString, statement);

    /// <summary>Changes states behind the server's back. Another server writes after that, so that this one forgets what it remembers.</summary>
    protected async Task ChangeStatesAsync(string statement)
    {
        await SqlAsync(statement);
        await using var other = await RunningServer.StartAsync(Fixture.ConnectionString);
        using var api = new LedgerApi(other.Url);
        await api.OrganizationAsync("office");
    }

    protected Task<string?> AskSqlAsync(string question) => Sql.AskAsync(Fixture.ConnectionString, question);
}
