namespace CarbonLedger.Server.Store;

/// <summary>The newest log position that this process knows of, and a way to wait for a newer one.</summary>
public sealed class LogHead
{
    private readonly Lock gate = new();
    private TaskCompletionSource advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long index;

    public long Index => Volatile.Read(ref index);

    public void Advance(long to)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
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
        Task wait;
        lock (gate)
        {
            if (index > position)
            {
                return;
            }

            wait = advanced.Task;
        }

        await wait.WaitAsync(atMost, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }
}
