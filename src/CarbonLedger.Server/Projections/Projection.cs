using CarbonLedger.Core.Log;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>A view that is made from the log alone. It may be emptied and made again at any time.</summary>
public abstract class Projection
{
    /// <summary>The name in <c>mt_event_progression</c>, as Marten writes it.</summary>
    public abstract string Name { get; }

    /// <summary>The tables it fills, without a schema: a rebuild fills others of the same names, by way of the search path.</summary>
    public abstract IReadOnlyList<string> Tables { get; }

    /// <summary>Tables of which a rebuild keeps everything it looks up in memory, so that they need their keys only at the end.</summary>
    public virtual IReadOnlyList<string> LateKeys => [];

    /// <summary>Event types that change nothing here and are not even read. What is not named is read, so a new type is never missed.</summary>
    public virtual IReadOnlyList<string> SkippedTypes => [];

    /// <summary>Takes in events in log order, inside the transaction that moves the checkpoint.</summary>
    public abstract Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<RecordedEvent> events, CancellationToken stop);

    /// <summary>Forgets whatever it keeps in memory: another node or a rebuild has written the checkpoint, or a transaction failed.</summary>
    public virtual void Forget()
    {
    }

    /// <summary>Begins from nothing: what is not in memory is not in the tables either.</summary>
    public virtual void BeginRebuild() => Forget();
}
