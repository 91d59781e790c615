using CarbonLedger.Server.EmbeddedPostgres;
using Npgsql;

namespace CarbonLedger.Benchmarks;

/// <summary>PostgreSQL with two empty databases: one for the ledger, one for the floor.</summary>
internal sealed class Database : IAsyncDisposable
{
    private readonly EmbeddedPostgresServer? embedded;
    private readonly string? folderToDelete;

    private Database(string connectionString, EmbeddedPostgresServer? embedded, string? folderToDelete)
    {
        (this.embedded, this.folderToDelete) = (embedded, folderToDelete);
        Ledger = new NpgsqlConnectionStringBuilder(connectionString) { Database = "bench_ledger" };
        Floor = new NpgsqlConnectionStringBuilder(connectionString) { Database = "bench_floor" };
    }

    public NpgsqlConnectionStringBuilder Ledger { get; }

    public NpgsqlConnectionStringBuilder Floor { get; }

    /// <summary>The postmaster, when it is ours: then its processor time can be read.</summary>
    public int? Postmaster => embedded?.ProcessId;

    public static async Task<Database> StartAsync(Options options)
    {
        EmbeddedPostgresServer? embedded = null;
        var folder = options.Connection is null ? options.Folder ?? TemporaryFolder() : null;
        if (folder is not null)
        {
            embedded = await EmbeddedPostgresServer.StartAsync(new EmbeddedPostgresOptions(folder) { ExtraSettings = options.Settings }, _ => { }, CancellationToken.None);
        }

        var database = new Database(embedded?.ConnectionString ?? options.Connection!, embedded, options.Folder is null ? folder : null);
        await using var maintenance = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.Ledger.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
        await maintenance.OpenAsync();
        foreach (var name in (string[])[database.Ledger.Database!, database.Floor.Database!])
        {
            await Sql.ExecuteAsync(maintenance, $"drop database if exists {name}");
            await Sql.ExecuteAsync(maintenance, $"create database {name}");
        }

        return database;
    }

    /// <summary>An empty folder that goes with the run. Its name is random; its parent is open to the user that PostgreSQL runs as.</summary>
    public static string TemporaryFolder() => Path.Combine(Path.GetTempPath(), $"carbonledger-bench-{Path.GetRandomFileName()[..8]}");

    public async Task<NpgsqlConnection> OpenLedgerAsync()
    {
        var connection = new NpgsqlConnection(Ledger.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>The settings that figures depend on.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SettingsAsync()
    {
        await using var connection = await OpenLedgerAsync();
        var settings = new Dictionary<string, string>();
        foreach (var name in (string[])["server_version", "shared_buffers", "fsync", "full_page_writes", "synchronous_commit", "wal_compression", "max_wal_size", "wal_sync_method", "default_statistics_target"])
        {
            settings[name] = await Sql.ScalarAsync<string>(connection, $"select current_setting('{name}')");
        }

        return settings;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (embedded is not null)
        {
            await embedded.DisposeAsync();
        }

        if (folderToDelete is not null)
        {
            Directory.Delete(folderToDelete, recursive: true);
        }
    }
}
