using NodaTime;
using NodaTime.Text;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>A server whose clock is set back, and one that is behind another's: what is read speaks of the same present as what is decided.</summary>
[Collection("postgres")]
public sealed class ClockSpec(PostgresFixture postgres)
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 1, 5, 4, 0);

    private static string Text(Instant instant) => InstantPattern.ExtendedIso.Format(instant);

    private static async Task<string> LoanAsync(LedgerApi api)
    {
        var pledge = await api.PledgeAsync(await api.VoucherAsync(1_000_000), 1_000_000);
        return (await api.DoAsync("/v1/loans", await api.LoanBodyAsync([pledge], "1000.00", "2026-01-01"), (await api.CastAsync()).Bank)).Id;
    }

    [Fact]
    public async Task What_is_owed_pays_a_loan_off_also_when_the_clock_was_set_back()
    {
        var clock = new SetClock { Now = Noon };
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync(), clock);
        using var api = new LedgerApi(server.Url);
        var bank = (await api.CastAsync()).Bank;
        var id = await LoanAsync(api);
        await api.DoAsync($"/v1/loans/{id}/repayments", new { amount = "100.00" }, bank);
        clock.Now -= Duration.FromDays(3);

        var loan = await api.ReadAsync($"/v1/loans/{id}");
        Assert.Equal(("2026-01-05", "2026-01-05"), (loan.GetProperty("valuationDate").GetString(), loan.GetProperty("lastEntryDate").GetString()));
        foreach (var book in new[] { "loan-book", "collateral-book" })
        {
            Assert.Equal(Text(Noon), (await api.ReadAsync($"/v1/banks/{bank}/{book}")).GetProperty("asOf").GetString());
        }

        Assert.Equal("2026-01-05", (await api.ReadAsync($"/v1/banks/{bank}/collateral-book")).GetProperty("valuationDate").GetString());
        await api.DoAsync($"/v1/loans/{id}/repayments", new { amount = loan.GetProperty("outstanding").GetString() }, bank);
        Assert.Equal("repaid", (await api.ReadAsync($"/v1/loans/{id}")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_newest_event_does_not_lie_in_the_future()
    {
        var clock = new SetClock { Now = Noon };
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync(), clock);
        using var api = new LedgerApi(server.Url);
        var voucher = await api.VoucherAsync();
        clock.Now -= Duration.FromDays(30);
        var past = await api.ReadAsync($"/v1/accounts/{voucher.Account}/balances?asOf={Text(Noon)}");
        Assert.Equal(1000, past.GetProperty("totals").GetProperty("owned").GetInt64());
        Assert.Equal("as-of-in-future", (await api.GetAsync($"/v1/accounts/{voucher.Account}/balances?asOf={Text(Noon + Duration.FromSeconds(1))}")).Code);

        // What an answer says of its own time can be asked about.
        var asOf = (await api.ReadAsync($"/v1/accounts/{voucher.Account}/balances")).GetProperty("asOf").GetString();
        Assert.Equal(1000, (await api.ReadAsync($"/v1/accounts/{voucher.Account}/balances?asOf={asOf}")).GetProperty("totals").GetProperty("owned").GetInt64());
        var liens = (await api.ReadAsync($"/v1/liens?voucherId={voucher.Id}")).GetProperty("statement");
        Instant Of(string member) => InstantPattern.ExtendedIso.Parse(liens.GetProperty(member).GetString()!).Value;
        Assert.True(Of("issuedAt") >= Of("logTime"), liens.ToString());
        var account = await api.ReadAsync($"/v1/accounts/{voucher.Account}/statement");
        Assert.Equal(1, account.GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task A_server_that_starts_with_its_clock_behind_knows_the_logs_time_from_its_first_answer()
    {
        var database = await postgres.CreateDatabaseAsync();
        string id;
        await using (var before = await RunningServer.StartAsync(database, new SetClock { Now = Noon }))
        {
            using var first = new LedgerApi(before.Url);
            id = await LoanAsync(first);
        }

        await using var server = await RunningServer.StartAsync(database, new SetClock { Now = Noon - Duration.FromDays(3) });
        using var api = new LedgerApi(server.Url);
        Assert.Equal("2026-01-05", (await api.ReadAsync($"/v1/loans/{id}")).GetProperty("valuationDate").GetString());
    }

    [Fact]
    public async Task Of_two_servers_the_one_that_is_behind_answers_about_what_the_other_recorded()
    {
        var database = await postgres.CreateDatabaseAsync();
        var ahead = new SetClock { Now = Noon };
        await using var one = await RunningServer.StartAsync(database, ahead);
        await using var other = await RunningServer.StartAsync(database, new SetClock { Now = Noon - Duration.FromDays(3) });
        using var writes = new LedgerApi(one.Url);
        using var reads = new LedgerApi(other.Url);
        var voucher = await writes.VoucherAsync();
        for (var i = 0; i < 20; i++)
        {
            ahead.Now += Duration.FromMinutes(1);
            await writes.DoAsync("/v1/transfers", LedgerApi.TransferBody(voucher.Account, (await writes.CastAsync()).BuyerAccount, voucher.Line(1)));
            var balances = await reads.ReadAsync($"/v1/accounts/{voucher.Account}/balances?asOf={Text(ahead.Now)}");
            Assert.Equal(999 - i, balances.GetProperty("totals").GetProperty("owned").GetInt64());
        }
    }

    /// <summary>The log's time has passed the agreed instant, so nobody can settle any more; the end must be recorded then, and not when the clock comes there again.</summary>
    [Fact]
    public async Task A_hold_ends_when_the_logs_time_has_passed_its_end()
    {
        var clock = new SetClock { Now = Noon };
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync(), clock);
        using var api = new LedgerApi(server.Url);
        var (voucher, cast) = (await api.VoucherAsync(), await api.CastAsync());
        var body = await api.TradeBodyAsync(voucher.Account, cast.BuyerAccount, "T-1", new { voucherId = voucher.Id, kilograms = 10, pricePerTonne = "41.94" });
        var trade = (await api.DoAsync("/v1/trades", body.With(new { settlement = "deferred", holdUntil = Text(Noon + Duration.FromMinutes(10)) }), cast.Venue)).Id;
        clock.Now += Duration.FromMinutes(20);
        await api.ReadAsync($"/v1/trades/{trade}?asOf={Text(Noon + Duration.FromMinutes(15))}"); // moves the log's time
        clock.Now = Noon;
        Assert.Equal("hold-expired", (await api.PostAsync($"/v1/trades/{trade}/settle", new { }, cast.Venue)).Code);
        for (var patience = 0; (await api.ReadAsync($"/v1/trades/{trade}")).GetProperty("status").GetString() != "expired"; patience++)
        {
            Assert.True(patience < 100, "The end of the hold is not recorded.");
            await Task.Delay(100);
        }
    }
}
