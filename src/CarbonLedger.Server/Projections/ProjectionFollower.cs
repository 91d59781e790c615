using CarbonLedger.Core.Log;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>Follows the log for one projection: from its checkpoint, in order, each step in one transaction.</summary>
/// <remarks>Several nodes may follow at once; the checkpoint row's lock lets one of them take each step.</remarks>
public sealed partial class ProjectionFollower(Projection projection, LedgerDatabase database, LogHead head, ILogger<ProjectionFollower> log) : BackgroundService
{
    /// <summary>Events of one step: large enough to amortize its commit, small enough for a few megabytes.</summary>
    private const int StepEventsMax = 20_000;

    /// <summary>A rest between steps while nobody waits: under load, larger steps cost the writer less. A waiting reader ends it at once.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    private const string ReadAll = "select bytes from ledger.leaves where seq_id > $1 and seq_id <= $2 order by seq_id";

    private const string ReadSome =
        "select l.bytes from mt_events e join ledger.leaves l using (seq_id) where e.seq_id > $1 and e.seq_id <= $2 and e.type <> all($3) order by e.seq_id";

    private readonly LogHead position = new();
    private readonly SemaphoreSlim wanted = new(0, 1);
    private long keptPosition = -1;
    private (long After, long UpTo, Task<List<RecordedEvent>> Events) ahead;

    /// <summary>The position this projection has reached, as far as this process knows.</summary>
    public long Position => position.Index;

    public Projection Projection { get; } = projection;

    /// <summary>Waits until the projection has reached a position; false when it did not in time.</summary>
    public async Task<bool> ReachesAsync(long wantedPosition, TimeSpan atMost, CancellationToken stop)
    {
        if (position.Index >= wantedPosition)
        {
            return true;
        }

        var until = TimeProvider.System.GetTimestamp();
        while (position.Index < wantedPosition && TimeProvider.System.GetElapsedTime(until) < atMost)
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

    /// <summary>Empties the projection and makes it again from the first event, telling how far it is.</summary>
    public async Task RebuildAsync(IProgress<(long Done, long Total)> progress, CancellationToken stop)
    {
        await using var connection = await database.Writer.OpenConnectionAsync(stop);
        await using (var transaction = await connection.BeginTransactionAsync(stop))
        {
            await using var reset = new NpgsqlCommand(
                $"insert into mt_event_progression (name, last_seq_id) values ($1, 0) on conflict (name) do update set last_seq_id = 0, last_updated = now(); truncate {string.Join(", ", Projection.Tables)}"
                    .Replace("$1", $"'{Projection.Name}'", StringComparison.Ordinal),
                connection);
            await reset.ExecuteNonQueryAsync(stop);
            await transaction.CommitAsync(stop);
        }

        Projection.Forget();
        keptPosition = 0;
        while (true)
        {
            if (await StepAsync(connection, stop) is not { } step)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), stop); // another node takes this step; it does the same work
                continue;
            }

            progress.Report((step.Reached, step.End));
            if (step.Reached >= step.End)
            {
                return;
            }
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
                var step = await StepAsync(connection, stoppingToken);
                if (step is not { } s || s.Reached >= s.End)
                {
                    await wanted.WaitAsync(Rest, stoppingToken);
                    await head.WaitPastAsync(position.Index, Rest, stoppingToken);
                }
                else
                {
                    await wanted.WaitAsync(Rest, stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The checkpoint has not moved, so nothing is lost: begin again from it.
                Log.StepFailed(log, Projection.Name, e.Message);
                Projection.Forget();
                keptPosition = -1;
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
            begin.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Projection.Name });
            await begin.ExecuteNonQueryAsync(stop);
        }

        long from, end;
        await using (var read = new NpgsqlCommand(
            "select p.last_seq_id, (select log_index from ledger.head) from mt_event_progression p where p.name = $1 for update skip locked", connection))
        {
            read.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Projection.Name });
            await using var reader = await read.ExecuteReaderAsync(stop);
            if (!await reader.ReadAsync(stop))
            {
                return null;
            }

            (from, end) = (reader.GetInt64(0), reader.GetInt64(1));
        }

        head.Advance(end);
        if (from != keptPosition)
        {
            Projection.Forget();
            keptPosition = from;
        }

        if (from >= end)
        {
            position.Advance(from);
            return (from, end);
        }

        var reached = Math.Min(end, from + StepEventsMax);
        var events = await (ahead.After == from && ahead.UpTo == reached ? ahead.Events : ReadAsync(connection, from, reached, stop));
        ReadAhead(reached, end, stop);
        await Projection.ApplyAsync(connection, events, stop);
        await using (var move = new NpgsqlCommand("update mt_event_progression set last_seq_id = $2, last_updated = now() where name = $1", connection))
        {
            move.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Projection.Name });
            move.Parameters.Add(new NpgsqlParameter<long> { TypedValue = reached });
            await move.ExecuteNonQueryAsync(stop);
        }

        await transaction.CommitAsync(stop);
        keptPosition = reached;
        position.Advance(reached);
        return (reached, end);
    }

    /// <summary>Far behind, the next step's events are read and decoded while this step's are written. The log never changes, so they stay true.</summary>
    private void ReadAhead(long after, long end, CancellationToken stop)
    {
        ahead = default;
        if (end - after >= StepEventsMax)
        {
            var upTo = after + StepEventsMax;
            ahead = (after, upTo, Task.Run(
                async () =>
                {
                    await using var connection = await database.Readers.OpenConnectionAsync(stop);
                    return await ReadAsync(connection, after, upTo, stop);
                },
                stop));
        }
    }

    private async Task<List<RecordedEvent>> ReadAsync(NpgsqlConnection connection, long after, long upTo, CancellationToken stop)
    {
        var events = new List<RecordedEvent>();
        var skipped = Projection.SkippedTypes;
        await using var command = new NpgsqlCommand(skipped.Count == 0 ? ReadAll : ReadSome, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upTo });
        if (skipped.Count > 0)
        {
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. skipped] });
        }

        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            events.Add(EventCodec.Decode(reader.GetFieldValue<byte[]>(0)));
        }

        return events;
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Error, "Projection {Name} could not take a step: {Reason}")]
        public static partial void StepFailed(ILogger logger, string name, string reason);
    }
}
