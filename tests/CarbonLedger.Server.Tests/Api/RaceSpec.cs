using NodaTime;
using NodaTime.Text;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>A thousand holds and reservations, each fought over by those who end it and by its own end; and a clock that jumps.</summary>
[Collection("postgres")]
public sealed class RaceSpec(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Rounds = 1_000;

    private readonly Clock clock = new();
    private RunningServer server = null!;
    private LedgerApi api = null!;
    private string connectionString = "";

    public async Task InitializeAsync()
    {
        connectionString = await postgres.CreateDatabaseAsync();
        server = await RunningServer.StartAsync(connectionString, clock);
        api = new LedgerApi(server.Url);
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Of_settle_void_and_expire_exactly_one_wins_a_thousand_times()
    {
        var (v, cast) = (await api.VoucherAsync(Rounds), await api.CastAsync());
        var trades = await ManyAsync(Rounds, _ => HeldAsync(v, Duration.FromHours(1)));
        var answers = await FightAsync(trades.SelectMany(t => new[] { (t, "settle", cast.Venue), (t, "void", cast.Venue) }), Duration.FromHours(2));

        await EndAsync("trade", "registered");
        var ends = await EndsAsync("trade_settled", "trade_voided", "trade_expired");
        Assert.All(trades, t => Assert.Single(ends[t]));
        Assert.All(answers, a => Assert.True(a.Answer.Status == 201 || a.Answer.Code is "trade-not-open" or "hold-expired", a.Answer.Shown));
        Assert.All(answers.Where(a => a.Answer.Status == 201), a => Assert.Equal(a.Act == "settle" ? "trade_settled" : "trade_voided", ends[a.Id].Single()));
        Assert.Equal(3, ends.SelectMany(e => e).Distinct().Count());
        var settled = ends.Count(e => e.Contains("trade_settled"));
        Assert.Equal((Rounds - settled, settled), (await FreeAsync(v.Account), await FreeAsync(cast.BuyerAccount)));
    }

    [Fact]
    public async Task Of_register_release_and_expire_nothing_contradicts_another_a_thousand_times()
    {
        var (v, cast) = (await api.VoucherAsync(Rounds), await api.CastAsync());
        var pledges = await ManyAsync(Rounds, _ => ReservedAsync(v, Duration.FromHours(1)));
        // A release is good at any time, so every other reservation is left to registration and its end alone.
        var acts = pledges.Select(p => (p, "register", cast.Bank)).Concat(pledges.Where((_, i) => i % 2 == 0).Select(p => (p, "releases", cast.Bank)));
        var answers = await FightAsync(acts, Duration.FromHours(2));

        await EndAsync("pledge", "reserved");
        var facts = await EndsAsync("reservation_registered", "pledge_released", "reservation_expired");
        var lives = pledges.Select(p => string.Join(' ', facts[p])).ToArray();
        Assert.Empty(lives.Except(["reservation_registered", "pledge_released", "reservation_expired", "reservation_registered pledge_released"]));
        Assert.Contains("reservation_expired", lives);
        Assert.Contains(lives, l => l != "reservation_expired");
        Assert.All(answers, a => Assert.True(a.Answer.Status == 201 || a.Answer.Code is "reservation-expired" or "pledge-not-in-state" or "pledge-not-in-force", a.Answer.Shown));
        Assert.All(answers.Where(a => a.Answer.Status == 201), a => Assert.Contains(a.Act == "releases" ? "pledge_released" : "reservation_registered", facts[a.Id]));
        Assert.Equal(lives.Count(l => l != "reservation_registered"), await FreeAsync(v.Account));
    }

    [Fact]
    public async Task A_clock_that_jumps_ends_nothing_early_and_all_of_it_once()
    {
        var v = await api.VoucherAsync(20);
        var trades = await ManyAsync(10, _ => HeldAsync(v, Duration.FromHours(1)));
        var pledges = await ManyAsync(10, _ => ReservedAsync(v, Duration.FromHours(1)));
        clock.Now -= Duration.FromDays(3);
        await Task.Delay(TimeSpan.FromSeconds(2.5)); // two looks of the register at what is due
        clock.Now += Duration.FromDays(3) + Duration.FromMinutes(59);
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.Empty(await EndsAsync("trade_expired", "reservation_expired"));
        Assert.Equal(0, await FreeAsync(v.Account));

        clock.Now += Duration.FromDays(10);
        await EndAsync("trade", "registered");
        await EndAsync("pledge", "reserved");
        clock.Now -= Duration.FromDays(20);
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        clock.Now += Duration.FromDays(20);
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        var ends = await EndsAsync("trade_expired", "reservation_expired");
        Assert.All(trades, t => Assert.Equal("trade_expired", Assert.Single(ends[t])));
        Assert.All(pledges, p => Assert.Equal("reservation_expired", Assert.Single(ends[p])));
        Assert.Equal(20, await FreeAsync(v.Account));
    }

    private async Task<string> HeldAsync(Voucher v, Duration time)
    {
        var body = await api.TradeBodyAsync(v.Account, (await api.CastAsync()).BuyerAccount, api.Unique("D"), new { voucherId = v.Id, kilograms = 1, pricePerTonne = "41.94" });
        return (await api.DoAsync("/v1/trades", body.With(new { settlement = "deferred", holdUntil = InstantPattern.ExtendedIso.Format(clock.Now + time) }))).Id;
    }

    private async Task<string> ReservedAsync(Voucher v, Duration time)
    {
        var body = await api.PledgeBodyAsync(v.Account, v.Line(1));
        return (await api.DoAsync("/v1/pledges", body.With(new { mode = "ranked", reserveUntil = InstantPattern.ExtendedIso.Format(clock.Now + time) }))).Id;
    }

    /// <summary>All acts in a random order, all at once; and in the middle of it the clock jumps past their end.</summary>
    private async Task<(string Id, string Act, Answer Answer)[]> FightAsync(IEnumerable<(string Id, string Act, string By)> acts, Duration jump)
    {
        var all = acts.ToArray();
        new Random(20210820).Shuffle(all);
        var answered = 0;
        return await ManyAsync(all.Length, async i =>
        {
            var answer = await api.PostAsync($"{(all[i].Act is "settle" or "void" ? "/v1/trades" : "/v1/pledges")}/{all[i].Id}/{all[i].Act}", all[i].Act == "releases" ? new { reason = "waived" } : new { }, all[i].By);
            if (Interlocked.Increment(ref answered) == all.Length / 3)
            {
                clock.Now += jump;
            }

            return (all[i].Id, all[i].Act, answer);
        });
    }

    /// <summary>Waits until nothing of a kind waits for its end any more.</summary>
    private async Task EndAsync(string kind, string status)
    {
        var open = $"select count(*)::text from ledger.states where kind = '{kind}' and state ->> 'status' = '{status}'";
        for (var patience = 0; patience < 300 && await EmbeddedPostgres.Sql.AskAsync(connectionString, open) != "0"; patience++)
        {
            await Task.Delay(100);
        }

        Assert.Equal("0", await EmbeddedPostgres.Sql.AskAsync(connectionString, open));
    }

    /// <summary>The facts of these types, in log order, by the thing they are about.</summary>
    private async Task<ILookup<string, string>> EndsAsync(params string[] types)
    {
        var text = await EmbeddedPostgres.Sql.AskAsync(
            connectionString, $"select string_agg(stream_id || '=' || type, ' ' order by seq_id) from mt_events where type in ('{string.Join("','", types)}')");
        return (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split('=')).ToLookup(t => t[0], t => t[1]);
    }

    private async Task<long> FreeAsync(string account)
    {
        await Crash.Load.CatchUpAsync(api);
        return (await api.ReadAsync($"/v1/accounts/{account}/balances")).GetProperty("totals").GetProperty("free").GetInt64();
    }

    private static Task<T[]> ManyAsync<T>(int count, Func<int, Task<T>> ask) => Task.WhenAll(Enumerable.Range(0, count).Select(ask));

    private sealed class Clock : IClock
    {
        private long ticks = SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks();

        public Instant Now
        {
            get => Instant.FromUnixTimeTicks(Volatile.Read(ref ticks));
            set => Volatile.Write(ref ticks, value.ToUnixTimeTicks());
        }

        public Instant GetCurrentInstant() => Now;
    }
}
