using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Freezes;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Npgsql;

namespace CarbonLedger.Server.Tests.Store;

/// <summary>A server remembers states and units while nobody else writes, and not a moment longer.</summary>
[Collection("postgres")]
public sealed class RegisterCacheSpec(PostgresFixture postgres)
{
    [Fact]
    public async Task A_command_sees_what_another_server_did_just_before()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var one = await RunningServer.StartAsync(connectionString);
        await using var other = await RunningServer.StartAsync(connectionString);
        using var first = new LedgerApi(one.Url);
        using var second = new LedgerApi(other.Url);
        var voucher = await first.VoucherAsync();
        var buyer = (await first.CastAsync()).BuyerAccount;
        for (var i = 0; i < 10; i++)
        {
            // Remembered by the first: the accounts are free, the voucher's stream has some length. The second changes both.
            for (var j = 0; j < 3; j++)
            {
                await MoveAsync(first, voucher, buyer, 201);
            }

            var freeze = (await second.DoAsync("/v1/freezes", new { accountId = voucher.Account, authority = "Court", documentNumber = $"F-{i}", kind = "judicial" })).Id;
            await MoveAsync(first, voucher, buyer, 409);
            await second.DoAsync($"/v1/freezes/{freeze}/lift", new { authority = "Court", documentNumber = $"L-{i}" });
            await MoveAsync(second, voucher, buyer, 201);
        }

