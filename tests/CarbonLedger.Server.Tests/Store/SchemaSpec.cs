using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.Api;
using Npgsql;

namespace CarbonLedger.Server.Tests.Store;

/// <summary>The tables have Marten's shape, and refuse misuse by whoever comes with SQL.</summary>
public sealed class SchemaSpec(ServerFixture fixture, PostgresFixture postgres) : ApiSpec(fixture)
{
    [Fact]
    public async Task The_tables_of_events_have_Martens_columns() => Assert.Equal(
        """
        mt_event_progression.name character varying not null
        mt_event_progression.last_seq_id bigint
        mt_event_progression.last_updated timestamp with time zone default transaction_timestamp()
        mt_events.seq_id bigint not null
        mt_events.id uuid not null
        mt_events.stream_id uuid
        mt_events.version bigint not null
        mt_events.data jsonb not null
        mt_events.bdata bytea
        mt_events.type character varying(500) not null
        mt_events.timestamp timestamp with time zone not null
        mt_events.tenant_id character varying default '*DEFAULT*'::character varying
        mt_events.mt_dotnet_type character varying
        mt_events.is_archived boolean default false
        mt_streams.id uuid not null
        mt_streams.type character varying
        mt_streams.version bigint
        mt_streams.timestamp timestamp with time zone not null default now()
        mt_streams.created timestamp with time zone not null default now()
        mt_streams.tenant_id character varying default '*DEFAULT*'::character varying
        mt_streams.is_archived boolean default false
        """,
        await AskSqlAsync(
            """
            select string_agg(format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                       case when a.attnotnull then ' not null' else '' end,
                       coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')), E'\n' order by c.relname, a.attnum)
            from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            where c.relkind = 'r' and c.relname like 'mt\_%' and c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
            """));

    [Fact]
    public async Task No_index_of_states_stands_in_the_way_of_updating_a_row_in_place() => Assert.Equal(
        "",
        await AskSqlAsync(
            """
            select coalesce(string_agg(i.indexrelid::regclass::text, ', '), '') from pg_index i
            where i.indrelid = 'ledger.states'::regclass and (i.indexprs is not null or pg_get_indexdef(i.indexrelid) ~ '\mstate\M')
            """));

    /// <summary>With the plans of a projection: what lies on a voucher, and what ends there.</summary>
    [Theory]
    [InlineData("select first_serial from ledger.liens where voucher_id = any('{00000000-0000-7000-8000-000000000000}') and until_index is null order by since_index")]
    [InlineData("update ledger.liens set until_index = 3 where voucher_id = '00000000-0000-7000-8000-000000000000' and lock_id = md5('10000')::uuid and until_index is null")]
    public async Task Locks_that_are_gone_are_not_read_to_find_those_that_lie(string statement)
    {
        await SqlAsync($"delete from ledger.liens where voucher_id = '{Nobody}'");
        await SqlAsync($"insert into ledger.liens select '{Nobody}', md5(n::text)::uuid, 1, 2, 'ranked', null, '{Nobody}', 1, 1, nullif(2 - n / 10000, 1) from generate_series(1, 10000) n");
        await SqlAsync("analyze ledger.liens");
        await using var connection = await Fixture.Server.Database.Writer.OpenConnectionAsync();
        await using var explain = new NpgsqlCommand($"explain (analyze, timing off, format json) {statement}", connection);
        var plan = (string)(await explain.ExecuteScalarAsync())!;
        Assert.DoesNotMatch("Rows Removed by Filter\": [1-9]", plan);
        Assert.Matches("liens_open|liens_key", plan);
    }

    [Fact]
    public async Task The_tables_of_events_have_Martens_keys_and_indexes_and_no_other()
    {
        Assert.Equal(
            """
            mt_event_progression pk_mt_event_progression PRIMARY KEY (name)
            mt_events fkey_mt_events_stream_id FOREIGN KEY (stream_id) REFERENCES mt_streams(id) ON DELETE CASCADE
            mt_events pkey_mt_events_seq_id PRIMARY KEY (seq_id)
            mt_streams pkey_mt_streams_id PRIMARY KEY (id)
            """,
            await AskSqlAsync("select string_agg(format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)), E'\n' order by conrelid::regclass::text, conname) from pg_constraint where conrelid::regclass::text like 'mt\\_%' and contype <> 'n'"));
        Assert.Equal(
            """
            CREATE UNIQUE INDEX pk_mt_event_progression ON public.mt_event_progression USING btree (name)
            CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON public.mt_events USING btree (stream_id, version)
            CREATE UNIQUE INDEX pkey_mt_events_seq_id ON public.mt_events USING btree (seq_id)
            CREATE UNIQUE INDEX pkey_mt_streams_id ON public.mt_streams USING btree (id)
            """,
            await AskSqlAsync("select string_agg(indexdef, E'\n' order by indexname) from pg_indexes where tablename like 'mt\\_%'"));
    }

