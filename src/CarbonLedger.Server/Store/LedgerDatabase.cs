using Npgsql;

namespace CarbonLedger.Server.Store;

/// <summary>The connections of one process: one dedicated writer, and a pool for everything that reads.</summary>
public sealed class LedgerDatabase : IAsyncDisposable
{
    /// <summary>Readers at once. PostgreSQL shares its cores with the writer; more readers only queue inside it.</summary>
    public const int ReadersMax = 12;

    /// <summary>
    /// The writer's plans are fixed: every join is with an index. On fresh tables, without statistics, the planner would now and then
    /// choose a hash join over a whole table. The timeouts bound how long a stalled node can keep the head row from the others.
    /// </summary>
    private const string WriterOptions =
        "-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c enable_bitmapscan=off -c enable_material=off -c plan_cache_mode=force_generic_plan "
        + "-c jit=off -c lock_timeout=10s -c statement_timeout=30s -c idle_in_transaction_session_timeout=15s -c synchronous_commit=on -c timezone=UTC -c search_path=public,ledger";

    public LedgerDatabase(string connectionString)
    {
        Writer = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "carbonledger writer",
            Pooling = false,
            // A full batch is some hundred kilobytes each way; the default of 8 KB would cost a system call for each eight of them.
            ReadBufferSize = 64 * 1024,
            WriteBufferSize = 64 * 1024,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
            Options = WriterOptions,
            CommandTimeout = 35,
            IncludeErrorDetail = false,
        }.ConnectionString);
        Readers = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "carbonledger reader",
            MaxPoolSize = ReadersMax,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
            Options = "-c jit=off -c timezone=UTC",
            CommandTimeout = 60,
            IncludeErrorDetail = false,
        }.ConnectionString);
    }

    /// <summary>Opens unpooled connections: the command loop's, a projection's, the migrator's.</summary>
    public NpgsqlDataSource Writer { get; }

    public NpgsqlDataSource Readers { get; }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await Readers.DisposeAsync();
    }
}
