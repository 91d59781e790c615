using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Crash;

/// <summary>Faults short of death: a database that stalls, is away, breaks off, or holds what cannot be.</summary>
public sealed class FaultSpec(ServerFixture fixture, PostgresFixture postgres) : ApiSpec(fixture)
{
    private async Task<object> AccountBodyAsync() => new { organizationId = (await Api.CastAsync()).Buyer, name = "n" };

    [Fact]
    public async Task Beyond_the_queue_and_beyond_the_lock_timeout_the_answer_is_503_and_a_retry_succeeds()
    {
        var (body, before) = (await AccountBodyAsync(), await Api.HeadAsync());
        var organization = new OrganizationId(Guid.Parse((await Api.CastAsync()).Buyer));
        var queue = Fixture.Server.App.Services.GetRequiredService<CommandQueue>();
        await using var stall = await StallAsync();

        var stalled = Api.PostAsync("/v1/accounts", body, key: "stalled");
        await stall.WaitForWaiterAsync();
        var queued = Enumerable.Range(0, CommandQueue.QueueCommandsMax).Select(_ => queue.SubmitAsync(Pending(organization))).ToArray();
        Assert.Equal(CommandQueue.QueueCommandsMax, queue.Depth);
        var overloaded = await Api.PostAsync("/v1/accounts", body, key: "overloaded");
        Assert.Equal((503, "overloaded"), (overloaded.Status, overloaded.Code));
        Assert.NotNull(overloaded.Headers.RetryAfter);

        var timedOut = await stalled; // lock_timeout, 10 s
        Assert.Equal((503, "database-unavailable"), (timedOut.Status, timedOut.Code));
        Assert.NotNull(timedOut.Headers.RetryAfter);
        Assert.Equal(before, await Api.HeadAsync());

        await stall.DisposeAsync();
        var answers = await Task.WhenAll(queued);
        Assert.All(answers, a => Assert.True(a is CommandAnswer.Decided { Status: 201, Replayed: false }, a.ToString()));
        foreach (var key in new[] { "stalled", "overloaded" })
        {
            var again = await Api.PostAsync("/v1/accounts", body, key: key);
            Assert.Equal((201, false), (again.Status, again.Replayed));
        }

        Assert.Equal(before + CommandQueue.QueueCommandsMax + 2, await Api.HeadAsync());
        await Load.CatchUpAsync(Api);
        await LogAuditor.AuditAsync(Fixture.ConnectionString);
    }

    [Fact]
    public async Task A_lost_commit_is_answered_unknown_and_a_retry_with_the_key_finds_the_truth()
    {
        var (body, key) = (await AccountBodyAsync(), Guid.NewGuid().ToString());
        await SqlAsync("""
            create function break_off() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
            create trigger break_off before insert on ledger.idempotency_keys for each statement execute function break_off();
            """);
        await RefusedAsync(503, "outcome-unknown", () => Api.PostAsync("/v1/accounts", body, key: key));
        await SqlAsync("drop trigger break_off on ledger.idempotency_keys; drop function break_off");

        var again = await Api.PostAsync("/v1/accounts", body, key: key);
        Assert.Equal((201, false), (again.Status, again.Replayed));
    }

    [Fact]
    public async Task One_command_that_meets_an_inconsistent_row_does_not_fail_its_batch()
    {
        var (body, broken) = (await AccountBodyAsync(), (await Api.VoucherAsync()).Account);
        var good = await Api.VoucherAsync();
        await ChangeStatesAsync($"update ledger.states set state = '[]' where id = '{broken}'");
        Task<Answer>[] asked;
        await using (var stall = await StallAsync())
        {
            var first = Api.PostAsync("/v1/accounts", body);
            await stall.WaitForWaiterAsync();
            asked = [first, .. Enumerable.Range(0, 20).Select(i => Api.PostAsync("/v1/transfers", TransferBody(i == 7 ? broken : good.Account, i == 7 ? good.Account : Nobody, good.Line(1)))), Api.PostAsync("/v1/accounts", body)];
            await UntilAsync(() => Fixture.Server.App.Services.GetRequiredService<CommandQueue>().Depth == 21);
        }

        var answers = await Task.WhenAll(asked);
        Assert.Equal((500, "internal-error"), (answers[8].Status, answers[8].Code));
        Assert.All(answers.Where((_, i) => i is not (0 or 8 or 21)), a => Assert.Equal("account-not-found", a.Code));
        Assert.Equal((201, 201), (answers[0].Status, answers[21].Status));
    }

