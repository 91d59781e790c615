using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>Follows the log for one projection: from its checkpoint, in order, each step in one transaction.</summary>
/// <remarks>Several nodes may follow at once; the checkpoint row's lock lets one of them take each step.</remarks>
public sealed partial class ProjectionFollower(Projection projection, LedgerDatabase database, LogHead head, LogTail tail, ILogger<ProjectionFollower> log) : BackgroundService
{
    /// <summary>A rest between steps while nobody waits: under load, larger steps cost the writer less. A waiting reader ends it at once, and far behind there is none.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    private readonly LogSteps steps = new(projection, database, tail);
    private readonly LogHead position = new();
    private readonly SemaphoreSlim wanted = new(0, 1);
    private uint? keptWriter;

    /// <summary>The position this projection has reached, as far as this process knows.</summary>
    public long Position => position.Index;

    public Projection Projection { get; } = projection;

    /// <summary>
    /// The position to read at: the one asked for, else what the projection has reached. Waits for what the reader asked for, and
    /// otherwise for what this process has acknowledged, so that a client reads its own writes.
    /// </summary>
    /// <exception cref="BadInputException">The projection did not get there in time.</exception>
    public async Task<long> PositionAsync(ReadQuestion question)
    {
        await RequireAsync(question.UpTo ?? Math.Max(head.Index, question.AtLeast ?? 0));
        return question.UpTo ?? Position;
    }

    /// <summary>Waits for what this process has acknowledged: for commands that carry what the projection says.</summary>
    /// <exception cref="BadInputException">The projection did not get there in time.</exception>
    public Task CatchUpAsync() => RequireAsync(head.Index);

    /// <summary>Waits until the projection has reached a position; false when it did not in time.</summary>
    public async Task<bool> ReachesAsync(long wantedPosition, TimeSpan atMost, CancellationToken stop)
    {
        if (position.Index >= wantedPosition)
        {
            return true;
        }

        var started = TimeProvider.System.GetTimestamp();
        while (position.Index < wantedPosition && TimeProvider.System.GetElapsedTime(started) < atMost)
        {
            if (wanted.CurrentCount == 0)
            {
                try
                {
                    wanted.Release();
                }
                catch (SemaphoreFullException)
                {
                    // Another reader asked in the same moment; one call is enough.
                }
            }

            await position.WaitPastAsync(position.Index, TimeSpan.FromMilliseconds(100), stop);
        }

        return position.Index >= wantedPosition;
    }

    private async Task RequireAsync(long wantedPosition)
    {
        if (!await ReachesAsync(wantedPosition, ReadEndpoint.WaitMax, CancellationToken.None))
        {
            throw new BadInputException(EdgeProblem.NotYetProjected, $"The answer needs log position {wantedPosition}; the projection is at {Position} and catching up. Ask again, a command with the same key.");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        NpgsqlConnection? connection = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                connection ??= await database.Writer.OpenConnectionAsync(stoppingToken);
                var behind = await StepAsync(connection, stoppingToken) is { } step ? step.End - step.Reached : 0;
                if (behind < LogSteps.StepEventsMax)
                {
                    await wanted.WaitAsync(Rest, stoppingToken);
                }

                if (behind <= 0)
                {
                    await head.WaitPastAsync(position.Index, Rest, stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The checkpoint has not moved, so nothing is lost: begin again from it.
                Log.StepFailed(log, Projection.Name, e.Message);
                Projection.Forget();
                keptWriter = null;
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                    connection = null;
                }

                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    /// <returns>How far the projection is and where the log ends; null when another node is taking a step.</returns>
    private async Task<(long Reached, long End)?> StepAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using (var begin = new NpgsqlCommand("insert into mt_event_progression (name, last_seq_id) values ($1, 0) on conflict do nothing", connection))
        {
            begin.With(Projection.Name);
            await begin.ExecuteNonQueryAsync(stop);
        }

        long from, end;
        Instant at;
        uint writer;
        await using (var read = new NpgsqlCommand(
            "select p.last_seq_id, (select log_index from ledger.head), p.xmin, (select at from ledger.head) from mt_event_progression p where p.name = $1 for update skip locked", connection))
        {
            read.With(Projection.Name);
            await using var reader = await read.ExecuteReaderAsync(stop);
            if (!await reader.ReadAsync(stop))
            {
                return null;
            }

            (from, end, writer, at) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<uint>(2), reader.InstantAt(3));
        }

        head.Advance(end, at);
        // Not its position: a rebuild may end where this process stands, and what is in memory belongs to the tables that it replaced.
        if (writer != keptWriter)
        {
            Projection.Forget();
            keptWriter = writer;
        }

        if (from >= end)
        {
            position.Advance(from, at);
            return (from, end);
        }

        var (events, reached) = await steps.ReadAsync(from, end, stop);
        await Projection.ApplyAsync(connection, events, stop);
        await using (var move = new NpgsqlCommand("update mt_event_progression set last_seq_id = $2, last_updated = now() where name = $1 returning xmin", connection))
        {
            move.With(Projection.Name).With(reached);
            writer = (uint)(await move.ExecuteScalarAsync(stop))!;
        }

        await transaction.CommitAsync(stop);
        keptWriter = writer;
        position.Advance(reached, at);
        return (reached, end);
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Error, "Projection {Name} could not take a step: {Reason}")]
        public static partial void StepFailed(ILogger logger, string name, string reason);
    }
}
