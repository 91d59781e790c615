using System.Diagnostics.CodeAnalysis;
using CarbonLedger.Core.Log;

namespace CarbonLedger.Server.Store;

/// <summary>The newest events that this process has committed, without a gap: what follows the log need not read and decode what was just written here.</summary>
/// <remarks>Only a shortcut. What it has not, or what another node wrote, stands in the log.</remarks>
public sealed class LogTail
{
    /// <summary>A second of work or so; followers rest a fifth of that between their steps.</summary>
    private const int EventsMax = 8_192;

    private readonly Lock gate = new();
    private readonly Queue<IReadOnlyList<RecordedEvent>> batches = [];
    private long last;
    private int count;

    /// <summary>Adds what a batch has committed.</summary>
    public void Append(IReadOnlyList<RecordedEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        lock (gate)
        {
            if (events[0].LogIndex != last + 1)
            {
                batches.Clear();
                count = 0;
            }

            batches.Enqueue(events);
            (last, count) = (events[^1].LogIndex, count + events.Count);
            while (count > EventsMax && batches.Count > 1)
            {
                count -= batches.Dequeue().Count;
            }
        }
    }

    /// <summary>The events after a position up to another one, if all of them are here.</summary>
    public bool TryRead(long after, long upTo, [NotNullWhen(true)] out List<RecordedEvent>? events)
    {
        lock (gate)
        {
            events = after >= last - count && upTo <= last ? new List<RecordedEvent>((int)(upTo - after)) : null;
            foreach (var batch in events is null ? [] : batches)
            {
                if (batch[^1].LogIndex > after && batch[0].LogIndex <= upTo)
                {
                    events!.AddRange(batch.Where(e => e.LogIndex > after && e.LogIndex <= upTo));
                }
            }

            return events is not null;
        }
    }
}
