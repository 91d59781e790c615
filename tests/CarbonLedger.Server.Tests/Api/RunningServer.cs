using CarbonLedger.Server.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>The whole server in this process, on a free port of the loopback, over a real PostgreSQL.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private RunningServer(WebApplication app, LedgerDatabase database, Uri url) => (App, Database, Url) = (app, database, url);

    public WebApplication App { get; }

    public LedgerDatabase Database { get; }

    public Uri Url { get; }

    /// <param name="clock">The system's when absent.</param>
    public static async Task<RunningServer> StartAsync(string connectionString, NodaTime.IClock? clock = null)
    {
        var database = new LedgerDatabase(connectionString);
        Assert.Null(await LedgerServer.PrepareAsync(database));
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        var app = LedgerServer.Build(builder, database);
        await app.StartAsync();
        return new RunningServer(app, database, new Uri(app.Urls.Single()));
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Database.DisposeAsync();
    }
}

/// <summary>One server and one database for all tests of a class.</summary>
public sealed class ServerFixture(PostgresFixture postgres) : IAsyncLifetime
{
    private RunningServer? server;

    public RunningServer Server => server ?? throw new InvalidOperationException("The server has not been started.");

    public string ConnectionString { get; private set; } = "";

    public LedgerApi Api { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        ConnectionString = await postgres.CreateDatabaseAsync();
        server = await RunningServer.StartAsync(ConnectionString);
        Api = new LedgerApi(server.Url);
    }

    public async Task DisposeAsync()
    {
        Api.Dispose();
        await Server.DisposeAsync();
    }
}
