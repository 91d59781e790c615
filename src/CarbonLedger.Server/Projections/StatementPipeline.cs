using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>Runs statements in order, many to a round trip; what comes later sees what came before.</summary>
internal sealed class StatementPipeline(NpgsqlConnection connection) : IAsyncDisposable
{
    /// <summary>Enough to make the round trip small beside the work.</summary>
    private const int StatementsPerRoundTripMax = 500;

    private readonly NpgsqlBatch batch = new(connection);

    /// <param name="values">Values in the order of their numbers; a parameter where the type does not follow from the value.</param>
    public static NpgsqlBatchCommand Statement(string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }

    public async Task AddAsync(NpgsqlBatchCommand statement, CancellationToken stop)
    {
        batch.BatchCommands.Add(statement);
        if (batch.BatchCommands.Count == StatementsPerRoundTripMax)
        {
            await FlushAsync(stop);
        }
    }

    /// <summary>Runs what is left. Statements that were added and not flushed are never run.</summary>
    public async Task FlushAsync(CancellationToken stop)
    {
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(stop);
            batch.BatchCommands.Clear();
        }
    }

    public ValueTask DisposeAsync() => batch.DisposeAsync();
}
