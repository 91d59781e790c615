using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.Crash;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Store;

/// <summary>A register from before loans were kept exact goes on: what was owed stays owed, and the book is made anew from the log.</summary>
[Collection("postgres")]
public sealed class LoanMigrationSpec(PostgresFixture postgres)
{
    private const string AsItWas = """
        drop table ledger.trade_prices, ledger.margin_calls;
        delete from ledger.venue_trades;
        delete from ledger.things_by_party;
        drop index ledger.reference_prices_by_venue;
        alter table ledger.loan_book drop column opened_index;
        update ledger.states set state = (state::jsonb - 'interestYuanDays' - 'interestPaid' - 'unpaidCosts' - 'rateSteps' || '{"unpaidInterest":"362.51"}')::json where kind = 'loan';
        """;

    [Fact]
    public async Task An_older_register_keeps_its_debts_and_gains_its_prices()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        string loan, venue, bank;
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            (venue, bank) = ((await api.CastAsync()).Venue, (await api.CastAsync()).Bank);
            var voucher = await api.VoucherAsync(2000);
            loan = await api.LoanAsync(await api.PledgeAsync(voucher, 1000), "100000.00", DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd"));
            await api.DoAsync("/v1/trades", await api.TradeBodyAsync(voucher.Account, (await api.CastAsync()).BuyerAccount, "T-1", new { voucherId = voucher.Id, kilograms = 10, pricePerTonne = "40.00" }));
            await Load.CatchUpAsync(api);
        }

        await Sql.RunAsync(connectionString, AsItWas);
        await Sql.RunAsync(connectionString, await Sql.MigrationAsync("0030_loans_and_prices"));
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            Assert.Equal("100362.51", (await api.ReadAsync($"/v1/loans/{loan}")).GetProperty("outstanding").GetString());
            await api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "100362.51" });
            Assert.Equal("repaid", (await api.ReadAsync($"/v1/loans/{loan}")).GetProperty("status").GetString());
            Assert.Equal("40.00", (await api.ReadAsync($"/v1/venues/{venue}/prices")).GetProperty("total").GetProperty("last").GetString());
            Assert.Equal(1, (await api.ReadAsync($"/v1/banks/{bank}/loan-book")).GetProperty("totals").GetProperty("loans").GetInt32());
        }
    }

    /// <summary>A loan of 1,000.00 at 4.35 % over 360 from 2021-09-01: repaid on 2021-10-01 (3.625 of interest) and 2021-11-15 (45 days on what was left), at 5 % from 2022-01-01, with costs on 2022-02-01.</summary>
    [Fact]
    public async Task A_loan_with_repayments_of_an_older_program_owes_now_what_its_log_says()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        string loan, bank;
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            bank = (await api.CastAsync()).Bank;
            loan = await api.LoanAsync(await api.PledgeAsync(await api.VoucherAsync(2000), 1000));
            await api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "403.63", date = "2021-10-01" }, bank);
            await api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "103.26", date = "2021-11-15" }, bank);
            await Sql.RunAsync(connectionString, "update ledger.migrations set applied_at = clock_timestamp() where number = 30");
            await api.DoAsync($"/v1/loans/{loan}/rate-changes", new { annualRate = 0.05, from = "2022-01-01", reason = "LPR" }, bank);
            await api.DoAsync($"/v1/loans/{loan}/costs", new { amount = "5.00", date = "2022-02-01", reason = "notary" }, bank);
            await Load.CatchUpAsync(api);
        }

        const string Sums = "select (state ->> 'interestYuanDays') || ' ' || (state ->> 'interestPaid') from ledger.states where kind = 'loan'";
        var right = await Sql.AskAsync(connectionString, Sums);
        Assert.Equal("4276.75000000 6.89", right); // 1,000.00 × 0.0435 × 30 + 600.00 × 0.0435 × 45 + 500.00 × (0.0435 × 47 + 0.05 × 31)
        await Sql.RunAsync(connectionString, "update ledger.states set state = (state::jsonb || '{\"interestYuanDays\":1799.55,\"interestPaid\":\"0.00\"}')::json where kind = 'loan'; delete from ledger.migrations where number = 109");

        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            Assert.Equal(right, await Sql.AskAsync(connectionString, Sums));
            var before = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ");
            var owed = (await api.ReadAsync($"/v1/loans/{loan}")).GetProperty("outstanding").GetString();
            await api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = owed }, bank);
            Assert.Equal(owed, (await api.ReadAsync($"/v1/loans/{loan}?asOf={before}")).GetProperty("outstanding").GetString());
            await Load.CatchUpAsync(api);
        }

        await using var database = Npgsql.NpgsqlDataSource.Create(connectionString);
        Assert.Equal([Audit.Audited.Agrees], await Audit.Audited.LinesAsync(database));
    }

    [Fact]
    public async Task Two_servers_that_see_one_price_make_one_run()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var one = await RunningServer.StartAsync(connectionString);
        await using var other = await RunningServer.StartAsync(connectionString);
        using var api = new LedgerApi(one.Url);
        var (bank, venue) = ((await api.CastAsync()).Bank, (await api.CastAsync()).Venue);
        await api.DoAsync($"/v1/banks/{bank}/collateral-policy", new { warningLoanToValue = 0.8 }, bank);
        var voucher = await api.VoucherAsync(1_000_000);
        for (var i = 0; i < 3; i++)
        {
            await api.LoanAsync(await api.PledgeAsync(voucher, 100_000), "3000.00", DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd"));
        }

        for (var i = 1; i <= 3; i++)
        {
            await api.DoAsync("/v1/reference-prices", new { venueId = venue, date = "2021-08-20", pricePerTonne = "30.00" });
            Assert.Equal("3 1", await CountAsync(connectionString, "margin_called", 3 * i, i));
            await api.DoAsync("/v1/reference-prices", new { venueId = venue, date = "2021-08-20", pricePerTonne = "50.00" });
            Assert.Equal("3 1", await CountAsync(connectionString, "margin_call_cured", 3 * i, i));
        }
    }

    /// <summary>Events per price of a type and runs per price, once they are there and another look of both servers has passed.</summary>
    private static async Task<string> CountAsync(string connectionString, string type, int events, int prices)
    {
        for (var patience = 0; patience < 100 && await Sql.AskAsync(connectionString, $"select count(*)::text from mt_events where type = '{type}'") != $"{events}"; patience++)
        {
            await Task.Delay(100);
        }

        await Task.Delay(2200);
        return (await Sql.AskAsync(
            connectionString,
            $"""
            select count(*) filter (where type = '{type}') / {prices} || ' ' ||
                   count(distinct seq_id) filter (where type = 'margin_run_recorded' and exists (select from mt_events n where n.seq_id = e.seq_id + 1 and n.type = '{type}')) / {prices}
            from mt_events e
            """))!;
    }
}