    [Fact]
    public async Task A_committed_event_stands_as_Marten_would_have_it()
    {
        var v = await Api.VoucherAsync();
        await Crash.Load.CatchUpAsync(Api);
        Assert.Equal((await Api.HeadAsync()).ToString(), await AskSqlAsync("select last_value::text from mt_events_sequence"));
        Assert.Equal("voucher 1", await AskSqlAsync($"select type || ' ' || version from mt_streams where id = '{v.Id}'"));
        Assert.Equal("0", await AskSqlAsync("select count(*)::text from mt_events e join ledger.leaves l using (seq_id) where e.data <> convert_from(l.bytes, 'UTF8')::jsonb -> 'data' or l.hash <> sha256('\\x00'::bytea || l.bytes)"));
        Assert.Equal("0", await AskSqlAsync("select count(*)::text from mt_events where type !~ '^[a-z]+(_[a-z]+)*$' or tenant_id <> '*DEFAULT*' or is_archived or id is null"));
        Assert.Equal("BalanceBook:All LoanBook:All", await AskSqlAsync("select string_agg(name, ' ' order by name) from mt_event_progression"));
    }

    [Theory]
    [InlineData("update mt_events set version = version", "mt_events_append_only")]
    [InlineData("delete from mt_events where seq_id = 1", "mt_events_append_only")]
    [InlineData("truncate mt_events", "mt_events_append_only")]
    [InlineData("truncate mt_streams cascade", "mt_events_append_only")]
    [InlineData("delete from mt_streams", "mt_events_append_only")]
    [InlineData("update ledger.leaves set bytes = bytes", "leaves_append_only")]
    [InlineData("delete from ledger.leaves where seq_id = 1", "leaves_append_only")]
    [InlineData("truncate ledger.leaves", "leaves_append_only")]
    [InlineData("update ledger.idempotency_keys set status = 201", "idempotency_keys_append_only")]
    [InlineData("delete from ledger.idempotency_keys", "idempotency_keys_append_only")]
    [InlineData("truncate ledger.idempotency_keys", "idempotency_keys_append_only")]
    [InlineData("update ledger.signing_keys set registered_at = now()", "signing_keys_append_only")]
    [InlineData("delete from ledger.signing_keys", "signing_keys_append_only")]
    [InlineData("truncate ledger.signing_keys", "signing_keys_append_only")]
    [InlineData("insert into ledger.signing_keys (key_id, x, y) select 'another', x, y from ledger.signing_keys", "signing_keys_named_by_thumbprint")]
    [InlineData("delete from ledger.pieces", "pieces_kept")]
    [InlineData("truncate ledger.pieces", "pieces_kept")]
    public async Task What_is_recorded_cannot_be_changed_by_SQL(string statement, string constraint)
    {
        await Api.VoucherAsync();
        await RefusedBySqlAsync("23514", constraint, statement);
    }

    [Fact]
    public async Task A_kilogram_cannot_have_two_rows()
    {
        var v = await Api.VoucherAsync(1000);
        await RefusedBySqlAsync("23505", "pieces_pkey", $"insert into ledger.pieces (voucher_id, last_serial, account_id, status) values ('{v.Id}', 1000, '{Nobody}', 0)");
    }

    [Fact]
    public async Task A_voucher_never_grows_or_shrinks_by_SQL_either()
    {
        var v = await Api.VoucherAsync(1000);
        foreach (var serials in new[] { "1001", "500, 1001" })
        {
            await RefusedBySqlAsync(
                "23514", "pieces_within_voucher", $"insert into ledger.pieces (voucher_id, last_serial, account_id, status) select '{v.Id}', s, '{Nobody}', 0 from unnest(array[{serials}]) s");
        }

        await RefusedBySqlAsync("23514", "pieces_not_moved", $"update ledger.pieces set last_serial = 2000 where voucher_id = '{v.Id}'");
        await RefusedBySqlAsync("23514", "pieces_not_moved", $"update ledger.pieces set last_serial = 999 where voucher_id = '{v.Id}'");
        await RefusedBySqlAsync("23514", "pieces_not_moved", $"update ledger.pieces set voucher_id = '{Nobody}' where voucher_id = '{v.Id}'");
        await SqlAsync($"insert into ledger.pieces (voucher_id, last_serial, account_id, status) values ('{v.Id}', 500, '{v.Account}', 0)");
    }

