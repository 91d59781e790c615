using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.Crash;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Projections;

/// <summary>What a rebuild changes for others, and what it leaves as it was.</summary>
[Collection("postgres")]
public sealed class RebuildSpec(PostgresFixture postgres)
{
    /// <summary>Names and definitions of columns, constraints and indexes, owners and grants of everything that readers ask for.</summary>
    private const string Catalog =
        """
        with tables as (select * from pg_class where relnamespace = 'ledger'::regnamespace and relkind = 'r')
        select string_agg(line, E'\n' order by line) from (
            select format('%s owner %s, grants %s, %s', relname, relowner::regrole, relacl, reloptions) from tables
            union all
            select format('%s column %s %s %s, grants %s', relname, attname, format_type(atttypid, atttypmod), attnotnull, attacl) from tables t join pg_attribute on attrelid = t.oid where attnum > 0 and not attisdropped
            union all
            select format('%s constraint %s %s', relname, conname, pg_get_constraintdef(c.oid)) from tables t join pg_constraint c on conrelid = t.oid
            union all
            select pg_get_indexdef(indexrelid) from tables t join pg_index on indrelid = t.oid) as of_all(line)
        """;

    [Fact]
    public async Task A_running_server_forgets_what_it_kept_of_the_tables_that_a_rebuild_replaced()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        Voucher v;
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            v = await api.VoucherAsync(1000);
            await Load.CatchUpAsync(api);
        }

        await Sql.RunAsync(connectionString, "update ledger.balances set owned = owned + 7, free = free + 7");
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            var buyer = (await api.CastAsync()).BuyerAccount;
            await api.DoAsync("/v1/transfers", TransferBody(v.Account, buyer, v.Line(100)));
            await Load.CatchUpAsync(api);
            Assert.Equal(907, await OwnedAsync(api, v.Account)); // the server keeps what it read of the damaged table

            await RebuildAsync(connectionString);
            Assert.Equal(900, await OwnedAsync(api, v.Account));
            await api.DoAsync("/v1/transfers", TransferBody(v.Account, buyer, v.Line(100)));
            await Load.CatchUpAsync(api);
            Assert.Equal(800, await OwnedAsync(api, v.Account));
        }
    }

    [Fact]
    public async Task Names_and_grants_are_the_same_after_a_rebuild()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var database = new LedgerDatabase(connectionString);
        Assert.Null(await LedgerServer.PrepareAsync(database));
        var (owner, reader) = ($"owner_{Guid.NewGuid():N}", $"Reader {Guid.NewGuid():N}");
        await Sql.RunAsync(
            connectionString,
            $"""
            create role {owner}; create role "{reader}";
            alter table ledger.voucher_totals owner to {owner};
            grant select on ledger.balances, ledger.liens to "{reader}" with grant option;
            grant select on ledger.margin_calls to public;
            grant update (pledged, frozen), select (owned) on ledger.balances to "{reader}";
            """);
        var before = await Sql.AskAsync(connectionString, Catalog);
        await RebuildAsync(connectionString);

        Assert.Equal(before, await Sql.AskAsync(connectionString, Catalog));
    }

    private static async Task RebuildAsync(string connectionString)
    {
        await using var database = new LedgerDatabase(connectionString);
        foreach (var projection in new Projection[] { new BalanceBook(), new LoanBook() })
        {
            await new ProjectionRebuild(projection, database).RunAsync(new Progress<(long Done, long Total)>(), CancellationToken.None);
        }
    }

    private static async Task<long> OwnedAsync(LedgerApi api, string account) =>
        (await api.ReadAsync($"/v1/accounts/{account}/balances")).GetProperty("totals").GetProperty("owned").GetInt64();
}
