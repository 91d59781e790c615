using System.Collections.Concurrent;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Bulk;

/// <summary>Works off uploaded files. Each row goes the way of every command, under a key of its own that follows from the upload's.</summary>
public sealed partial class BulkRunner(CommandQueue queue, LedgerDatabase database, BulkStore store, IClock clock, IHostApplicationLifetime lifetime, ILogger<BulkRunner> log)
{
    /// <summary>Files at once: each keeps its upload in memory.</summary>
    public const int JobsMax = 4;

    private readonly ConcurrentDictionary<Guid, byte> running = new();

    public bool IsFull => running.Count >= JobsMax;

    /// <summary>Begins to work on a job, unless this process does already.</summary>
    public void Start(Guid id, BulkUpload upload)
    {
        if (running.TryAdd(id, 0))
        {
            _ = Task.Run(() => RunAsync(id, upload));
        }
    }

    private async Task RunAsync(Guid id, BulkUpload upload)
    {
        var stop = lifetime.ApplicationStopping;
        var progress = new BulkProgress(id, store, upload.IsDryRun);
        try
        {
            using var beat = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var beating = progress.BeatAsync(beat.Token);
            try
            {
                await WorkAsync(id, upload, progress, stop);
            }
            finally
            {
                // Also where the work broke off: a beat says that somebody works on the job.
                await beat.CancelAsync();
                await beating;
            }

            await progress.FinishAsync(upload.File.Count, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The same file under the same key takes it up again.
        }
        catch (Exception e)
        {
            Log.JobFailed(log, id, e.GetType().Name);
        }
        finally
        {
            running.TryRemove(id, out _);
        }
    }

    private Task WorkAsync(Guid id, BulkUpload upload, BulkProgress progress, CancellationToken stop)
    {
        if (upload.IsDryRun)
        {
            return new BulkTrial(database, clock).RunAsync(upload, progress, stop);
        }

        var commands = new BulkCommands(queue);
        return upload.Mode == BulkMode.Whole ? commands.RunWholeAsync(id, upload, progress, stop) : commands.RunRowsAsync(upload, progress, stop);
    }

    private static partial class Log
    {
        // The type alone: a message could hold a cell of the file, and a cell a name.
        [LoggerMessage(31, LogLevel.Error, "Bulk job {Id} stopped: {Reason}. The same file under the same key takes it up again.")]
        public static partial void JobFailed(ILogger logger, Guid id, string reason);
    }
}

/// <summary>An uploaded file with how it is to be done, by whom, and under which key.</summary>
public sealed record BulkUpload(BulkKind Kind, BulkMode Mode, bool IsDryRun, BulkFile File, OrganizationId? Acting, string Key, Guid RequestDigest);

/// <summary>Collects outcomes and writes them on in portions.</summary>
public sealed class BulkProgress(Guid id, BulkStore store, bool isDryRun)
{
    /// <summary>Outcomes written at once.</summary>
    private const int PortionRowsMax = 500;

    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(1);

    private readonly List<RowResult> waiting = [];
    private int accepted;
    private int refused;

    public async Task AddAsync(RowResult result, CancellationToken stop)
    {
        Interlocked.Increment(ref result.Code is null ? ref accepted : ref refused);
        if (result.Code is not null || !isDryRun)
        {
            waiting.Add(result);
        }

        if (waiting.Count >= PortionRowsMax)
        {
            await FlushAsync(stop);
        }
    }

    /// <summary>Writes how far the job is, again and again until it is told to end.</summary>
    public async Task BeatAsync(CancellationToken end)
    {
        try
        {
            using var timer = new PeriodicTimer(BeatEvery);
            while (await timer.WaitForNextTickAsync(end))
            {
                await BeatOnceAsync(end);
            }
        }
        catch (Exception e) when (e is OperationCanceledException || e.IsDatabaseFault())
        {
            // Without a beat the job is said to be interrupted, until the next portion of it is written.
        }
    }

    public async Task FinishAsync(int rows, CancellationToken stop)
    {
        await FlushAsync(stop);
        await store.BeatAsync(id, rows, accepted, refused, finished: true, stop);
    }

    private Task BeatOnceAsync(CancellationToken stop)
    {
        var (yes, no) = (Volatile.Read(ref accepted), Volatile.Read(ref refused)); // once: they go on while this is written
        return store.BeatAsync(id, yes + no, yes, no, finished: false, stop);
    }

    private async Task FlushAsync(CancellationToken stop)
    {
        if (waiting.Count > 0)
        {
            await store.AddRowsAsync(id, waiting, stop);
            await BeatOnceAsync(stop);
            waiting.Clear();
        }
    }
}
