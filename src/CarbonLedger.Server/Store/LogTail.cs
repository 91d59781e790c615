using System.Diagnostics.CodeAnalysis;
using CarbonLedger.Core.Log;

namespace CarbonLedger.Server.Store;

/// <summary>The bytes of the newest events that this process has committed, without a gap: what follows the log need not ask for what was just written here.</summary>
/// <remarks>
/// Only a shortcut. What it has not, or what another node wrote, stands in the log. The bytes are copied into one array that is there for good: objects that live
/// until the next step of a projection would all be moved by the collector, while commands wait.
/// </remarks>
public sealed class LogTail
{
    /// <summary>A second of work or so; followers rest a fifth of that between their steps.</summary>
    public const int EventsMax = 8_192;

    /// <summary>The bytes of as many events of common size.</summary>
    public const int BytesMax = 4 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly byte[] ring = GC.AllocateUninitializedArray<byte>(BytesMax, pinned: true);
    private readonly (string Type, int Start, int Length)[] entries = new (string, int, int)[EventsMax];
    private long last;
    private int count;
    private int end;

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
                Append(EventCodec.TypeOf(events[i].Fact), bytes[i]);
            }
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
                var (type, start, length) = entries[index % EventsMax];
                if (!skippedTypes.Contains(type))
                {
                    events.Add(ring.AsSpan(start, length).ToArray());
                }
            }

            return true;
        }
    }

    private void Append(string type, byte[] bytes)
    {
        last++;
        if (bytes.Length > BytesMax)
        {
            count = 0;
            return;
        }

        // What does not fit before the ring's end stands at its beginning. The oldest give way, also those whose bytes are written over.
        var start = end + bytes.Length <= BytesMax ? end : 0;
        while (count > 0 && (count == EventsMax || IsWrittenOver(entries[(last - count) % EventsMax].Start, start, start + bytes.Length)))
        {
            count--;
        }

        end = start + bytes.Length;
        bytes.CopyTo(ring, start);
        entries[last % EventsMax] = (type, start, bytes.Length);
        count++;
    }

    /// <summary>Whether the oldest entry stands between the end of the last one and the end of the new one, round the ring.</summary>
    private bool IsWrittenOver(int oldest, int start, int newEnd) =>
        start == end ? oldest >= start && oldest < newEnd : oldest >= end || oldest < newEnd;
}
