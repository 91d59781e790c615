using CarbonLedger.Server.Tests.EmbeddedPostgres;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Deferred settlement through HTTP, and what ends by itself.</summary>
public sealed class DeferredTradeSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private static string After(TimeSpan time) => DateTime.UtcNow.Add(time).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");

    /// <summary>A trade of 600 kg, which are 25.16.</summary>
    internal static async Task<object> BodyAsync(LedgerApi api, Voucher v, string buyer, string? holdUntil, string settlement = "deferred") =>
        (await api.TradeBodyAsync(v.Account, buyer, api.Unique("D"), new { voucherId = v.Id, kilograms = 600, pricePerTonne = "41.94" })).With(new { settlement, holdUntil });

    private async Task<string> BuyerAsync() => await Api.AccountAsync((await Api.CastAsync()).Buyer);

    private async Task<string> VenueAsync() => (await Api.CastAsync()).Venue;

    private async Task<Answer> HeldAsync(Voucher v, string buyer, TimeSpan? time = null) =>
        await Api.DoAsync("/v1/trades", await BodyAsync(Api, v, buyer, After(time ?? TimeSpan.FromDays(1))), await VenueAsync());

    private async Task<(long Owned, long Free, long Held)> TotalsAsync(string account)
    {
        var totals = (await Api.ReadAsync($"/v1/accounts/{account}/balances")).GetProperty("totals");
        return (totals.GetProperty("owned").GetInt64(), totals.GetProperty("free").GetInt64(), totals.GetProperty("held").GetInt64());
    }

    private static async Task<string> StatusAsync(LedgerApi api, string path) => (await api.ReadAsync(path)).GetProperty("status").GetString()!;

    /// <summary>Waits for what comes by itself; some seconds at most.</summary>
    private static async Task EndsAsync(LedgerApi api, string path, string status)
    {
        for (var i = 0; i < 150 && await StatusAsync(api, path) != status; i++)
        {
            await Task.Delay(100);
        }

        Assert.Equal(status, await StatusAsync(api, path));
    }

    private async Task<string> InstantOfAsync(long logIndex)
    {
        var events = await Api.ReadAsync($"/v1/events?after={logIndex - 1}&limit=1");
        return events.GetProperty("events")[0].GetProperty("at").GetString()!;
    }

    [Fact]
    public async Task A_hold_without_an_end_lasts_as_long_as_a_hold_can()
    {
        var (v, buyer) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var before = DateTime.UtcNow;
        var trade = await Api.DoAsync("/v1/trades", await BodyAsync(Api, v, buyer, holdUntil: null), await VenueAsync());
        Assert.Equal("registered", trade.Body.GetProperty("status").GetString());
        var until = (await Api.ReadAsync($"/v1/trades/{trade.Id}")).GetProperty("holdUntil").GetDateTime();
        Assert.InRange(until, before.AddDays(90).AddMilliseconds(-1), DateTime.UtcNow.AddDays(90));
    }

    [Fact]
    public async Task Held_units_are_the_sellers_until_the_venue_settles()
    {
        var (v, buyer) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var trade = await HeldAsync(v, buyer);
        Assert.Equal(("registered", "25.16"), (trade.Body.GetProperty("status").GetString(), trade.Body.GetProperty("amount").GetString()));
        Assert.Equal((1000L, 400L, 600L), await TotalsAsync(v.Account));
        await RefusedPostAsync(409, "units-locked", "/v1/transfers", TransferBody(v.Account, buyer, v.Line(401)));
        Assert.Equal("registered", await StatusAsync(Api, $"/v1/trades/{trade.Id}"));
        var registeredAt = await InstantOfAsync(trade.LogIndex);

        var settled = await Api.DoAsync($"/v1/trades/{trade.Id}/settle", actingAs: await VenueAsync());
        Assert.Equal(600, settled.Body.GetProperty("lines").EnumerateArray().Single().GetProperty("kilograms").GetInt64());
        Assert.Equal("settled", settled.Body.GetProperty("status").GetString());
        Assert.Equal((400L, 400L, 0L), await TotalsAsync(v.Account));
        Assert.Equal((600L, 600L, 0L), await TotalsAsync(buyer));
        Assert.Equal("settled", await StatusAsync(Api, $"/v1/trades/{trade.Id}"));
        Assert.Equal("registered", await StatusAsync(Api, $"/v1/trades/{trade.Id}?asOf={registeredAt}"));

        await RefusedPostAsync(409, "trade-not-open", $"/v1/trades/{trade.Id}/settle", null, await VenueAsync());
        await RefusedPostAsync(409, "trade-not-open", $"/v1/trades/{trade.Id}/void", null, await VenueAsync());
        await Crash.Load.CatchUpAsync(Api);
        Assert.Equal("1", await AskSqlAsync($"select count(*)::text from ledger.trade_prices p join mt_events e on e.seq_id = p.log_index where e.stream_id = '{trade.Id}'"));

        // Nobody looks for the end of what has ended.
        Assert.Equal("0", await AskSqlAsync($"select count(due_at)::text from ledger.states where id = '{trade.Id}'"));

        // What was held was free at no position on its way to the buyer.
        Assert.Equal("400", await AskSqlAsync($"select max(free)::text from ledger.balances where account_id = '{v.Account}' and log_index >= {trade.LogIndex}"));
    }

    /// <summary>One batch writes both: what ends by itself and what does not.</summary>
    [Fact]
    public async Task Holds_are_registered_beside_pledges_that_have_no_end()
    {
        var (v, buyer, venue) = (await Api.VoucherAsync(40_000), await BuyerAsync(), await VenueAsync());
        var pledge = await Api.PledgeBodyAsync(v.Account, v.Line(1));
        var trades = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => BodyAsync(Api, v, buyer, After(TimeSpan.FromDays(1)))));
        var answers = await Task.WhenAll(trades.SelectMany(t => new[] { Api.PostAsync("/v1/trades", t, venue), Api.PostAsync("/v1/pledges", pledge) }));
        Assert.All(answers, a => Assert.True(a.Status == 201, a.Shown));
        Assert.Equal((40_000L, 40_000L - (40 * 601), 40 * 600L), await TotalsAsync(v.Account));
    }

    [Fact]
    public async Task A_voided_trade_gives_the_units_back_and_stands_in_the_list()
    {
        var (v, buyer) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var trade = await HeldAsync(v, buyer);
        await RefusedPostAsync(403, "not-the-venue", $"/v1/trades/{trade.Id}/void");
        await RefusedPostAsync(403, "not-the-venue", $"/v1/trades/{trade.Id}/settle", null, (await Api.CastAsync()).Owner);
        Assert.Equal("voided", (await Api.DoAsync($"/v1/trades/{trade.Id}/void", new { reason = "not paid" }, await VenueAsync())).Body.GetProperty("status").GetString());
        Assert.Equal((1000L, 1000L, 0L), await TotalsAsync(v.Account));
        Assert.Equal("not paid", (await Api.ReadAsync($"/v1/trades/{trade.Id}")).GetProperty("voidReason").GetString());
        await HeldAsync(v, buyer);

        var page = await Api.ReadAsync("/v1/trades?limit=1");
        Assert.Equal(1, page.GetProperty("items").GetArrayLength());
        var rest = await Api.ReadAsync($"/v1/trades?cursor={page.GetProperty("nextCursor").GetString()}&limit=1000");
        var all = page.GetProperty("items").EnumerateArray().Concat(rest.GetProperty("items").EnumerateArray()).ToDictionary(t => t.GetProperty("id").GetString()!, t => t.GetProperty("status").GetString());
        Assert.Equal("voided", all[trade.Id]);
    }

    [Fact]
    public async Task A_hold_ends_in_time_and_only_a_deferred_trade_has_one()
    {
        var (v, buyer) = (await Api.VoucherAsync(1000), await BuyerAsync());
        await RefusedPostAsync(400, "value-out-of-range", "/v1/trades", await BodyAsync(Api, v, buyer, After(TimeSpan.FromDays(1)), "immediate"));
        await RefusedPostAsync(400, "hold-time-out-of-range", "/v1/trades", await BodyAsync(Api, v, buyer, After(TimeSpan.FromDays(-1))));
        await RefusedPostAsync(400, "hold-time-out-of-range", "/v1/trades", await BodyAsync(Api, v, buyer, After(TimeSpan.FromDays(91))));
        await RefusedPostAsync(404, "trade-not-found", $"/v1/trades/{Nobody}/settle");
        await RefusedPostAsync(404, "trade-not-found", $"/v1/trades/{Nobody}/void");
    }

    [Fact]
    public async Task What_came_upon_the_units_stops_the_settlement_and_not_the_voiding()
    {
        var (frozen, revoked, closing, buyer, venue) = (await Api.VoucherAsync(1000), await Api.VoucherAsync(1000), await BuyerAsync(), await BuyerAsync(), await VenueAsync());
        var (first, second) = ((await HeldAsync(frozen, buyer)).Id, (await HeldAsync(revoked, buyer)).Id);
        var freeze = await Api.DoAsync("/v1/freezes", new { lines = new[] { frozen.Line((1, 10)) }, authority = "court", documentNumber = "D-1", kind = "judicial" });
        await RefusedPostAsync(409, "units-frozen", $"/v1/trades/{first}/settle", null, venue);
        await Api.DoAsync($"/v1/freezes/{freeze.Id}/lift", new { authority = "court", documentNumber = "D-2" });
        await Api.DoAsync("/v1/freezes", new { accountId = frozen.Account, authority = "court", documentNumber = "D-3", kind = "judicial" });
        await RefusedPostAsync(409, "account-frozen", $"/v1/trades/{first}/settle", null, venue);
        await Api.DoAsync($"/v1/trades/{first}/void", null, venue);

        await Api.DoAsync($"/v1/vouchers/{revoked.Id}/revocation", new { reason = "forged", document = new { number = "D-4" } });
        await RefusedPostAsync(409, "voucher-revoked", $"/v1/trades/{second}/settle", null, venue);
        await Api.DoAsync($"/v1/trades/{second}/void", null, venue);

        var third = (await HeldAsync(await Api.VoucherAsync(1000), closing)).Id;
        await RefusedPostAsync(409, "account-awaits-delivery", $"/v1/accounts/{closing}/close", new { reason = "no longer needed" });
        await RefusedPostAsync(409, "account-awaits-delivery", "/v1/schemes", new { code = "LATE", name = "x", bufferShare = 0.1, bufferAccountId = closing });
        await Api.DoAsync($"/v1/trades/{third}/void", null, venue);
        await Api.DoAsync($"/v1/accounts/{closing}/close", new { reason = "no longer needed" });
    }

    [Fact]
    public async Task A_hold_and_a_reservation_end_by_themselves()
    {
        var (v, w) = (await Api.VoucherAsync(1000), await Api.VoucherAsync(1000));
        var cast = await Api.CastAsync();
        var pledge = await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(w.Account, w.Line(600))).With(new { mode = "ranked", reserveUntil = After(TimeSpan.FromSeconds(2)) }));
        var trade = await HeldAsync(v, await BuyerAsync(), TimeSpan.FromSeconds(2));
        await EndsAsync(Api, $"/v1/trades/{trade.Id}", "expired");
        await EndsAsync(Api, $"/v1/pledges/{pledge.Id}", "expired");
        Assert.Equal((1000L, 1000L, 0L), await TotalsAsync(v.Account));
        Assert.Equal((1000L, 1000L, 0L), await TotalsAsync(w.Account));
        await RefusedPostAsync(409, "hold-expired", $"/v1/trades/{trade.Id}/settle", null, cast.Venue);
    }

    [Fact]
    public async Task Of_settle_and_void_at_once_one_wins()
    {
        var (buyer, venue) = (await BuyerAsync(), await VenueAsync());
        var settled = 0;
        for (var round = 0; round < 20; round++)
        {
            var v = await Api.VoucherAsync(600);
            var trade = (await HeldAsync(v, buyer)).Id;
            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Api.PostAsync($"/v1/trades/{trade}/{(i % 2 == 0 ? "settle" : "void")}", null, venue)));
            var won = Assert.Single(answers, a => a.Status == 201);
            Assert.All(answers.Where(a => a != won), a => Assert.Equal("trade-not-open", a.Code));
            var isSettled = won.Body.GetProperty("status").GetString() == "settled";
            settled += isSettled ? 1 : 0;
            Assert.Equal(isSettled ? 0 : 600, (await TotalsAsync(v.Account)).Owned);
        }

        Assert.Equal((settled * 600L, settled * 600L, 0L), await TotalsAsync(buyer));
    }
}

