using System.Diagnostics.Metrics;

namespace CarbonLedger.Server.Telemetry;

/// <summary>What the ledger counts of itself.</summary>
public sealed class LedgerMeters : IDisposable
{
    /// <summary>The name under which the meters are published.</summary>
    public const string Name = "CarbonLedger";

    private readonly Meter meter = new(Name);
    private readonly Counter<long> batches;
    private readonly Counter<long> commands;
    private readonly Counter<long> events;
    private readonly Counter<double> batchSeconds;

    public LedgerMeters()
    {
        batches = meter.CreateCounter<long>("carbonledger_batches_total", description: "Batches answered: committed, with nothing to write, or with an unknown outcome.");
        commands = meter.CreateCounter<long>("carbonledger_commands_total", description: "Commands decided.");
        events = meter.CreateCounter<long>("carbonledger_events_total", description: "Events appended.");
        batchSeconds = meter.CreateCounter<double>("carbonledger_batch_seconds_total", unit: "s", description: "Time spent in batches, from load to commit.");
    }

    public void Batch(int commandCount, int eventCount, TimeSpan took)
    {
        batches.Add(1);
        commands.Add(commandCount);
        events.Add(eventCount);
        batchSeconds.Add(took.TotalSeconds);
    }

    public void Gauge(string name, string description, Func<long> read) => meter.CreateObservableGauge(name, read, description: description);

    public void Dispose() => meter.Dispose();
}
