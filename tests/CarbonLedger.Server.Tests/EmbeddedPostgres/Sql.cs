using Npgsql;

namespace CarbonLedger.Server.Tests.EmbeddedPostgres;

/// <summary>One statement on a connection of its own, outside every pool.</summary>
internal static class Sql
{
    /// <summary>The text of a migration, to be run again on tables that were put back.</summary>
    public static async Task<string> MigrationAsync(string name)
    {
        using var migration = new StreamReader(typeof(LedgerServer).Assembly.GetManifestResourceStream($"CarbonLedger.Server.Store.Migrations.{name}.sql")!);
        return await migration.ReadToEndAsync();
    }

    public static Task RunAsync(string connectionString, string statement) => AskAsync(connectionString, statement);

    public static async Task<string?> AskAsync(string connectionString, string question)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(question, connection);
        return (await command.ExecuteScalarAsync())?.ToString();
    }
}