        Assert.Equal("0", await Sql.AskAsync(connectionString, "select count(*)::text from (select from mt_events group by stream_id having count(*) <> max(version)) s"));
    }

    [Fact]
    public async Task States_are_not_asked_for_again_while_nobody_else_writes()
    {
        await using var server = await OneAsync();
        var (connectionString, api, voucher, buyer) = (server.ConnectionString, server.Api, server.Voucher, server.Buyer);
        await MoveAsync(api, voucher, buyer, 201);
        await Sql.RunAsync(connectionString, $"delete from ledger.states where id = '{buyer}'");
        await MoveAsync(api, voucher, buyer, 201);

        // A server that comes anew has nothing to remember, and its writing moves the head for the first one.
        await using var other = await RunningServer.StartAsync(connectionString);
        using var second = new LedgerApi(other.Url);
        await MoveAsync(second, voucher, buyer, 404);
        await second.OrganizationAsync("office");
        await MoveAsync(api, voucher, buyer, 404);
    }

    [Fact]
    public async Task What_a_freeze_takes_from_a_holding_another_command_of_the_moment_makes_good_from_elsewhere()
    {
        // 100 kg under a ranked pledge and 100 free ones, and a server that knows none of them. The freeze takes half of the free ones, the pledge wants 100.
        await using var server = await OneAsync();
        var (voucher, cast) = (await server.Api.VoucherAsync(200), await server.Api.CastAsync());
        var ranked = (await server.Api.PledgeBodyAsync(voucher.Account, voucher.Line((1, 100)))).With(new { mode = "ranked" });
        await server.Api.DoAsync("/v1/pledges", ranked);
        await using var fresh = await RunningServer.StartAsync(server.ConnectionString);
        using var api = new LedgerApi(fresh.Url);
        var behind = ranked.With(new { pledgeeId = cast.OtherBank, lines = new[] { voucher.Line(100) } });

        Task<Answer>[] asked;
        await using (var source = NpgsqlDataSource.Create(server.ConnectionString))
        await using (var holding = await source.OpenConnectionAsync())
        {
            // While the head is held the first command waits at its commit or its load, and the two others queue behind it, in this order.
            await using var transaction = await holding.BeginTransactionAsync();
            await new NpgsqlCommand("select from ledger.head for update", holding).ExecuteNonQueryAsync();
            var first = api.PostAsync("/v1/organizations", new { name = "office", roles = new[] { "office" } });
            await Task.Delay(300);
            var freeze = api.PostAsync("/v1/freezes", new { lines = new[] { voucher.Line((101, 150)) }, authority = "Court", documentNumber = "F-1", kind = "judicial" });
            await Task.Delay(300);
            asked = [first, freeze, api.PostAsync("/v1/pledges", behind)];
            await Task.Delay(300);
        }

        Assert.All(await Task.WhenAll(asked), a => Assert.True(a.Status == 201, a.Shown));
    }

    [Fact]
    public void Also_what_has_just_become_old_is_forgotten_when_the_head_has_moved()
    {
        var (cache, register) = (new RegisterCache(), new Register());
        var accounts = Enumerable.Range(0, RegisterCache.GenerationStatesMax).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var id in accounts)
        {
            register.Load(id, new AccountState(new AccountId(id), new OrganizationId(Guid.Empty), "account", IsOpen: true));
        }

        Assert.True(cache.AgreesWith(1));
        cache.Take(1, Instant.MinValue, new Register(), new Dictionary<Guid, long>());
        Assert.True(cache.AgreesWith(1));
        cache.Take(2, Instant.MinValue, register, new Dictionary<Guid, long>());
        Assert.False(cache.AgreesWith(9));
        Assert.All(accounts, id => Assert.False(cache.TryFind(id, out _)));
    }

    [Fact]
    public void What_has_come_to_rest_makes_room()
    {
        var (cache, freeze) = (new RegisterCache(), new FreezeState(new FreezeId(Guid.NewGuid()), null, [], FreezeKind.Judicial, "Court", "F-1", null, LiftedBy: null));
        Assert.True(cache.AgreesWith(1));
        foreach (var (state, found) in new[] { (freeze, true), (freeze with { LiftedBy = "L-1" }, false) })
        {
            var register = new Register();
            register.Load(freeze.Id, state);
            cache.Take(1, Instant.MinValue, register, new Dictionary<Guid, long>());
            Assert.True(cache.AgreesWith(1));
            cache.Take(1, Instant.MinValue, register, new Dictionary<Guid, long>());
            Assert.Equal(found, cache.TryFind(freeze.Id, out _));
        }
    }

    [Fact]
    public void What_may_be_large_and_is_seldom_asked_for_takes_no_room()
    {
        var year = new DatePeriod(new LocalDate(2020, 1, 1), new LocalDate(2020, 12, 31));
        State[] large =
        [
            new InventoryState(new InventoryId(Guid.NewGuid()), new OrganizationId(Guid.NewGuid()), new Boundary(BoundaryKind.Building, "1"), year, 1, Kilograms.Zero, [], null),
            new ClaimState(new ClaimId(Guid.NewGuid()), new InventoryId(Guid.NewGuid()), new OrganizationId(Guid.NewGuid()), year, ClaimStatus.Draft, Kilograms.Zero, [], []),
        ];
        foreach (var state in large)
        {
            var (cache, register) = (new RegisterCache(), new Register());
            register.Load(state.Id, state);
            Assert.True(cache.AgreesWith(1));
            cache.Take(1, Instant.MinValue, register, new Dictionary<Guid, long>());
            Assert.True(cache.AgreesWith(1));
            cache.Take(1, Instant.MinValue, register, new Dictionary<Guid, long>());
            Assert.False(cache.TryFind(state.Id, out _));
        }
    }

    [Fact]
    public async Task What_is_remembered_is_not_read_again()
    {
        await using var server = await OneAsync();
        var (connectionString, api, voucher, buyer) = (server.ConnectionString, server.Api, server.Voucher, server.Buyer);
        await MoveAsync(api, voucher, buyer, 201);
        var (keysBefore, piecesBefore) = await LookUpsAsync(connectionString);
        for (var i = 0; i < 20; i++)
        {
            await MoveAsync(api, voucher, buyer, 201);
        }

        var (keys, pieces) = await LookUpsAsync(connectionString);
        Assert.Equal(keysBefore, keys);
        Assert.InRange(pieces - piecesBefore, 0, 20); // the table's own look at what stands above a new piece
    }

    [Fact]
    public async Task Units_that_another_server_moved_are_gone()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var one = await RunningServer.StartAsync(connectionString);
        await using var other = await RunningServer.StartAsync(connectionString);
        using var first = new LedgerApi(one.Url);
        using var second = new LedgerApi(other.Url);
        var voucher = await first.VoucherAsync(100);
        var buyer = (await first.CastAsync()).BuyerAccount;
        for (var i = 0; i < 10; i++)
        {
            await MoveAsync(first, voucher, buyer, 201, 3);
            await MoveAsync(first, voucher, buyer, 201, 2);
            await MoveAsync(second, voucher, buyer, 201, 5);
        }

        await MoveAsync(first, voucher, buyer, 409);
        Assert.Equal("100", await Sql.AskAsync(connectionString, $"select sum(upper(r) - lower(r))::text from (select int8range(lag(last_serial, 1, 0::bigint) over (order by last_serial), last_serial) as r, account_id from ledger.pieces where voucher_id = '{voucher.Id}') s where account_id = '{buyer}'"));
    }

    [Fact]
    public async Task A_time_that_a_reader_has_closed_stays_closed()
    {
        await using var server = await OneAsync();
        var (connectionString, api, voucher, buyer) = (server.ConnectionString, server.Api, server.Voucher, server.Buyer);
        for (var i = 0; i < 3; i++)
        {
            await MoveAsync(api, voucher, buyer, 201);
            await MoveAsync(api, voucher, buyer, 201);

            // As a reader does whose clock is ahead.
            await Sql.RunAsync(connectionString, "update ledger.head set at = now() + interval '1 minute'");
            await MoveAsync(api, voucher, buyer, 201);
            Assert.Equal("True", await Sql.AskAsync(connectionString, "select max(timestamp) >= now() + interval '50 seconds' from mt_events"));
        }
    }

    [Fact]
    public async Task A_key_or_a_name_that_was_given_before_is_found_also_where_nothing_is_read()
    {
        await using var server = await OneAsync();
        var (connectionString, api, voucher, buyer) = (server.ConnectionString, server.Api, server.Voucher, server.Buyer);
        for (var i = 0; i < 3; i++)
        {
            await MoveAsync(api, voucher, buyer, 201, key: "the-one-key");
            await MoveAsync(api, voucher, buyer, 201);
            Assert.Equal(i == 0 ? 201 : 409, (await api.PostAsync("/v1/trades", await api.TradeBodyAsync(voucher.Account, buyer, "T-1", new { voucherId = voucher.Id, kilograms = 5, pricePerTonne = "40.00" }))).Status);
        }

        Assert.Equal("9", await Sql.AskAsync(connectionString, "select sum(k)::text from (select (data -> 'serials' -> 0 ->> 'last')::bigint - (data -> 'serials' -> 0 ->> 'first')::bigint + 1 as k from mt_events where type = 'units_transferred') s"));
    }

    /// <summary>How often keys and pieces were looked up so far, counted when all that was written is counted.</summary>
    private static async Task<(long Keys, long Pieces)> LookUpsAsync(string connectionString)
    {
        for (var until = DateTime.UtcNow.AddSeconds(30); ;)
        {
            var counts = (await Sql.AskAsync(connectionString,
                """
                select concat_ws(' ', (select count(*) from ledger.idempotency_keys), k.n_tup_ins, k.idx_scan, p.idx_scan)
                from pg_stat_user_tables k, pg_stat_user_tables p where k.relname = 'idempotency_keys' and p.relname = 'pieces'
                """))!.Split(' ').Select(long.Parse).ToArray();
            if (counts[0] == counts[1])
            {
                return (counts[2], counts[3]);
            }

            Assert.True(DateTime.UtcNow < until, "The database's counters stand still.");
            await Task.Delay(200);
        }
    }

    private async Task<Server> OneAsync()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        var running = await RunningServer.StartAsync(connectionString);
        var api = new LedgerApi(running.Url);
        return new Server(connectionString, running, api, await api.VoucherAsync(), (await api.CastAsync()).BuyerAccount);
    }

    private static async Task MoveAsync(LedgerApi api, Voucher voucher, string to, int status, long kilograms = 1, string? key = null)
    {
        var answer = await api.PostAsync("/v1/transfers", new { fromAccountId = voucher.Account, toAccountId = to, lines = new[] { new { voucherId = voucher.Id, kilograms } } }, key: key);
        Assert.True(answer.Status == status, answer.Shown);
    }

    private sealed record Server(string ConnectionString, RunningServer Running, LedgerApi Api, Voucher Voucher, string Buyer) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Api.Dispose();
            await Running.DisposeAsync();
        }
    }
}
