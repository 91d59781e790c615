using System.Diagnostics;

namespace CarbonLedger.Server.Store;

/// <summary>The newest log position that this process knows of and the log's time, and a way to wait for a newer position.</summary>
public sealed class LogHead
{
    private readonly Lock gate = new();
    private TaskCompletionSource advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long index;
    private Instant at;

    public long Index => Volatile.Read(ref index);

    /// <summary>The time before which no further event will lie.</summary>
    public Instant At
    {
        get
        {
            lock (gate)
            {
                return at;
            }
        }
    }

    /// <summary>The time moves without the position too: a question about a past instant closes that instant.</summary>
    public void Advance(long to, Instant time)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            at = Instant.Max(at, time);
            if (to <= index)
            {
                return;
            }

            index = to;
            signal = advanced;
            advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signal.SetResult();
    }

    /// <summary>Completes when the position is passed, or after the time.</summary>
    public async Task WaitPastAsync(long position, TimeSpan atMost, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (index > position)
                {
                    return;
                }

                wait = advanced.Task; // any advance; it may not come as far
            }

            var left = atMost - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await wait.WaitAsync(left, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
        }
    }
}
