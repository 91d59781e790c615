using System.Diagnostics;
using System.Globalization;
using CarbonLedger.Server.EmbeddedPostgres;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Xunit.Abstractions;

namespace CarbonLedger.Server.Tests.Crash;

/// <summary>Processes die in the middle of load; what was acknowledged stays, once.</summary>
[Collection("postgres")]
public sealed class KilledSpec(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Clients = 8;

    [Fact]
    public async Task After_kill_9_of_the_server_every_acknowledged_command_is_in_the_log_once()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        Load load;
        using (var server = await ServerProcess.OnDatabaseAsync(connectionString))
        using (var api = new LedgerApi(server.Url))
        using (var stop = new CancellationTokenSource())
        {
            load = await Load.PrepareAsync(api);
            var running = load.RunAsync(Clients, stop.Token, api);
            await load.AcknowledgesAsync(400);
            await server.KillAsync();
            await stop.CancelAsync();
            await running;
        }

        using var again = await ServerProcess.OnDatabaseAsync(connectionString);
        using var asker = new LedgerApi(again.Url);
        await CheckAsync(load, asker, connectionString);
    }

    [Fact]
    public async Task After_kill_9_of_PostgreSQL_the_server_recovers_by_itself_and_nothing_acknowledged_is_lost()
    {
        using var folder = new TemporaryFolder();
        var connectionString = PostgresEndpoint.For(folder.Options(), folder.Path).ConnectionString(PostgresEndpoint.Database);
        using var server = await ServerProcess.OnFolderAsync(folder.Path);
        using var api = new LedgerApi(server.Url);
        using var stop = new CancellationTokenSource();
        var load = await Load.PrepareAsync(api);
        var running = load.RunAsync(Clients, stop.Token, api);
        await load.AcknowledgesAsync(300);

        var postmaster = int.Parse((await File.ReadAllLinesAsync(Path.Combine(folder.Path, "postgres", "postmaster.pid")))[0], CultureInfo.InvariantCulture);
        using (var process = Process.GetProcessById(postmaster))
        {
            process.Kill();
        }

        await load.AcknowledgesAsync(load.Acknowledged + 300);
        await stop.CancelAsync();
        await running;
        await CheckAsync(load, api, connectionString);

        await server.TerminateAsync();
        await server.ExitedAsync();
        Assert.True(server.ExitCode == 0, server.Output);
    }

    [Fact]
    public async Task A_backend_that_dies_takes_nothing_with_it()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var server = await RunningServer.StartAsync(connectionString);
        using var api = new LedgerApi(server.Url);
        using var stop = new CancellationTokenSource();
        var load = await Load.PrepareAsync(api);
        var running = load.RunAsync(Clients, stop.Token, api);
        for (var i = 1; i <= 5; i++)
        {
            await load.AcknowledgesAsync(load.Acknowledged + 60);
            await Sql.RunAsync(postgres.Server.ConnectionString, $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{new Npgsql.NpgsqlConnectionStringBuilder(connectionString).Database}'");
        }

        await load.AcknowledgesAsync(load.Acknowledged + 60);
        await stop.CancelAsync();
        await running;
        await CheckAsync(load, api, connectionString);
    }

    [Fact]
    public async Task Two_servers_on_one_database_accept_at_once_and_lose_nothing()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        using var one = await ServerProcess.OnDatabaseAsync(connectionString);
        using var other = await ServerProcess.OnDatabaseAsync(connectionString);
        using var first = new LedgerApi(one.Url);
        using var second = new LedgerApi(other.Url);
        using var stop = new CancellationTokenSource();
        var load = await Load.PrepareAsync(first);
        var running = load.RunAsync(2 * Clients, stop.Token, first, second);
        await load.AcknowledgesAsync(1200);
        await stop.CancelAsync();
        await running;

        Assert.DoesNotContain(load.All, s => s.Answer is null);
        await CheckAsync(load, second, connectionString); // every key of the first server is known to the second
        await Load.CatchUpAsync(first);
    }

    [Fact]
    public async Task Of_two_servers_one_may_be_killed_while_the_other_goes_on()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        using var one = await ServerProcess.OnDatabaseAsync(connectionString);
        using var other = await ServerProcess.OnDatabaseAsync(connectionString);
        using var first = new LedgerApi(one.Url);
        using var second = new LedgerApi(other.Url);
        using var stop = new CancellationTokenSource();
        var load = await Load.PrepareAsync(first);
        var running = load.RunAsync(2 * Clients, stop.Token, first, second);
        await load.AcknowledgesAsync(300);
        await one.KillAsync();
        await load.AcknowledgesAsync(load.Acknowledged + 300);
        await stop.CancelAsync();
        await running;
        await CheckAsync(load, second, connectionString);
    }

    [Fact]
    public async Task SIGTERM_in_the_middle_of_load_ends_in_order_even_with_a_follower_of_the_log()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        Load load;
        using (var server = await ServerProcess.OnDatabaseAsync(connectionString))
        using (var api = new LedgerApi(server.Url))
        using (var stop = new CancellationTokenSource())
        {
            load = await Load.PrepareAsync(api);
            using var following = new HttpRequestMessage(HttpMethod.Get, "/v1/events");
            following.Headers.Accept.ParseAdd("text/event-stream");
            using var stream = await api.Http.SendAsync(following, HttpCompletionOption.ResponseHeadersRead);
            var running = load.RunAsync(Clients, stop.Token, api);
            await load.AcknowledgesAsync(300);

            var clock = Stopwatch.StartNew();
            await server.TerminateAsync();
            await server.ExitedAsync();
            output.WriteLine($"Ended after {clock.Elapsed.TotalSeconds:0.0} s.");
            Assert.True(server.ExitCode == 0, server.Output);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed}.");
            await stop.CancelAsync();
            await running;
        }

        using var again = await ServerProcess.OnDatabaseAsync(connectionString);
        using var asker = new LedgerApi(again.Url);
        await CheckAsync(load, asker, connectionString);
    }

    private async Task CheckAsync(Load load, LedgerApi api, string connectionString)
    {
        output.WriteLine($"{load.All.Count} sent, {load.Acknowledged} acknowledged, {load.All.Count(s => s.Answer is null)} unknown.");
        await load.ResolveAsync(api);
        output.WriteLine($"{load.All.Count(s => s.Answer!.Replayed)} of the unknown had been done.");
        await load.AuditAsync(api, connectionString);
    }
}
