using Npgsql;

namespace CarbonLedger.Server.Store;

/// <summary>Whether a PostgreSQL server can be trusted with the register.</summary>
public static class PostgresSafety
{
    /// <summary>The oldest version the store is tested with, as <c>server_version_num</c>.</summary>
    private const int VersionNumberMin = 150000;

    /// <summary>Why this server must not hold the register, or null when it may.</summary>
    /// <param name="connection">
    /// An open connection, with the session settings the writer will use: a setting the session overrides counts as overridden.
    /// </param>
    /// <param name="cancellation">Ends the question.</param>
    /// <returns>One sentence for the operator with the remedy, or null.</returns>
    public static async Task<string?> ReasonToRefuseAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        const string Sql = """
            select current_setting('server_version_num')::integer, current_setting('server_version'),
                   current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
                   pg_is_in_recovery(), current_setting('default_transaction_read_only')
            """;
        await using var command = new NpgsqlCommand(Sql, connection);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);

        if (row.GetInt32(0) < VersionNumberMin)
            return $"PostgreSQL {row.GetString(1)} is too old: version 15 or newer is needed.";
        if (row.GetString(2) != "on")
            return "PostgreSQL runs with fsync = off: a crash of the machine would destroy the log. Turn fsync on.";
        if (row.GetString(3) != "on")
            return "PostgreSQL runs with full_page_writes = off: a crash of the machine would tear pages of the log. Turn full_page_writes on.";
        if (row.GetString(4) == "off")
            return "PostgreSQL runs with synchronous_commit = off: a crash would lose acknowledged commands. Turn synchronous_commit on.";
        if (row.GetBoolean(5))
            return "PostgreSQL is in recovery (a standby): it cannot be written. Connect to the primary.";
        if (row.GetString(6) != "off")
            return "PostgreSQL runs with default_transaction_read_only = on: it cannot be written. Turn it off, or connect to the primary.";
        return null;
    }
}