    [Fact]
    public async Task While_the_database_is_away_the_server_lives_says_so_and_comes_back()
    {
        var (body, key) = (await AccountBodyAsync(), Guid.NewGuid().ToString());
        var name = new NpgsqlConnectionStringBuilder(Fixture.ConnectionString).Database;
        await Sql.RunAsync(postgres.Server.ConnectionString, $"alter database {name} allow_connections false");
        await Sql.RunAsync(postgres.Server.ConnectionString, $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");

        var ready = await Api.GetAsync("/health/ready");
        Assert.Equal((503, "database-unavailable"), (ready.Status, ready.Code));
        Assert.NotNull(ready.Headers.RetryAfter);
        Assert.Equal(200, (await Api.GetAsync("/health/live")).Status);
        Assert.Equal(503, (await Api.GetAsync("/v1/accounts")).Status);
        Assert.Equal(503, (await Api.PostAsync("/v1/accounts", body, key: key)).Status);
        using (var person = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Accept = { new("text/html") } } })
        {
            var page = await Api.SendAsync(person);
            Assert.Equal((503, "text/html"), (page.Status, page.ContentHeaders.ContentType?.MediaType));
            Assert.NotNull(page.Headers.RetryAfter);
        }

        await Sql.RunAsync(postgres.Server.ConnectionString, $"alter database {name} allow_connections true");
        Assert.Equal(200, (await Api.GetAsync("/health/ready")).Status);
        Assert.Equal(201, (await Api.PostAsync("/v1/accounts", body, key: key)).Status);
        await Load.CatchUpAsync(Api);
    }

    [Fact]
    public async Task While_the_database_is_away_a_stream_of_events_ends_and_none_begins_and_neither_is_a_fault_of_ours()
    {
        var (name, postgresql) = (new NpgsqlConnectionStringBuilder(Fixture.ConnectionString).Database, postgres.Server.ConnectionString);
        using var log = new KeptLog();
        await using var server = await RunningServer.StartAsync(Fixture.ConnectionString, log: log);
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(20) };
        http.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");
        await Api.OrganizationAsync("auditor");
        using var begun = await http.GetAsync("/v1/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await begun.Content.ReadAsStreamAsync());
        Assert.StartsWith("id: 1", await reader.ReadLineAsync());

        await Sql.RunAsync(postgresql, $"alter database {name} allow_connections false");
        await Sql.RunAsync(postgresql, $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
        server.App.Services.GetRequiredService<LogHead>().Advance(1_000_000, NodaTime.Instant.MinValue); // the follower asks the database
        await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
        using var refused = await http.GetAsync("/v1/events", HttpCompletionOption.ResponseHeadersRead);
        await Sql.RunAsync(postgresql, $"alter database {name} allow_connections true");

        Assert.Equal((503, "application/problem+json"), ((int)refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.DoesNotContain(log.Errors, e => e.Contains("nhandled exception"));
    }

    private Task<Stall> StallAsync() => Stall.HoldAsync(Fixture.ConnectionString);

    private static PendingCommand Pending(OrganizationId organization) => new(
        new OpenAccount(new AccountId(Guid.CreateVersion7()), organization, "n"), null, Guid.NewGuid(), Guid.NewGuid(), AcceptedWire.Render);

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var patience = 0; !condition(); patience++)
        {
            Assert.True(patience < 400, "It does not come to pass.");
            await Task.Delay(10);
        }
    }
}

/// <summary>Holds the head's lock, as a stalled node would.</summary>
public sealed class Stall : IAsyncDisposable
{
    private readonly string connectionString;
    private readonly NpgsqlConnection connection;

    private Stall(string connectionString, NpgsqlConnection connection) => (this.connectionString, this.connection) = (connectionString, connection);

    public static async Task<Stall> HoldAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("begin; select log_index from ledger.head for update", connection);
        await command.ExecuteNonQueryAsync();
        return new Stall(connectionString, connection);
    }

    /// <summary>Waits until the command loop waits.</summary>
    public async Task WaitForWaiterAsync()
    {
        for (var patience = 0; await Sql.AskAsync(connectionString, "select count(*)::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == "0"; patience++)
        {
            Assert.True(patience < 400, "Nothing waits for the head.");
            await Task.Delay(10);
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
