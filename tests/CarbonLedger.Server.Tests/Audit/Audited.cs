using CarbonLedger.Audit;
using Npgsql;

namespace CarbonLedger.Server.Tests.Audit;

/// <summary>What the audit prints about a database.</summary>
internal static class Audited
{
    public const string Agrees = "Everything agrees.";

    /// <summary>Changes the database as its owner could, and audits. Returns the last line printed.</summary>
    public static async Task<string> AfterAsync(string connectionString, string sql) => (await LinesAfterAsync(connectionString, sql))[^1];

    public static async Task<string[]> LinesAfterAsync(string connectionString, string sql)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using (var connection = await database.OpenConnectionAsync())
        {
            // As replica, no trigger fires: whoever owns the database can do this, which is why the audit exists.
            await using var command = new NpgsqlCommand($"set session_replication_role = replica; {sql}", connection);
            await command.ExecuteNonQueryAsync();
        }

        return await LinesAsync(database);
    }

    public static async Task<string[]> LinesAsync(NpgsqlDataSource database)
    {
        var findings = new Findings();
        await AuditRun.RunAsync(database, findings);
        using var printed = new StringWriter();
        findings.Print(printed);
        return [.. printed.ToString().TrimEnd().Split('\n').Select(l => l.TrimEnd())];
    }
}