/// <summary>A server that was down when a hold ended.</summary>
[Collection("postgres")]
public sealed class DowntimeSpec(PostgresFixture postgres)
{
    [Fact]
    public async Task What_became_due_while_nobody_was_there_has_ended_before_the_server_answers()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        var clock = new Clock();
        string trade, venue;
        await using (var server = await RunningServer.StartAsync(connectionString, clock))
        {
            using var api = new LedgerApi(server.Url);
            var v = await api.VoucherAsync(1000);
            venue = (await api.CastAsync()).Venue;
            trade = (await api.DoAsync("/v1/trades", await HeldBodyAsync(api, v, clock.Now + NodaTime.Duration.FromDays(1)))).Id;
        }

        clock.Now += NodaTime.Duration.FromDays(2);
        await using (var server = await RunningServer.StartAsync(connectionString, clock))
        {
            using var api = new LedgerApi(server.Url);
            Assert.Equal("expired", (await api.ReadAsync($"/v1/trades/{trade}")).GetProperty("status").GetString());
            Assert.Equal("hold-expired", (await api.PostAsync($"/v1/trades/{trade}/settle", null, venue)).Code);
        }
    }

    /// <summary>Between the agreed instant and its recording the lock still lies there, and the statement says that its time is over.</summary>
    [Fact]
    public async Task A_lien_statement_says_which_locks_had_lapsed_before_their_end_was_recorded()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        var clock = new Clock();
        var end = clock.Now + NodaTime.Duration.FromDays(1);
        Voucher v, w;
        Cast cast;
        await using (var server = await RunningServer.StartAsync(connectionString, clock))
        {
            using var api = new LedgerApi(server.Url);
            (v, w, cast) = (await api.VoucherAsync(1000), await api.VoucherAsync(1000), await api.CastAsync());
            await api.DoAsync("/v1/trades", await HeldBodyAsync(api, v, end));
            await api.DoAsync("/v1/pledges", await ReservationBodyAsync(api, w, end));
        }

        clock.Now += NodaTime.Duration.FromDays(2);
        await using (var server = await RunningServer.StartAsync(connectionString, clock))
        {
            using var api = new LedgerApi(server.Url);
            foreach (var voucher in new[] { v.Id, w.Id })
            {
                foreach (var asker in new[] { null, cast.Stranger })
                {
                    Assert.Equal((false, false), await LapsedAsync($"/v1/liens?voucherId={voucher}&asOf={Text(end - NodaTime.Duration.FromSeconds(1))}", asker));
                    Assert.Equal((true, false), await LapsedAsync($"/v1/liens?voucherId={voucher}&asOf={Text(end)}", asker));
                    Assert.Equal((true, false), await LapsedAsync($"/v1/liens?voucherId={voucher}&asOf={Text(end + NodaTime.Duration.FromHours(3))}", asker));
                }

                Assert.True((await api.ReadAsync($"/v1/liens?voucherId={voucher}")).GetProperty("statement").GetProperty("lienFree").GetBoolean());
            }

            async Task<(bool Lapsed, bool LienFree)> LapsedAsync(string path, string? asker)
            {
                var statement = (await api.ReadAsync(path, asker)).GetProperty("statement");
                var only = Assert.Single(statement.GetProperty("stretches")[0].GetProperty("locks").EnumerateArray());
                return (only.TryGetProperty("lapsed", out var lapsed) && lapsed.GetBoolean(), statement.GetProperty("lienFree").GetBoolean());
            }
        }

        static string Text(NodaTime.Instant instant) => NodaTime.Text.InstantPattern.ExtendedIso.Format(instant);
    }

    /// <summary>The end is the agreed instant, even when the register itself has not got to it.</summary>
    [Fact]
    public async Task A_hold_that_is_over_is_over_before_anybody_records_it()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        var clock = new Clock();
        await using var server = await RunningServer.StartAsync(connectionString, clock);
        using var api = new LedgerApi(server.Url);
        var (v, venue) = (await api.VoucherAsync(1000), (await api.CastAsync()).Venue);
        var trade = (await api.DoAsync("/v1/trades", await HeldBodyAsync(api, v, clock.Now + NodaTime.Duration.FromDays(1)))).Id;

        var w = await api.VoucherAsync(1000);
        var pledge = (await api.DoAsync("/v1/pledges", await ReservationBodyAsync(api, w, clock.Now + NodaTime.Duration.FromDays(1)))).Id;

        // Without the instant beside the state, the search for what is due does not find it.
        await HideAsync(trade);
        await HideAsync(pledge);
        Assert.False((await api.ReadAsync($"/v1/pledges/{pledge}")).TryGetProperty("lapsed", out _));
        Assert.False((await api.ReadAsync($"/v1/trades/{trade}")).TryGetProperty("lapsed", out _));
        clock.Now += NodaTime.Duration.FromDays(1);
        Assert.True((await api.ReadAsync($"/v1/trades/{trade}")).GetProperty("lapsed").GetBoolean());
        Assert.True((await api.ReadAsync($"/v1/pledges/{pledge}")).GetProperty("lapsed").GetBoolean());
        Assert.True((await api.ReadAsync("/v1/trades")).GetProperty("items")[0].GetProperty("lapsed").GetBoolean());
        foreach (var locked in new[] { v, w })
        {
            var lien = (await api.ReadAsync($"/v1/liens?voucherId={locked.Id}")).GetProperty("statement").GetProperty("stretches")[0].GetProperty("locks")[0];
            Assert.True(lien.GetProperty("lapsed").GetBoolean());
            var refused = await api.PostAsync("/v1/transfers", LedgerApi.TransferBody(locked.Account, (await api.CastAsync()).BuyerAccount, locked.Line(1000)));
            Assert.Contains("whose time is over ends within about a second", refused.Text);
        }

        Assert.Equal("hold-expired", (await api.PostAsync($"/v1/trades/{trade}/settle", null, venue)).Code);
        Assert.Equal("hold-expired", (await api.PostAsync($"/v1/trades/{trade}/void", null, venue)).Code);

        await Sql.RunAsync(connectionString, $"update ledger.states set due_at = (state ->> 'holdUntil')::timestamptz where id = '{trade}'");
        for (var i = 0; i < 150 && (await api.ReadAsync($"/v1/trades/{trade}")).GetProperty("status").GetString() != "expired"; i++)
        {
            await Task.Delay(100);
        }

        Assert.Equal("hold-expired", (await api.PostAsync($"/v1/trades/{trade}/settle", null, venue)).Code);
        Assert.False((await api.ReadAsync($"/v1/trades/{trade}")).TryGetProperty("lapsed", out _));

        Task HideAsync(string id) => Sql.RunAsync(connectionString, $"update ledger.states set due_at = null where id = '{id}'");
    }

    /// <summary>What cannot be ended is older than what can, and fills the first question whole.</summary>
    [Fact]
    public async Task What_cannot_be_ended_keeps_nothing_behind_it_from_its_end()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        var clock = new Clock();
        await using var server = await RunningServer.StartAsync(connectionString, clock);
        using var api = new LedgerApi(server.Url);
        var (v, w) = (await api.VoucherAsync(1000), await api.VoucherAsync(1000));
        var trade = (await api.DoAsync("/v1/trades", await HeldBodyAsync(api, v, clock.Now + NodaTime.Duration.FromDays(1)))).Id;
        var pledge = (await api.DoAsync("/v1/pledges", await ReservationBodyAsync(api, w, clock.Now + NodaTime.Duration.FromDays(1)))).Id;

        // Trades whose units nobody holds: their end contradicts the register, which refuses it as a fault every time.
        await Sql.RunAsync(
            connectionString,
            $"""
            insert into ledger.states (id, kind, due_at, begun_index, state)
            select n.id, 'trade', '2025-12-01T00:00:00Z', s.begun_index, (s.state::jsonb || jsonb_build_object('trade', n.id, 'holdUntil', '2025-12-01T00:00:00Z', 'lines', jsonb_build_array(s.state::jsonb -> 'lines' -> 0 || jsonb_build_object('serials', jsonb_build_array(jsonb_build_object('first', 900, 'last', 950))))))::json
            from ledger.states s, lateral (select gen_random_uuid() as id from generate_series(1, 120)) n
            where s.id = '{trade}'
            """);
        clock.Now += NodaTime.Duration.FromDays(1);
        foreach (var path in new[] { $"/v1/trades/{trade}", $"/v1/pledges/{pledge}" })
        {
            for (var i = 0; i < 150 && (await api.ReadAsync(path)).GetProperty("status").GetString() != "expired"; i++)
            {
                await Task.Delay(100);
            }

            Assert.Equal("expired", (await api.ReadAsync(path)).GetProperty("status").GetString());
        }

        Assert.Equal("120", await Sql.AskAsync(connectionString, "select count(*)::text from ledger.states where kind = 'trade' and state ->> 'status' = 'registered'"));
    }

    private static async Task<object> HeldBodyAsync(LedgerApi api, Voucher v, NodaTime.Instant until) =>
        await DeferredTradeSpec.BodyAsync(api, v, (await api.CastAsync()).BuyerAccount, NodaTime.Text.InstantPattern.ExtendedIso.Format(until));

    private static async Task<object> ReservationBodyAsync(LedgerApi api, Voucher v, NodaTime.Instant until) =>
        (await api.PledgeBodyAsync(v.Account, v.Line(600))).With(new { mode = "ranked", reserveUntil = NodaTime.Text.InstantPattern.ExtendedIso.Format(until) });

    private sealed class Clock : NodaTime.IClock
    {
        public NodaTime.Instant Now { get; set; } = NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0);

        public NodaTime.Instant GetCurrentInstant() => Now;
    }
}
