using CarbonLedger.Core.Log;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>A view that is made from the log alone. It may be emptied and made again at any time.</summary>
public abstract class Projection
{
    /// <summary>The name in <c>mt_event_progression</c>, as Marten writes it.</summary>
    public abstract string Name { get; }

    /// <summary>The tables it fills.</summary>
    public abstract IReadOnlyList<string> Tables { get; }

    /// <summary>Takes in events in log order, inside the transaction that moves the checkpoint.</summary>
    public abstract Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<RecordedEvent> events, CancellationToken stop);

    /// <summary>Forgets whatever it keeps in memory: another node has moved the checkpoint, or a transaction failed.</summary>
    public virtual void Forget()
    {
    }
}
