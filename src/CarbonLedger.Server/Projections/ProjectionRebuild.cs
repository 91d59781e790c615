using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>Makes a projection again from the first event, in tables of its own, and puts them in the place of the old ones at the end.</summary>
/// <remarks>Readers and followers go on with the old tables until then; a rebuild that is cut off leaves them as they are.</remarks>
public sealed class ProjectionRebuild(Projection projection, LedgerDatabase database)
{
    private const string Schema = "ledger_rebuild";

    /// <summary>One rebuild at a time in a database.</summary>
    private const long AdvisoryLock = 0x434C_5245_4255;

    public async Task RunAsync(IProgress<(long Done, long Total)> progress, CancellationToken stop)
    {
        await using var connection = await database.Writer.OpenConnectionAsync(stop);
        await ExecuteAsync(connection, $"set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = 0; select pg_advisory_lock({AdvisoryLock})", stop);
        await PrepareAsync(connection, stop);
        projection.BeginRebuild();
        var steps = new LogSteps(projection, database);
        var reached = 0L;
        for (var end = await HeadAsync(connection, stop); end - reached > LogSteps.StepEventsMax; end = await HeadAsync(connection, stop))
        {
            reached = await StepAsync(connection, steps, reached, end, stop);
            progress.Report((reached, end));
        }

        await AddKeysAsync(connection, stop);
        await FinishAsync(connection, steps, reached, progress, stop);
    }

    /// <summary>Empty tables like the live ones. The search path puts them first, so the projection's statements find them.</summary>
    private async Task PrepareAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await ExecuteAsync(
            connection,
            $"drop schema if exists {Schema} cascade; create schema {Schema}; "
                + string.Concat(projection.Tables.Select(t => $"create table {Schema}.{t} (like ledger.{t} {(projection.LateKeys.Contains(t) ? "including defaults including constraints" : "including all")}); "))
                + $"set search_path = public, {Schema}, ledger; set synchronous_commit = off", // what a crash takes of a rebuild is begun again anyway
            stop);
    }

    private async Task<long> StepAsync(NpgsqlConnection connection, LogSteps steps, long after, long end, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop);
        var (events, reached) = await steps.ReadAsync(after, end, stop);
        await projection.ApplyAsync(connection, events, stop);
        await transaction.CommitAsync(stop);
        return reached;
    }

    /// <summary>Building a key over finished rows is one sort; keeping it while they come is a random write for each.</summary>
    private async Task AddKeysAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        foreach (var table in projection.LateKeys)
        {
            await using var read = new NpgsqlCommand(
                $"select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where conrelid = 'ledger.{table}'::regclass and contype = 'p'", connection);
            var key = (string)(await read.ExecuteScalarAsync(stop))!;
            await ExecuteAsync(connection, $"set maintenance_work_mem = '256MB'; alter table {Schema}.{table} add constraint {key}", stop);
        }
    }

    /// <summary>The last events and the change of tables, in one transaction that keeps followers away.</summary>
    private async Task FinishAsync(NpgsqlConnection connection, LogSteps steps, long reached, IProgress<(long Done, long Total)> progress, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await ExecuteAsync(
            connection,
            $"set local synchronous_commit = on; insert into mt_event_progression (name, last_seq_id) values ('{projection.Name}', 0) on conflict do nothing; select from mt_event_progression where name = '{projection.Name}' for update",
            stop);
        var end = await HeadAsync(connection, stop);
        while (reached < end)
        {
            (var events, reached) = await steps.ReadAsync(reached, end, stop);
            await projection.ApplyAsync(connection, events, stop);
        }

        await ExecuteAsync(
            connection,
            string.Concat(projection.Tables.Select(t => $"drop table ledger.{t}; alter table {Schema}.{t} set schema ledger; "))
                + $"drop schema {Schema}; update mt_event_progression set last_seq_id = {reached}, last_updated = now() where name = '{projection.Name}'",
            stop);
        await transaction.CommitAsync(stop);
        projection.Forget();
        progress.Report((reached, end));
    }

    private static async Task<long> HeadAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("select log_index from ledger.head", connection);
        return (long)(await command.ExecuteScalarAsync(stop))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(stop);
    }
}
