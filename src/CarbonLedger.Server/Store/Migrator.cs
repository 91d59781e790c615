using System.Globalization;
using System.Reflection;
using Npgsql;

namespace CarbonLedger.Server.Store;

/// <summary>Brings the schema forward, never back. Migrations are numbered files, applied once each, in order.</summary>
public static class Migrator
{
    /// <summary>Two servers may start at once: the second waits for this advisory lock.</summary>
    private const long AdvisoryLock = 0x434C_4D49_4752;

    /// <summary>The writer's limits and fixed plans are for batches: to rewrite the tables of a large register takes minutes, and as long waits the second server.</summary>
    private const string AsLongAsItTakes =
        "set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0; "
        + "set local enable_hashjoin = on; set local enable_mergejoin = on; set local enable_seqscan = on; set local enable_bitmapscan = on; set local enable_material = on; "
        + "set local plan_cache_mode = auto";

    private const string Prefix = "CarbonLedger.Server.Store.Migrations.";

    /// <returns>Null, or the reason why this program must not run on this database.</returns>
    public static async Task<string?> MigrateAsync(NpgsqlDataSource database, Action<string> log, CancellationToken stop)
    {
        await using var connection = await database.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await ExecuteAsync(connection, AsLongAsItTakes, stop);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({AdvisoryLock})", stop);
        await ExecuteAsync(
            connection,
            "create schema if not exists ledger; create table if not exists ledger.migrations (number int not null primary key, name text not null, applied_at timestamptz not null default now())",
            stop);

        var applied = await AppliedAsync(connection, stop);
        var (newest, known) = (applied.DefaultIfEmpty().Max(), Known());
        if (newest > known[^1].Number)
        {
            return $"The database has schema {newest}, this program knows {known[^1].Number}. Run the newer program, or restore an older database.";
        }

        if (known.Find(m => m.Number < newest && !applied.Contains(m.Number)) is { Name: { } missed })
        {
            return $"Migration {missed} was never applied to this database, though {newest} was: a program between two versions made it. Restore a backup of before, or begin with an empty database.";
        }

        var missing = known.FindAll(m => m.Number > newest);
        foreach (var (number, name, sql) in missing)
        {
            await ExecuteAsync(connection, sql, stop);
            await using var insert = new NpgsqlCommand("insert into ledger.migrations (number, name) values ($1, $2)", connection)
            {
                CommandTimeout = 0,
                Parameters = { new() { Value = number }, new() { Value = name } },
            };
            await insert.ExecuteNonQueryAsync(stop);
        }

        await transaction.CommitAsync(stop);
        missing.ForEach(m => log($"Applied migration {m.Name}."));
        return null;
    }

    private static List<(int Number, string Name, string Sql)> Known()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(n =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(n)!);
                var name = n[Prefix.Length..^".sql".Length];
                return (int.Parse(name[..4], CultureInfo.InvariantCulture), name, reader.ReadToEnd());
            })
            .ToList();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(stop);
    }

    private static async Task<int[]> AppliedAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("select coalesce(array_agg(number), '{}') from ledger.migrations", connection) { CommandTimeout = 0 };
        return (int[])(await command.ExecuteScalarAsync(stop))!;
    }
}
