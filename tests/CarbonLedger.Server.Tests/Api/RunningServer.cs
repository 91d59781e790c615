using CarbonLedger.Server.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>The whole server in this process, on a free port of the loopback, over a real PostgreSQL.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly string? ownKeyFile;

    private RunningServer(WebApplication app, LedgerDatabase database, Uri url, string? ownKeyFile) => (App, Database, Url, this.ownKeyFile) = (app, database, url, ownKeyFile);

    public WebApplication App { get; }

    public LedgerDatabase Database { get; }

    public Uri Url { get; }

    /// <param name="clock">The system's when absent.</param>
    /// <param name="keyFile">The file of the signing key; one of its own, which goes with it, when null.</param>
    /// <param name="log">Who takes what the server logs; nobody when absent.</param>
    /// <param name="parts">Puts parts in the place of the server's own.</param>
    public static async Task<RunningServer> StartAsync(string connectionString, NodaTime.IClock? clock = null, string? keyFile = null, ILoggerProvider? log = null, Action<IServiceCollection>? parts = null)
    {
        var ownKeyFile = keyFile is null ? Path.Combine(Path.GetTempPath(), $"carbonledger-key-{Guid.NewGuid():N}.pem") : null;
        var database = new LedgerDatabase(connectionString);
        Assert.Null(await LedgerServer.PrepareAsync(database));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Ledger:SigningKeyFile"] = keyFile ?? ownKeyFile;
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        parts?.Invoke(builder.Services);
        var app = LedgerServer.Build(builder, database);
        await app.StartAsync();
        return new RunningServer(app, database, new Uri(app.Urls.Single()), ownKeyFile);
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Database.DisposeAsync();
        if (ownKeyFile is not null)
        {
            File.Delete(ownKeyFile);
        }
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
