using System.ComponentModel;
using System.Diagnostics;
using Npgsql;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>A private PostgreSQL, owned by this process, with the database <c>carbonledger</c>.</summary>
/// <remarks>
/// One process owns a data folder. What a dead owner left running is stopped by the next start. When PostgreSQL itself dies,
/// <see cref="Exited"/> completes: dispose this object and start anew; the connection string stays the same.
/// </remarks>
public sealed class EmbeddedPostgresServer : IAsyncDisposable
{
    // PostgreSQL's lock_file_exists: a postmaster, or backends of a dead one, still hold the cluster's lock file or shared memory.
    private const string LockFileExists = "F0001";

    // Orphaned backends leave when they notice that their postmaster is gone: at once if idle, at the end of their statement if not.
    private static readonly TimeSpan OrphansPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelayMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryDelayMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    private readonly EmbeddedPostgresOptions options;
    private readonly Action<string> log;
    private readonly DataFolderLock ownership;
    private readonly UnprivilegedUser? user;
    private readonly PostgresEndpoint endpoint;
    private readonly Cluster cluster;
    private PostgresBinaries binaries = null!;
    private PostmasterProcess? postmaster;
    private int disposed;

    private EmbeddedPostgresServer(EmbeddedPostgresOptions options, Action<string> log, DataFolderLock ownership, UnprivilegedUser? user)
    {
        this.options = options;
        this.log = log;
        this.ownership = ownership;
        this.user = user;
        endpoint = PostgresEndpoint.For(options, options.DataFolder);
        cluster = new Cluster(options.DataFolder, user);
    }

    /// <summary>For Npgsql; database and user are <c>carbonledger</c>. Pooling and time limits are Npgsql's defaults.</summary>
    public string ConnectionString => endpoint.ConnectionString(PostgresEndpoint.Database);

    /// <summary>The postmaster's process number.</summary>
    public int ProcessId => postmaster!.Id;

    /// <summary>Completes with the exit code when PostgreSQL has ended, after a stop of ours or on its own.</summary>
    public Task<int> Exited => postmaster!.Exited;

