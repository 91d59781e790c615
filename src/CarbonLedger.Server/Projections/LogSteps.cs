using CarbonLedger.Core.Log;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Projections;

/// <summary>Reads the log for one projection in steps, and the next step ahead while the last one is written.</summary>
/// <param name="tail">What this process wrote itself and need not read; null to read everything.</param>
public sealed class LogSteps(Projection projection, LedgerDatabase database, LogTail? tail = null)
{
    /// <summary>Events of one step: large enough to amortize its commit, few enough that they are gone before the collector moves them.</summary>
    public const int StepEventsMax = 5_000;

    private const string ReadAll = "select bytes from ledger.leaves where seq_id > $1 and seq_id <= $2 order by seq_id";

    private const string ReadSome =
        "select l.bytes from mt_events e join ledger.leaves l using (seq_id) where e.seq_id > $1 and e.seq_id <= $2 and e.type <> all($3) order by e.seq_id";

    private (long After, long UpTo, Task<List<RecordedEvent>> Events) ahead;

    /// <summary>The events after a position that the projection does not skip, and the position that this step reaches.</summary>
    public async Task<(List<RecordedEvent> Events, long Reached)> ReadAsync(long after, long end, CancellationToken stop)
    {
        var reached = Math.Min(end, after + StepEventsMax);
        // Taken out before it is awaited: one that failed must not be met again by whoever tries again.
        var begun = ahead;
        ahead = default;
        var events = await (begun.After == after && begun.UpTo == reached ? begun.Events : ReadStepAsync(after, reached, stop));

        // Far behind, the next step is read and decoded meanwhile. The log never changes, so what was read stays true.
        ahead = end - reached >= StepEventsMax
            ? (reached, reached + StepEventsMax, Task.Run(() => ReadStepAsync(reached, reached + StepEventsMax, stop), stop))
            : default;
        return (events, reached);
    }

    private async Task<List<RecordedEvent>> ReadStepAsync(long after, long upTo, CancellationToken stop)
    {
        var skipped = projection.SkippedTypes;
        if (tail?.TryRead(after, upTo, skipped, out var known) == true)
        {
            return known.ConvertAll(bytes => EventCodec.Decode(bytes));
        }

        var command = database.Readers.CreateCommand(skipped.Count == 0 ? ReadAll : ReadSome).With(after).With(upTo);
        if (skipped.Count > 0)
        {
            command.With<string[]>([.. skipped]);
        }

        return await command.ListAsync(row => EventCodec.Decode(row.GetFieldValue<byte[]>(0)), stop);
    }
}
