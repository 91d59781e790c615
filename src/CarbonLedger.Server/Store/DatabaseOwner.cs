using CarbonLedger.Server.EmbeddedPostgres;

namespace CarbonLedger.Server.Store;

/// <summary>Finds the database: the one a connection string names, else a private PostgreSQL, which it keeps running.</summary>
public sealed class DatabaseOwner : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private EmbeddedPostgresServer? embedded;
    private Task supervision = Task.CompletedTask;

    private DatabaseOwner(string connectionString) => ConnectionString = connectionString;

    public string ConnectionString { get; }

    public static async Task<DatabaseOwner> StartAsync(IConfiguration configuration, Action<string> log)
    {
        if (configuration.GetConnectionString("Ledger") is { Length: > 0 } connectionString)
        {
            return new DatabaseOwner(connectionString);
        }

        var options = new EmbeddedPostgresOptions(DataFolderOf(configuration));
        var server = await EmbeddedPostgresServer.StartAsync(options, log, CancellationToken.None);
        if (new Npgsql.NpgsqlConnectionStringBuilder(server.ConnectionString).Password is null)
        {
            log($"To audit it: dotnet run --project src/CarbonLedger.Audit -- \"{server.ConnectionString}\"");
        }

        var owner = new DatabaseOwner(server.ConnectionString) { embedded = server };
        owner.supervision = owner.SuperviseAsync(options, log);
        return owner;
    }

    /// <summary>The folder that is named, else the user's own; it is created, also where the database is another's: the signing key stands in it.</summary>
    public static string DataFolderOf(IConfiguration configuration) =>
        configuration["Ledger:DataFolder"] is { Length: > 0 } named ? Folders.CreateOpen(named) : EmbeddedPostgresOptions.DefaultDataFolder();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await supervision;
        if (embedded is not null)
        {
            await embedded.DisposeAsync();
        }

        stopping.Dispose();
    }

    /// <summary>Starts PostgreSQL again whenever it ends by itself. Its address stays, so nothing else needs to know.</summary>
    private async Task SuperviseAsync(EmbeddedPostgresOptions options, Action<string> log)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.WhenAny(embedded!.Exited, Task.Delay(Timeout.Infinite, stopping.Token));
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            log("PostgreSQL has ended by itself; starting it again.");
            await embedded.DisposeAsync();
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    embedded = await EmbeddedPostgresServer.StartAsync(options, log, stopping.Token);
                    break;
                }
                catch (Exception e) when (e is EmbeddedPostgresException || e.IsDatabaseFault())
                {
                    log($"PostgreSQL does not start: {e.Message}");
                    await Task.Delay(TimeSpan.FromSeconds(1), stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }
}
