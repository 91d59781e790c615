using System.Diagnostics.CodeAnalysis;
using CarbonLedger.Core.Log;

namespace CarbonLedger.Server.Store;

/// <summary>The bytes of the newest events that this process has committed, without a gap: what follows the log need not ask for what was just written here.</summary>
/// <remarks>
/// Only a shortcut. What it has not, or what another node wrote, stands in the log. Bytes and not events: whatever lives until the next step of a projection is
/// moved by the collector, and one array is moved sooner than a dozen objects.
/// </remarks>
public sealed class LogTail
{
    /// <summary>A second of work or so; followers rest a fifth of that between their steps.</summary>
    public const int EventsMax = 8_192;

    private readonly Lock gate = new();
    private readonly (string Type, byte[] Bytes)[] ring = new (string, byte[])[EventsMax];
    private long last;
    private int count;

    /// <summary>Adds what a batch has committed.</summary>
    public void Append(IReadOnlyList<RecordedEvent> events, byte[][] bytes)
    {
        lock (gate)
        {
            if (events.Count > 0 && events[0].LogIndex != last + 1)
            {
                (last, count) = (events[0].LogIndex - 1, 0);
            }

            for (var i = 0; i < events.Count; i++)
            {
                ring[++last % EventsMax] = (EventCodec.TypeOf(events[i].Fact), bytes[i]);
            }

            count = Math.Min(count + events.Count, EventsMax);
        }
    }

    /// <summary>The events after a position up to another one that are not of these types, if all are here.</summary>
    public bool TryRead(long after, long upTo, IReadOnlyList<string> skippedTypes, [NotNullWhen(true)] out List<byte[]>? events)
    {
        lock (gate)
        {
            if (after < last - count || upTo > last)
            {
                events = null;
                return false;
            }

            events = [];
            for (var index = after + 1; index <= upTo; index++)
            {
                var (type, bytes) = ring[index % EventsMax];
                if (!skippedTypes.Contains(type))
                {
                    events.Add(bytes);
                }
            }

            return true;
        }
    }
}
