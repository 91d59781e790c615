using System.Diagnostics;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Telemetry;
using Npgsql;

namespace CarbonLedger.Server.Commands;

/// <summary>The one path for all commands: take what queued, load once, decide in memory, write and commit once, answer.</summary>
/// <remarks>
/// Safe with several processes on one database: each batch holds the head's row lock from its first read to its commit. Where everything it needs is
/// remembered it reads nothing, and what it decided counts only if the head, once locked, stands where it was left.
/// </remarks>
public sealed partial class CommandLoop(CommandQueue queue, LedgerDatabase database, LogHead head, LogTail tail, LedgerMeters meters, IClock clock, ILogger<CommandLoop> log) : BackgroundService
{
    private readonly BatchWriter writer = new();
    private readonly RegisterCache cache = new();
    private NpgsqlConnection? connection;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<PendingCommand>(CommandQueue.BatchCommandsMax);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await queue.TakeAsync(batch, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (batch.Count > 0)
            {
                await RunAsync(batch);
            }
        }

        await DropConnectionAsync();
    }

    private async Task RunAsync(IReadOnlyList<PendingCommand> batch)
    {
        try
        {
            if (!await CommitAsync(batch, trusting: true))
            {
                await CommitAsync(batch, trusting: false);
            }
        }
        catch (BatchRolledBackException e) when (batch.Count > 1)
        {
            // One bad command must not fail its batch: each is tried alone, and only the offender meets the error again.
            Log.BatchSplit(log, batch.Count, e.Message);
            foreach (var pending in batch)
            {
                await RunAsync([pending]);
            }
        }
        catch (BatchRolledBackException e)
        {
            var answer = AnswerOf(e);
            if (answer is CommandAnswer.Failed)
            {
                // Not the exception as a whole: PostgreSQL's shows the row, and a row may name a person.
                Log.CommandFailed(log, batch[0].Command.GetType().Name, $"{e.InnerException!.GetType().Name}: {e.Message}\n{e.InnerException.StackTrace}");
            }

            batch[0].Complete(answer);
        }
    }

    /// <param name="trusting">True to decide on what is remembered, without asking.</param>
    /// <returns>False when what was remembered did not hold: the log had moved, or a key or name had been given. Nothing of the batch is there, and nobody was answered.</returns>
    /// <exception cref="BatchRolledBackException">The database or an invariant refused the batch; nothing of it is there.</exception>
    private async Task<bool> CommitAsync(IReadOnlyList<PendingCommand> batch, bool trusting)
    {
        var started = Stopwatch.GetTimestamp();
        BatchDecision decision;
        LoadedBatch loaded;
        try
        {
            connection ??= await OpenAsync();
            loaded = await BatchReader.LoadAsync(
                connection,
                batch.Select(p => p.Command).ToArray(),
                batch.Select(p => p.KeyDigest).ToArray(),
                batch.Where(p => p.ActingOrganization is not null).Select(p => p.ActingOrganization!.Value.Value).ToHashSet(),
                cache,
                trusting,
                CancellationToken.None);
        }
        catch (Exception e) when (e.IsDatabaseFault())
        {
            // Nothing was written yet, so nothing was done.
            Log.DatabaseUnavailable(log, e.Message);
            await DropConnectionAsync();
            Answer(batch, new CommandAnswer.Unavailable());
            return true;
        }
        catch (Exception e)
        {
            await RollBackAsync();
            throw new BatchRolledBackException(e);
        }

        try
        {
            decision = new BatchDecision(loaded, clock.GetCurrentInstant());
            foreach (var pending in batch)
            {
                decision.Decide(pending, isAlone: batch.Count == 1);
            }
        }
        catch (Exception e)
        {
            // An invariant broke in memory. The transaction has written nothing; the command that broke it is found by running each alone.
            await AbandonAsync(loaded);
            throw new BatchRolledBackException(e);
        }

        if (decision.Answers.Count == 0)
        {
            await AbandonAsync(loaded);
        }
        else if (!await WriteAsync(batch, loaded, decision))
        {
            return false;
        }

        // Before the answers: who has one may read its own write at once.
        head.Advance(loaded.HeadIndex + decision.Events.Count, decision.Events.Count > 0 ? decision.Now : loaded.HeadAt);
        foreach (var (pending, answer) in decision.Outcomes)
        {
            pending.Complete(answer);
        }

        decision.Deferred.ForEach(queue.Defer);
        meters.Batch(batch.Count, decision.Events.Count, Stopwatch.GetElapsedTime(started));
        return true;
    }

    /// <returns>False when what was remembered did not hold.</returns>
    private async Task<bool> WriteAsync(IReadOnlyList<PendingCommand> batch, LoadedBatch loaded, BatchDecision decision)
    {
        try
        {
            var bytes = await writer.WriteAndCommitAsync(connection!, loaded, decision, CancellationToken.None);
            tail.Append(decision.Events, bytes);
            cache.Take(
                loaded.HeadIndex + decision.Events.Count,
                decision.Events.Count > 0 ? decision.Now : loaded.HeadAt,
                loaded.Register,
                decision.StreamVersions);
        }
        catch (PostgresException e) when (e.SqlState[..2] is "22" or "23" || e.SqlState == BatchWriter.HeadMoved)
        {
            // A statement before the commit was refused, so the commit did not happen.
            cache.Forget(loaded.Register);
            await RollBackAsync();
            return loaded.IsRemembered ? false : throw new BatchRolledBackException(e);
        }
        catch (Exception e)
        {
            // The commit may or may not have happened. Never retried blind: a retry with the same key finds the truth.
            Log.OutcomeUnknown(log, batch.Count, e.Message);
            await DropConnectionAsync();
            Answer(batch, new CommandAnswer.OutcomeUnknown());
            decision.Outcomes.Clear();
            decision.Events.Clear();
            decision.Deferred.Clear();
        }

        return true;
    }

    /// <summary>Ends a batch that writes nothing.</summary>
    private async Task AbandonAsync(LoadedBatch loaded)
    {
        cache.Forget(loaded.Register);
        if (!loaded.IsRemembered)
        {
            await RollBackAsync();
        }
    }

    private static CommandAnswer AnswerOf(BatchRolledBackException e)
    {
        // The register's own guards come first; a constraint speaks only when two truths met that no single load could see.
        Refusal? refusal = (e.InnerException as PostgresException)?.ConstraintName switch
        {
            "coverage_once" => new Refusal.ParcelCoveredMeanwhile(),
            "claimed_once" => new Refusal.RetirementClaimedMeanwhile(),
            _ => null,
        };
        return refusal is null
            ? new CommandAnswer.Failed(e.Message)
            : new CommandAnswer.Decided(Problem.StatusOf(refusal), Problem.Body(refusal), 0, Replayed: false);
    }

    private static void Answer(IReadOnlyList<PendingCommand> batch, CommandAnswer answer)
    {
        foreach (var pending in batch)
        {
            pending.Complete(answer);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            return await database.Writer.OpenConnectionAsync(timeout.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException("No connection within 5 s.", e);
        }
    }

    private async Task RollBackAsync()
    {
        try
        {
            await using var command = new NpgsqlCommand("rollback", connection);
            await command.ExecuteNonQueryAsync();
        }
        catch (Exception e) when (e is InvalidOperationException || e.IsDatabaseFault())
        {
            await DropConnectionAsync();
        }
    }

    private async Task DropConnectionAsync()
    {
        if (connection is { } dropped)
        {
            connection = null;
            cache.Clear(); // whatever became of the last batch
            await dropped.DisposeAsync();
        }
    }

    private sealed class BatchRolledBackException(Exception reason) : Exception(ReasonOf(reason), reason)
    {
        /// <summary>The whole message of PostgreSQL's exception ends with the row's values.</summary>
        private static string ReasonOf(Exception reason) => reason is PostgresException e ? $"{e.SqlState}: {e.MessageText} ({e.ConstraintName})" : reason.Message;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A batch of {Count} was rolled back and is run one by one: {Reason}")]
        public static partial void BatchSplit(ILogger logger, int count, string reason);

        [LoggerMessage(2, LogLevel.Error, "The database could not be asked: {Reason}")]
        public static partial void DatabaseUnavailable(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Error, "The outcome of a batch of {Count} is unknown: {Reason}")]
        public static partial void OutcomeUnknown(ILogger logger, int count, string reason);

        [LoggerMessage(4, LogLevel.Error, "{Command} failed and was rolled back: {Reason}")]
        public static partial void CommandFailed(ILogger logger, string command, string reason);
    }
}
