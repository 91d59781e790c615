using System.Text;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>The settings of the private PostgreSQL, in one place. They are written anew at every start.</summary>
internal static class PostgresSettings
{
    /// <summary>The file's name in the cluster folder; <c>postgresql.conf</c> includes it, <c>alter system</c> wins over it.</summary>
    public const string FileName = "carbonledger.conf";

    private static readonly (string Setting, string Reason)[] All =
    [
        // What was acknowledged stays.
        ("fsync = on", "a machine crash must not lose or tear the log"),
        ("full_page_writes = on", "a page torn by a crash is repaired from the write-ahead log"),
        ("synchronous_commit = on", "an answer goes out only after the commit is on disk"),

        // Throughput of one writing backend.
        ($"shared_buffers = {BuffersMegabytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)}MB", "holds the leaves of the indexes that every command writes to; an eighth of the memory"),
        ("huge_pages = try", "fewer TLB misses where the machine has them, no failure where not"),
        ("max_wal_size = 4GB", "checkpoints come by time, not in the middle of a burst of writes"),
        ("checkpoint_timeout = 15min", "every checkpoint is followed by a wave of full page images"),
        ("checkpoint_completion_target = 0.9", "the checkpoint's writes are spread, commits do not queue behind them"),
        ("jit = off", "the statements are short; compiling them costs more than running them"),
        ("max_connections = 100", "one writer and a small pool of readers per process, and room for psql"),

        // State rows are updated all the time; dead versions lengthen every index walk.
        ("autovacuum = on", "without it, tables only grow"),
        ("autovacuum_naptime = 15s", "a hot table gathers many dead rows in the default minute"),
        ("autovacuum_vacuum_scale_factor = 0.02", "the default waits until a fifth of the table is dead"),
        ("autovacuum_vacuum_insert_scale_factor = 0.05", "the log is insert-only; index-only scans need its visibility map"),
        ("autovacuum_analyze_scale_factor = 0.02", "plans flip on fresh tables until the planner has seen them"),
        ("default_statistics_target = 10", "every statement goes by a key; the default samples 30,000 rows of each busy table, a tenth of the time under load"),

        // A log file that is bounded and holds no names.
        ("logging_collector = on", "the log goes on when the owning process has died"),
        ("log_directory = 'log'", "beside the data it speaks of"),
        ("log_filename = 'postgresql-%a.log'", "one file per weekday"),
        ("log_truncate_on_rotation = on", "next week overwrites this week"),
        ("log_rotation_age = 1d", "as the file name says"),
        ("log_rotation_size = 0", "a size rotation would append to the same day's file"),
        ("log_line_prefix = '%m [%p] %e '", "%e is the SQLSTATE by which a failed start is recognised"),
        ("log_error_verbosity = terse", "DETAIL lines quote row values, and rows hold names"),
        ("log_min_error_statement = panic", "statements may quote values too"),

        ("timezone = 'UTC'", "instants are UTC everywhere"),
        ("log_timezone = 'UTC'", "so that both logs can be read side by side"),
    ];

    /// <summary>
    /// An eighth of the memory, between 128 MB and 1 GB. With ten million events the leaves of the keys and of the streams no longer fit into 256 MB, and each
    /// command waits until a page of others is written out.
    /// </summary>
    internal static long BuffersMegabytes(long memoryBytes) => Math.Clamp(memoryBytes / 8 / 1_048_576, 128, 1024);

    /// <summary>The file's text for this server's way of being reached.</summary>
    public static string Compose(PostgresEndpoint endpoint)
    {
        var text = new StringBuilder("# Written at every start; changes here are lost. Use: alter system set ...\n");
        foreach (var (setting, reason) in All) text.Append(setting).Append("  # ").Append(reason).Append('\n');
        foreach (var setting in endpoint.Settings) text.Append(setting).Append('\n');
        return text.ToString();
    }
}
