using CarbonLedger.Server.EmbeddedPostgres;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Npgsql;

namespace CarbonLedger.Server.Tests;

/// <summary>Tests in this collection share one PostgreSQL; each takes databases of its own.</summary>
[CollectionDefinition("postgres")]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>;

/// <summary>One embedded PostgreSQL per test run, in a temporary folder that goes with it.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private EmbeddedPostgresServer? server;
    private int databases;

    /// <summary>The server, for tests that need its process or its maintenance database.</summary>
    public EmbeddedPostgresServer Server => server ?? throw new InvalidOperationException("PostgreSQL has not been started.");

    public async Task InitializeAsync() =>
        // Every database has its own pool, and idle connections of finished tests stay for minutes.
        server = await EmbeddedPostgresServer.StartAsync(folder.Options() with { ExtraSettings = ["max_connections=500"] }, _ => { }, CancellationToken.None);

    /// <summary>Creates an empty database and returns how to connect to it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var connectionString = new NpgsqlConnectionStringBuilder(Server.ConnectionString) { Database = $"test_{Interlocked.Increment(ref databases)}" };
        await using var connection = new NpgsqlConnection(Server.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database {connectionString.Database}", connection);
        await create.ExecuteNonQueryAsync();
        return connectionString.ConnectionString;
    }

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (server is not null) await server.DisposeAsync();
        folder.Dispose();
    }
}