    [Fact]
    public async Task Retired_units_cannot_be_changed_by_SQL()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.DoAsync("/v1/retirements", LedgerApi.RetirementBody(v.Account, v.Line(10)));
        await RefusedBySqlAsync("23514", "pieces_terminal", $"update ledger.pieces set status = 0 where voucher_id = '{v.Id}' and last_serial = 10");
        await RefusedBySqlAsync("23514", "pieces_terminal", $"update ledger.pieces set account_id = '{Nobody}' where voucher_id = '{v.Id}' and last_serial = 10");
        await RefusedBySqlAsync("23514", "pieces_terminal_unlocked", $"update ledger.pieces set status = 1, locks = 'exclusive:{Nobody}' where voucher_id = '{v.Id}' and last_serial = 1000");
        foreach (var name in new[] { "pledge", "", $"holds:{Nobody}", $"freeze:{new string('x', 36)}", $"ranked:{Nobody}=", $"hold:{Nobody} ", $"lock:{Nobody}" })
        {
            await RefusedBySqlAsync("23514", "pieces_locks_named", $"update ledger.pieces set locks = '{name}' where voucher_id = '{v.Id}' and last_serial = 1000");
        }
    }

    [Fact]
    public async Task An_exclusive_pledge_stands_alone_and_two_trades_never_hold_the_same_units_in_SQL_either()
    {
        var v = await Api.VoucherAsync(1000);
        Task Refused(string constraint, params string[] locks) => RefusedBySqlAsync(
            "23514", constraint, $"update ledger.pieces set locks = '{string.Join(' ', locks.Select(l => $"{l}:{Nobody}"))}' where voucher_id = '{v.Id}' and last_serial = 1000");
        await Refused("pieces_pledge_exclusive", "exclusive", "exclusive");
        await Refused("pieces_pledge_exclusive", "exclusive", "freeze", "ranked");
        await Refused("pieces_pledge_exclusive", "ranked", "exclusive");
        await Refused("pieces_held_once", "hold", "freeze", "hold");
        await SqlAsync($"update ledger.pieces set locks = 'ranked:{Nobody} ranked:{Nobody} freeze:{Nobody}' where voucher_id = '{v.Id}' and last_serial = 1000");
        await SqlAsync($"update ledger.pieces set locks = null where voucher_id = '{v.Id}' and last_serial = 1000");
    }

    [Fact]
    public async Task A_parcel_cannot_be_covered_twice_by_SQL_either()
    {
        var parcel = Api.Unique("parcel");
        await SqlAsync($"insert into ledger.coverage (parcel, period, voucher_id) values ('{parcel}', daterange('2020-01-01', '2020-12-31', '[]'), gen_random_uuid())");
        await RefusedBySqlAsync("23P01", "coverage_once", $"insert into ledger.coverage (parcel, period, voucher_id) values ('{parcel}', daterange('2020-12-31', '2021-12-31', '[]'), gen_random_uuid())");
        await SqlAsync($"insert into ledger.coverage (parcel, period, voucher_id) values ('{parcel}', daterange('2021-01-01', '2021-12-31', '[]'), gen_random_uuid())");
    }

    [Fact]
    public async Task A_newer_schema_is_refused_with_the_reason()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var database = new LedgerDatabase(connectionString);
        Assert.Null(await LedgerServer.PrepareAsync(database));
        Assert.Null(await LedgerServer.PrepareAsync(database)); // what is applied already is not applied again
        await EmbeddedPostgres.Sql.RunAsync(connectionString, "insert into ledger.migrations (number, name) values (9999, 'of the future')");

        var reason = await LedgerServer.PrepareAsync(database);
        Assert.Contains("schema 9999", reason);
        var (exitCode, output) = await Crash.ServerProcess.RunAsync(connectionString);
        Assert.Equal(2, exitCode);
        Assert.Contains(reason!, output);
    }

    [Fact]
    public async Task Servers_that_start_at_once_on_an_empty_database_migrate_it_once()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        var reasons = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var database = new LedgerDatabase(connectionString);
            return await LedgerServer.PrepareAsync(database);
        }));

        Assert.All(reasons, Assert.Null);
        var there = typeof(Migrator).Assembly.GetManifestResourceNames().Count(n => n.Contains("Migrations", StringComparison.Ordinal));
        Assert.Equal($"{there}", await EmbeddedPostgres.Sql.AskAsync(connectionString, "select count(*)::text from ledger.migrations"));
    }

    private async Task RefusedBySqlAsync(string state, string constraint, string statement)
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => SqlAsync(statement));
        Assert.Equal((state, constraint), (refusal.SqlState, refusal.ConstraintName));
    }
}
