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

        foreach (var table in projection.LateKeys)
        {
            await AddKeysAsync(connection, table, stop);
        }

        await FinishAsync(connection, steps, reached, progress, stop);
    }

    /// <summary>Empty tables like the live ones. The search path puts them first, so the projection's statements find them.</summary>
    private async Task PrepareAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await ExecuteAsync(
            connection,
            $"drop schema if exists {Schema} cascade; create schema {Schema}; "
                + string.Concat(projection.Tables.Select(t => $"create table {Schema}.{t} (like ledger.{t} including all excluding indexes); "))
                + $"set search_path = public, {Schema}, ledger; set synchronous_commit = off", // what a crash takes of a rebuild is begun again anyway
            stop);
        foreach (var table in projection.Tables.Except(projection.LateKeys))
        {
            await AddKeysAsync(connection, table, stop);
        }
    }

    private async Task<long> StepAsync(NpgsqlConnection connection, LogSteps steps, long after, long end, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop);
        var (events, reached) = await steps.ReadAsync(after, end, stop);
        await projection.ApplyAsync(connection, events, stop);
        await transaction.CommitAsync(stop);
        return reached;
    }

    /// <summary>Keys and indexes with the names of the live table's, which <c>like</c> would not keep: migrations and errors go by them.</summary>
    /// <remarks>Building one over finished rows is one sort; keeping it while they come is a random write for each.</remarks>
    private static async Task AddKeysAsync(NpgsqlConnection connection, string table, CancellationToken stop)
    {
        var keys = await TellAsync(
            connection,
            $"""
            select format('alter table {Schema}.{table} add constraint %I %s; ', conname, pg_get_constraintdef(oid))
            from pg_constraint where conrelid = 'ledger.{table}'::regclass and contype in ('p', 'u', 'x')
            union all
            select replace(pg_get_indexdef(indexrelid), ' ON ledger.', ' ON {Schema}.') || '; '
            from pg_index where indrelid = 'ledger.{table}'::regclass and not exists (select from pg_constraint where conindid = indexrelid and conrelid = indrelid)
            """,
            stop);
        await ExecuteAsync(connection, $"set maintenance_work_mem = '256MB'; {keys}", stop);
    }

    /// <summary>The owner of the live tables, and who may read them: whoever rebuilds need not be who serves.</summary>
    private async Task GrantAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        foreach (var table in projection.Tables)
        {
            var grants = await TellAsync(
                connection,
                $"""
                select format('alter table {Schema}.{table} owner to %s; ', relowner::regrole) from pg_class where oid = 'ledger.{table}'::regclass
                union all
                select format('grant %s on {Schema}.{table} to %s%s; ', concat_ws(' ', g.privilege_type, '(' || quote_ident(g.attname) || ')'),
                              case g.grantee when 0 then 'public' else g.grantee::regrole::text end, case when g.is_grantable then ' with grant option' end)
                from (
                    select null as attname, a.* from pg_class, aclexplode(relacl) a where oid = 'ledger.{table}'::regclass
                    union all
                    select attname, a.* from pg_attribute, aclexplode(attacl) a where attrelid = 'ledger.{table}'::regclass and not attisdropped) g
                """,
                stop);
            await ExecuteAsync(connection, grants, stop);
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

        await GrantAsync(connection, stop);
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

    /// <summary>The statements that a question to the catalog answers with, one after the other.</summary>
    private static async Task<string> TellAsync(NpgsqlConnection connection, string question, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand($"select string_agg(statement, '') from ({question}) as told(statement)", connection);
        return (string)(await command.ExecuteScalarAsync(stop))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(stop);
    }
}
