using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Npgsql;

namespace CarbonLedger.Server.Tests.Store;

/// <summary>Migrations come in order, each once, and take as long as they take.</summary>
[Collection("postgres")]
public sealed class MigratorSpec(PostgresFixture postgres)
{
    [Fact]
    public async Task A_database_that_lacks_a_migration_in_the_middle_is_left_alone()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connectionString);
        var told = new List<string>();
        Assert.Null(await Migrator.MigrateAsync(database, told.Add, CancellationToken.None));
        Assert.Contains("Applied migration 0001_ledger.", told);

        await Sql.RunAsync(connectionString, "delete from ledger.migrations where number in (50, (select max(number) from ledger.migrations))");
        told.Clear();
        Assert.Contains("Migration 0050_signing_keys was never applied to this database", await Migrator.MigrateAsync(database, told.Add, CancellationToken.None));
        Assert.Empty(told);
        Assert.Equal("0", await Sql.AskAsync(connectionString, "select count(*)::text from ledger.migrations where number = 50"));
    }

    [Fact]
    public async Task A_migration_has_neither_the_limits_nor_the_plans_of_the_writer_and_waits_for_another_servers()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await Sql.RunAsync(
            connectionString,
            """
            create schema ledger; create table ledger.settings_met (met text);
            create table ledger.migrations (number int not null primary key, name text not null, applied_at timestamptz not null default now());
            create function ledger.note_settings() returns trigger language plpgsql as $$ begin
                insert into ledger.settings_met select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where source <> 'default' and (name like '%timeout' or name like 'enable%');
                return new;
            end $$;
            create trigger note_settings before insert on ledger.migrations for each row execute function ledger.note_settings();
            """);
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            CommandTimeout = 1,
            Options = "-c lock_timeout=1s -c statement_timeout=1s -c idle_in_transaction_session_timeout=1s -c enable_seqscan=off -c enable_hashjoin=off",
        }.ConnectionString);
        await using var other = new NpgsqlConnection(connectionString + ";Pooling=false");
        await other.OpenAsync();
        await using var hold = new NpgsqlCommand("select pg_advisory_lock(x'434C4D494752'::bigint)", other); // what another server's migration holds
        await hold.ExecuteNonQueryAsync();

        var migrating = Migrator.MigrateAsync(database, _ => { }, CancellationToken.None);
        await Task.WhenAny(migrating, Task.Delay(TimeSpan.FromSeconds(4)));
        Assert.False(migrating.IsCompleted, $"{migrating.Exception?.GetBaseException().Message}");
        await other.CloseAsync();
        Assert.Null(await migrating);

        var met = await Sql.AskAsync(connectionString, "select string_agg(distinct met, '; ') from ledger.settings_met");
        Assert.Matches("enable_hashjoin=on .*enable_seqscan=on .*idle_in_transaction_session_timeout=0 .*lock_timeout=0 .*statement_timeout=0", met);
        Assert.DoesNotContain("off", met);
    }
}
