using System.Diagnostics;
using System.Text.Json;
using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.Crash;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Projections;

/// <summary>Reads at a past instant, reads that wait, and projections that stop, resume and are made again.</summary>
public sealed class ProjectionSpec(ServerFixture fixture, PostgresFixture postgres) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_read_as_of_an_instant_between_two_changes_sees_the_first_only()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var start = await Api.HeadAsync();
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(100)));
        var pledge = await Api.PledgeAsync(v, 300);
        await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "waived", lines = new[] { v.Line(200) } }, cast.Bank);
        await Api.DoAsync("/v1/retirements", RetirementBody(v.Account, v.Line(50)));

        // (log position, owned, free, pledged, retired) after each change; the events of one command share its time
        (long At, long Owned, long Free, long Pledged, long Retired)[] then =
            [(start, 1000, 1000, 0, 0), (start + 1, 900, 900, 0, 0), (start + 3, 900, 600, 300, 0), (start + 5, 900, 800, 100, 0), (start + 7, 850, 750, 100, 50)];
        foreach (var (at, owned, free, pledged, retired) in then)
        {
            var instant = (await Api.ReadAsync($"/v1/events?after={at - 1}&limit=1")).GetProperty("events")[0].GetProperty("at").GetString();
            var balances = await Api.ReadAsync($"/v1/accounts/{v.Account}/balances?asOf={instant}");
            var mine = balances.GetProperty("vouchers").EnumerateArray().Single(b => b.GetProperty("voucherId").GetString() == v.Id);
            Assert.Equal((owned, free, pledged), (Kg(mine, "owned"), Kg(mine, "free"), Kg(mine, "pledged")));
            Assert.Equal(at, balances.GetProperty("logIndex").GetInt64());
            var status = (await Api.ReadAsync($"/v1/vouchers/{v.Id}?asOf={instant}")).GetProperty("status");
            Assert.Equal((pledged, retired), (Kg(status, "pledged"), Kg(status, "retired")));
            var holdings = (await Api.ReadAsync($"/v1/vouchers/{v.Id}/holdings?asOf={instant}")).GetProperty("holdings").EnumerateArray().ToArray();
            Assert.Equal(1000 - retired, holdings.Sum(h => Kg(h, "kilograms")));
            Assert.Equal(owned, Kg(holdings.Single(h => h.GetProperty("accountId").GetString() == v.Account), "kilograms"));
            var found = await Api.GetAsync($"/v1/pledges/{pledge}?asOf={instant}");
            Assert.Equal(at < start + 2 ? 404 : 200, found.Status);
            if (found.Status == 200)
            {
                Assert.Equal(pledged, Kg(found.Body, "kilograms"));
            }
        }
    }

    [Fact]
    public async Task What_was_said_of_an_instant_stays_so_even_when_a_clock_is_behind()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var asked = DateTimeOffset.UtcNow.AddMilliseconds(-1).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
        var path = $"/v1/accounts/{v.Account}/balances?asOf={asked}";
        var first = await Api.ReadAsync(path);

        // Every later event is later than the instant: this is what a batch takes its time from, whatever its node's clock says.
        Assert.Equal("True", await AskSqlAsync($"select at > '{asked}' from ledger.head"), ignoreCase: true);
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(100)));

        Assert.Equal(first.GetRawText(), (await Api.ReadAsync(path)).GetRawText());
    }

    [Fact]
    public async Task A_loan_is_read_as_it_stood()
    {
        var loan = await Api.LoanAsync(await Api.PledgeAsync(await Api.VoucherAsync(1000), 1000), "1000.00");
        var opened = (await Api.ReadAsync($"/v1/events?after={await Api.HeadAsync() - 1}&limit=1")).GetProperty("events")[0].GetProperty("at").GetString();
        await Api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "500.00", date = "2021-09-01" });

        Assert.Equal("1000.00", (await Api.ReadAsync($"/v1/loans/{loan}?asOf={opened}")).GetProperty("outstandingPrincipal").GetString());
        Assert.Equal("500.00", (await Api.ReadAsync($"/v1/loans/{loan}")).GetProperty("outstandingPrincipal").GetString());
    }

    [Fact]
    public async Task A_reader_reads_its_own_write_and_at_least_the_position_it_asks_for()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        for (var i = 1; i <= 20; i++)
        {
            var moved = await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(1)));
            var balances = await Api.ReadAsync($"/v1/accounts/{v.Account}/balances?atLeast={moved.LogIndex}");
            Assert.True(balances.GetProperty("logIndex").GetInt64() >= moved.LogIndex);
            Assert.Equal(1000 - i, Kg(balances.GetProperty("totals"), "owned"));
        }
    }

    [Fact]
    public async Task The_head_has_passed_a_command_before_its_answer_is_there()
    {
        var (queue, head, owner) = (Service<CommandQueue>(), Service<LogHead>(), new OrganizationId(Guid.Parse((await Api.CastAsync()).Buyer)));
        for (var i = 0; i < 50; i++)
        {
            var answers = Enumerable.Range(0, 100).Select(_ => queue.SubmitAsync(PendingCommand.OfTheRegister(new OpenAccount(new AccountId(Guid.CreateVersion7()), owner, "n")))).ToArray();

            // A reader waits for the head it sees, so nobody may hold an answer that lies beyond it, not even for a moment.
            while (!answers[0].IsCompleted)
            {
            }

            var seen = head.Index;
            Assert.InRange(Assert.IsType<CommandAnswer.Decided>(await answers[0]).LogIndex, 1, seen);
            await Task.WhenAll(answers);
        }
    }

    [Fact]
    public async Task A_position_that_does_not_come_is_503_with_when_to_ask_again()
    {
        var account = (await Api.CastAsync()).BuyerAccount;
        var asked = await Task.WhenAll(new[] { $"/v1/accounts/{account}/balances", "/v1/accounts", "/v1/events" }.Select(path => Api.GetAsync($"{path}?atLeast=9000000000")));
        Assert.All(asked, a => Assert.Equal((503, "not-yet-projected"), (a.Status, a.Code)));
        Assert.All(asked, a => Assert.NotNull(a.Headers.RetryAfter));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/accounts/{account}?atLeast=9000000000") { Headers = { Accept = { new("text/html") } } };
        var page = await Api.SendAsync(request);
        Assert.Equal((503, "text/html", true), (page.Status, page.ContentHeaders.ContentType?.MediaType, page.Headers.RetryAfter is not null));
    }

    [Fact]
    public async Task A_waiting_reader_is_answered_when_the_position_comes()
    {
        var (account, head) = ((await Api.CastAsync()).BuyerAccount, await Api.HeadAsync());
        var waiting = Api.ReadAsync($"/v1/accounts/{account}/balances?atLeast={head + 1}");
        await Api.OrganizationAsync("auditor");
        Assert.True((await waiting).GetProperty("logIndex").GetInt64() >= head + 1);
    }

    private T Service<T>()
        where T : notnull => Fixture.Server.App.Services.GetRequiredService<T>();

    private const string KeysAndChecks =
        "select string_agg(conrelid::regclass || ' ' || pg_get_constraintdef(oid), '; ' order by conrelid::regclass::text, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'ledger'::regnamespace";

    [Fact]
    public async Task Projections_stop_in_the_middle_resume_and_rebuild_to_the_same_tables()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        long events;
        string tables;
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            await FillAsync(api);
            await Load.CatchUpAsync(api);
            events = await api.HeadAsync();
            tables = await TablesAsync(connectionString);
        }

        // A rebuild that is cut off after its first step leaves the live tables as they are.
        await using (var database = new LedgerDatabase(connectionString))
        {
            foreach (var projection in new Projection[] { new BalanceBook(), new LoanBook() })
            {
                await Assert.ThrowsAsync<OperationCanceledException>(() => new ProjectionRebuild(projection, database).RunAsync(new CutOff(), CancellationToken.None));
            }
        }

        Assert.Equal(tables, await TablesAsync(connectionString));
        Assert.Equal($"{events} {events}", await Sql.AskAsync(connectionString, "select string_agg(last_seq_id::text, ' ') from mt_event_progression"));

        // Emptied, and stopped in the middle: a server goes on from the checkpoint.
        await Sql.RunAsync(
            connectionString,
            $"truncate {string.Join(", ", Tables)}; update mt_event_progression set last_seq_id = 0");
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            await api.GetAsync($"/v1/accounts/{Nobody}/balances");
        }

        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            await Load.CatchUpAsync(api);
            Assert.Equal(tables, await TablesAsync(connectionString));
        }

        var keys = await Sql.AskAsync(connectionString, KeysAndChecks);

        // The command makes them anew and tells how far it is.
        var clock = Stopwatch.StartNew();
        var (exitCode, output) = await ServerProcess.RunAsync(connectionString, "--rebuild");
        Assert.True(exitCode == 0, output);
        foreach (var name in new[] { "BalanceBook:All", "LoanBook:All" })
        {
            Assert.Contains($"{name}: 20000 of {events} events", output);
            Assert.Contains($"{name}: {events} of {events} events", output);
            Assert.Contains($"{name}: rebuilt from {events} events", output);
        }

        Assert.Equal(tables, await TablesAsync(connectionString));
        Assert.Equal(keys, await Sql.AskAsync(connectionString, KeysAndChecks));
        await LogAuditor.AuditAsync(connectionString);
    }

    [Fact]
    public async Task Two_followers_at_once_do_not_double()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var one = await RunningServer.StartAsync(connectionString);
        await using var other = await RunningServer.StartAsync(connectionString);
        using var first = new LedgerApi(one.Url);
        using var second = new LedgerApi(other.Url);
        using var stop = new CancellationTokenSource();
        var load = await Load.PrepareAsync(first);
        var running = load.RunAsync(8, stop.Token, first, second);
        await load.AcknowledgesAsync(500);
        await stop.CancelAsync();
        await running;
        await load.ResolveAsync(second);
        await Load.CatchUpAsync(second);
        await load.AuditAsync(first, connectionString);
    }

    /// <summary>More than 20,000 events: several steps of a follower.</summary>
    private static async Task FillAsync(LedgerApi api)
    {
        var cast = await api.CastAsync();
        var vouchers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => api.VoucherAsync(1000)));
        await Task.WhenAll(vouchers.Select(v => api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(1000)))));
        await Task.WhenAll(vouchers.Take(10).Select(v => api.PledgeAsync(v with { Account = cast.BuyerAccount }, 100)));
        await api.DoAsync("/v1/reference-prices", new { venueId = cast.Venue, date = "2021-08-20", pricePerTonne = "41.94" });
        await api.LoanAsync(await api.PledgeAsync(vouchers[0] with { Account = cast.BuyerAccount }, 100));
        await api.DoAsync("/v1/trades", await api.TradeBodyAsync(
            cast.BuyerAccount, vouchers[0].Account, "T-1", new { voucherId = vouchers[0].Id, kilograms = 1, pricePerTonne = "40.00" }, new { voucherId = vouchers[1].Id, kilograms = 2, pricePerTonne = "41.00" }));
        await api.DoAsync($"/v1/banks/{cast.Bank}/collateral-policy", new { warningLoanToValue = 0.8, liquidationLoanToValue = 0.9 }, cast.Bank);
        await api.DoAsync($"/v1/banks/{cast.Bank}/margin-runs");
        for (var i = 0; i < 5; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => api.DoAsync("/v1/transfers", TransferBody(cast.BuyerAccount, vouchers[0].Account, [.. vouchers.Select(v => v.Line(1))]))));
        }

        await api.DoAsync("/v1/retirements", RetirementBody(cast.BuyerAccount, vouchers[1].Line(1)));
        await api.DoAsync("/v1/freezes", new { accountId = vouchers[3].Account, authority = "court", documentNumber = "2", kind = "judicial" });
        Assert.True(await api.HeadAsync() > 20_000);
    }

    private static IEnumerable<string> Tables => new BalanceBook().Tables.Concat(new LoanBook().Tables).Select(t => $"ledger.{t}");

    private static async Task<string> TablesAsync(string connectionString)
    {
        var sums = new List<string>();
        foreach (var table in Tables)
        {
            sums.Add($"{table} {await Sql.AskAsync(connectionString, $"select count(*) || ' ' || md5(string_agg(t::text, '|' order by t::text)) from {table} t")}");
        }

        return string.Join('\n', sums);
    }

    private static long Kg(JsonElement of, string member) => of.GetProperty(member).GetInt64();

    private sealed class CutOff : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => throw new OperationCanceledException();
    }
}
