using System.Data;
using Npgsql;

namespace CarbonLedger.Audit;

/// <summary>One connection and one read-only transaction for all that an audit reads: servers may go on writing, and none of it is seen by half.</summary>
public sealed class Snapshot : IAsyncDisposable
{
    // Before the first question, so that a rebuild puts no new tables in the place of these while they are read. No limit of time: the log may be long.
    private const string Begin =
        """
        set transaction read only;
        set local statement_timeout = 0;
        set local lock_timeout = 0;
        set local idle_in_transaction_session_timeout = 0;
        lock table mt_events, mt_streams, mt_event_progression, ledger.leaves, ledger.balances, ledger.voucher_totals, ledger.voucher_retirements, ledger.liens,
            ledger.account_freezes, ledger.loan_book, ledger.loan_book_collateral, ledger.reference_prices, ledger.margin_calls, ledger.venue_trades, ledger.trade_prices, ledger.things_by_party
            in access share mode
        """;

    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;

    private Snapshot(NpgsqlConnection connection, NpgsqlTransaction transaction) => (this.connection, this.transaction) = (connection, transaction);

    public static async Task<Snapshot> OpenAsync(NpgsqlDataSource database)
    {
        var connection = await database.OpenConnectionAsync();
        var snapshot = new Snapshot(connection, await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead));
        await using var begin = snapshot.Command(Begin);
        await begin.ExecuteNonQueryAsync();
        return snapshot;
    }

    /// <summary>The rows of one question at a time.</summary>
    public async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(string query, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(query);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            yield return reader;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private NpgsqlCommand Command(string text) => new(text, connection, transaction) { CommandTimeout = 0 };
}
