using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Log;

/// <summary>Notices what other nodes appended. Own commits advance the head at once; this asks a few times a second.</summary>
public sealed class HeadWatcher(LogReader log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    /// <summary>Before the server listens, so that its first answer knows the log's time.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stoppingToken).AsTask().ContinueWith(t => t.IsCompletedSuccessfully && t.Result, TaskScheduler.Default))
        {
            await LookAsync(stoppingToken);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        try
        {
            await log.RefreshHeadAsync(stop);
        }
        catch (Exception e) when (e is OperationCanceledException || e.IsDatabaseFault())
        {
            // The command path and the health check report a database that is away; the next tick asks again.
        }
    }
}
