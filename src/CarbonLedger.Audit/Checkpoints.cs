namespace CarbonLedger.Audit;

/// <summary>How far each projection says that it is. One that is behind the log is compared up to there, where the log itself says what its rows must be.</summary>
public sealed class Checkpoints
{
    public const string Balances = "BalanceBook:All";
    public const string Loans = "LoanBook:All";

    private readonly Dictionary<string, long> reached = new() { [Balances] = 0, [Loans] = 0 };

    public static async Task<Checkpoints> ReadAsync(Snapshot snapshot)
    {
        var checkpoints = new Checkpoints();
        await foreach (var row in snapshot.RowsAsync("select name, coalesce(last_seq_id, 0) from mt_event_progression"))
        {
            checkpoints.reached[row.GetString(0)] = row.GetInt64(1);
        }

        return checkpoints;
    }

    /// <summary>True when rows of the projection follow from the event at this position; always, where commands themselves write the rows.</summary>
    public bool Has(string? projection, long position) => projection is null || position <= reached[projection];

    /// <summary>Says which projections are behind the log, and finds those that claim to be where no event is.</summary>
    public void Compare(long events, Findings findings)
    {
        foreach (var (name, at) in reached.Where(p => p.Value != events))
        {
            if (at < 0 || at > events)
            {
                findings.Add($"Projection {name} says that it is at {at}, and the log has {events} events.");
            }
            else
            {
                findings.Note($"Projection {name} is at {at} of {events}; it is compared up to there.");
            }
        }
    }
}