    /// <summary>Starts PostgreSQL on the data folder, making both on the first start, and waits until it answers.</summary>
    /// <exception cref="PostgresBinariesNotFoundException">There is no PostgreSQL to start.</exception>
    /// <exception cref="DataFolderInUseException">Another live server owns the data folder.</exception>
    /// <exception cref="EmbeddedPostgresException">PostgreSQL cannot run here; the message says why in one line.</exception>
    public static async Task<EmbeddedPostgresServer> StartAsync(EmbeddedPostgresOptions options, Action<string> log, CancellationToken cancellation)
    {
        options = options with { DataFolder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.DataFolder)) };
        var user = UnprivilegedUser.ForThisProcess();
        Folders.CreateOpen(options.DataFolder);
        var ownership = DataFolderLock.Take(options.DataFolder);
        EmbeddedPostgresServer? server = null;
        try
        {
            server = new EmbeddedPostgresServer(options, log, ownership, user);
            await server.StartAsync(cancellation);
            return server;
        }
        catch (Exception e)
        {
            if (server is not null) await server.DisposeAsync();
            ownership.Dispose();
            if (e is Win32Exception or IOException or UnauthorizedAccessException)
                throw new EmbeddedPostgresException($"PostgreSQL cannot be started in {options.DataFolder}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Stops PostgreSQL in order and gives the data folder back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        if (postmaster is not null)
        {
            await postmaster.StopAsync(binaries, options.StopTimeout, log);
            if (postmaster.Exited.IsCompleted) endpoint.Remove();
        }
        ownership.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        if (user is not null) await user.RequireReachableAsync(options.DataFolder, cancellation);
        binaries = await PostgresBinaries.FindAsync(options, cluster.MajorVersion, user, log, cancellation);
        await cluster.TakeOwnershipAsync(cancellation);
        await cluster.InitialiseAsync(binaries, cancellation);

        for (var delay = RetryDelayMin; ; delay = delay * 2 < RetryDelayMax ? delay * 2 : RetryDelayMax)
        {
            await StopOrphanAsync(cancellation);
            endpoint.Prepare(user);
            cluster.WriteSettings(endpoint);
            postmaster = await PostmasterProcess.StartAsync(binaries, cluster, options, user, cancellation);
            if (await BecomesReadyAsync(postmaster, cancellation)) break;

            var errors = await postmaster.EarlyErrorsAsync();
            var isHeldByOrphans = errors.Contains($" {LockFileExists} ", StringComparison.Ordinal);
            if (!isHeldByOrphans || clock.Elapsed > OrphansPatience) throw Failed(errors);
            if (delay == RetryDelayMin) log("PostgreSQL cannot start yet: processes of an earlier, killed one are still leaving. Trying again.");
            await Task.Delay(delay, cancellation);
        }
        await CreateDatabaseAsync(cancellation);
        log($"PostgreSQL {binaries.MajorVersion} (process {ProcessId}) is ready on {cluster.Folder} after {clock.Elapsed.TotalSeconds:0.0} s.");
    }

    // We hold the lock, so its owner is dead: it must not stand in our way.
    private async Task StopOrphanAsync(CancellationToken cancellation)
    {
        if (cluster.LivePostmaster() is not { } orphan)
        {
            cluster.ForgetDeadPostmaster();
            return;
        }
        log($"A PostgreSQL left by a dead server (process {orphan}) still runs on {cluster.Folder}; stopping it.");
        foreach (var signal in new[] { StopSignal.Fast, StopSignal.Immediate })
        {
            await Signals.SendAsync(orphan, signal, binaries);
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < options.StopTimeout; await Task.Delay(PollInterval, cancellation))
            {
                if (cluster.LivePostmaster() != orphan) return;
            }
        }
        throw new EmbeddedPostgresException($"A PostgreSQL left by a dead server (process {orphan}) does not stop. End that process and start again.");
    }

    private async Task<bool> BecomesReadyAsync(PostmasterProcess started, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        for (var nextProgress = ProgressInterval; ; await Task.WhenAny(started.Exited, Task.Delay(PollInterval, cancellation)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (started.Exited.IsCompleted) return false;
            try
            {
                await using var connection = await OpenAsync("postgres", cancellation);
                return true;
            }
            catch (NpgsqlException e) when (clock.Elapsed < options.StartTimeout && e is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow })
            {
                // No socket yet, or "cannot connect now" while it replays the log.
                if (clock.Elapsed < nextProgress) continue;
                log($"Waiting for PostgreSQL since {clock.Elapsed.TotalSeconds:0} s: {e.Message}");
                nextProgress += ProgressInterval;
            }
            catch (NpgsqlException e)
            {
                throw new EmbeddedPostgresException($"PostgreSQL was not ready after {clock.Elapsed.TotalSeconds:0} s: {e.Message} Its log is in {cluster.Folder}.", e);
            }
        }
    }

    private async Task CreateDatabaseAsync(CancellationToken cancellation)
    {
        await using var connection = await OpenAsync("postgres", cancellation);
        await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = PostgresEndpoint.Database } } };
        if (await exists.ExecuteScalarAsync(cancellation) is not null) return;
        await using var create = new NpgsqlCommand($"create database {PostgresEndpoint.Database}", connection);
        await create.ExecuteNonQueryAsync(cancellation);
    }

    // Unpooled: a pool would keep a session open that nobody uses again.
    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(endpoint.ConnectionString(database) + ";Pooling=false;Timeout=5");
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private EmbeddedPostgresException Failed(string errors)
    {
        var early = errors.Split('\n').LastOrDefault(line => line.Contains("FATAL:", StringComparison.Ordinal));
        return new EmbeddedPostgresException($"PostgreSQL did not start on {cluster.Folder}: {early ?? cluster.LastFatalLine() ?? errors}");
    }
}
