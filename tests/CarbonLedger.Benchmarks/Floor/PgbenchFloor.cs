using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CarbonLedger.Server;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Benchmarks.Floor;

/// <summary>Transfers per second of pgbench with one function call per transfer, in a database of its own on the same PostgreSQL.</summary>
internal sealed partial class PgbenchFloor(string program, NpgsqlConnectionStringBuilder database, int vouchers)
{
    public const int Clients = 64;

    private const string LogPrefix = "transactions";

    private const string Script = """
        \set v random(1, :vouchers)
        \set d random(1, 8)
        select ledger.floor_transfer(ledger.floor_id(1, :v), ledger.floor_id(2, :v), ledger.floor_id(2, 1 + (:v - 1 + :d) % :vouchers), 1, gen_random_uuid(), gen_random_uuid(), '{way}');

        """;

    /// <summary>The pgbench of this server version; null when there is none.</summary>
    public static string? Find(int majorVersion)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Prepend($"/usr/lib/postgresql/{majorVersion}/bin");
        return folders.Select(f => Path.Combine(f, "pgbench")).FirstOrDefault(File.Exists);
    }

    public async Task PrepareAsync()
    {
        await using (var ledger = new LedgerDatabase(database.ConnectionString))
        {
            if (await LedgerServer.PrepareAsync(ledger) is { } reason)
            {
                throw new InvalidOperationException(reason);
            }
        }

        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await Sql.ExecuteAsync(connection, Sql.Text("floor")
            .Replace("{vouchers}", vouchers.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{kilograms}", Seed.Seeded.KilogramsPerVoucher.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await Sql.ExecuteAsync(connection, """
            do $$ declare t regclass; begin
                for t in select oid from pg_class where relkind = 'r' and relnamespace in ('public'::regnamespace, 'ledger'::regnamespace) loop
                    execute format('alter table %s set (autovacuum_enabled = false)', t);
                end loop;
            end $$
            """);
        await Sql.ExecuteAsync(connection, "vacuum analyze");
    }

    /// <summary>The ways to give positions; <c>floor.sql</c> explains them.</summary>
    public static readonly IReadOnlyList<string> Ways = ["row", "queue", "sequence"];

    /// <returns>Transfers per second, and the time within which 99 of 100 of them were answered.</returns>
    public async Task<(double PerSecond, double P99Ms)> RunAsync(string way, TimeSpan time)
    {
        var work = Directory.CreateTempSubdirectory("floor-").FullName;
        var script = Path.Combine(work, "script.sql");
        await File.WriteAllTextAsync(script, Script.Replace("{way}", way, StringComparison.Ordinal));
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PGPASSWORD"] = database.Password ?? "" },
        };
        foreach (var argument in (string[])
            ["-n", "-M", "prepared", "-c", $"{Clients}", "-j", "2", "-T", $"{time.TotalSeconds:0}", "-D", $"vouchers={vouchers}", "-f", script,
             "-l", $"--log-prefix={Path.Combine(work, LogPrefix)}",
             "-h", database.Host!, "-p", $"{database.Port}", "-U", database.Username!, database.Database!])
        {
            start.ArgumentList.Add(argument);
        }

        using var pgbench = Process.Start(start)!;
        var errors = pgbench.StandardError.ReadToEndAsync();
        var output = await pgbench.StandardOutput.ReadToEndAsync();
        await pgbench.WaitForExitAsync();
        var latencies = Latencies(work);
        Directory.Delete(work, recursive: true);
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        if (way == "sequence")
        {
            // The ways that keep the head go on from here.
            await Sql.ExecuteAsync(connection, "update ledger.head set log_index = (select max(seq_id) from mt_events)");
        }

        // Cleaned up now, or PostgreSQL would do it beside the point that comes next.
        await Sql.ExecuteAsync(connection, "vacuum analyze");

        return Rate().Match(output) is { Success: true } found && pgbench.ExitCode == 0
            ? (double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), latencies[latencies.Length * 99 / 100] / 1000.0)
            : throw new InvalidOperationException($"pgbench: {(await errors).Split('\n')[0]}");
    }

    /// <summary>Microseconds of each transaction, ascending: the third word of a line of pgbench's log, which is one file for each of its threads.</summary>
    private static long[] Latencies(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, LogPrefix + "*").SelectMany(File.ReadLines)
            .Select(line => long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture)).Order(),
    ];

    [GeneratedRegex(@"tps = ([0-9.]+) \(without")]
    private static partial Regex Rate();
}
