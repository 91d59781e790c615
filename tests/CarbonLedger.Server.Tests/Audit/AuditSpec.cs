using CarbonLedger.Server.Demo;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Audit;

/// <summary>The demo comes out to the fen and to the kilogram, and the audit agrees with registers of every shape.</summary>
[Collection("postgres")]
public sealed class AuditSpec(PostgresFixture postgres)
{
    [Fact]
    public async Task Uploads_and_the_rows_in_them_agree()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            var (v, cast) = (await api.VoucherAsync(100), await api.CastAsync());
            foreach (var query in (string[])["", "?dryRun=true", "?mode=whole"])
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/bulk/transfers{query}")
                {
                    Content = new StringContent($"fromAccountId,toAccountId,voucherId,kilograms\n{v.Account},{cast.BuyerAccount},{v.Id},1\n", System.Text.Encoding.UTF8, "text/csv"),
                };
                request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
                var job = (await api.SendAsync(request)).Id;
                for (var i = 0; i < 100 && (await api.ReadAsync($"/v1/bulk/{job}")).GetProperty("state").GetString() != "finished"; i++)
                {
                    await Task.Delay(50);
                }
            }

            Assert.Equal(2, (await api.ReadAsync($"/v1/accounts/{cast.BuyerAccount}/balances")).GetProperty("totals").GetProperty("owned").GetInt64());
            await Crash.Load.CatchUpAsync(api);
        }

        await using var database = Npgsql.NpgsqlDataSource.Create(connectionString);
        Assert.Equal([Audited.Agrees], await Audited.LinesAsync(database));
    }

    [Fact]
    public async Task A_question_about_a_past_instant_and_a_trade_of_the_first_one_leave_nothing_to_find()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            var (v, account) = (await api.VoucherAsync(), (await api.CastAsync()).BuyerAccount);
            var trade = await api.TradeBodyAsync(v.Account, account, "T-0", new { voucherId = v.Id, kilograms = 1, pricePerTonne = "41.94" });
            await api.DoAsync("/v1/trades", trade.With(new { tradedAt = "0001-01-01T00:00:00Z" })); // what a program sends that was given no time
            await Task.Delay(20);
            await api.ReadAsync($"/v1/accounts/{account}/balances?asOf={DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.ffffffZ}"); // nothing is ever recorded at or before it again
            await Crash.Load.CatchUpAsync(api);
        }

        await using var database = Npgsql.NpgsqlDataSource.Create(connectionString);
        Assert.Equal([Audited.Agrees], await Audited.LinesAsync(database));
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Timeout=5")]
    [InlineData("nothing")]
    public void Where_there_is_no_database_it_says_so_and_ends_with_2(string connectionString)
    {
        var (error, said) = (Console.Error, new StringWriter());
        Console.SetError(said);
        try
        {
            Assert.Equal(2, typeof(CarbonLedger.Audit.AuditRun).Assembly.EntryPoint!.Invoke(null, [new[] { connectionString }]));
        }
        finally
        {
            Console.SetError(error);
        }

        Assert.Contains("The database could not be read: ", said.ToString());
    }

    [Fact]
    public async Task The_demo_played_twice_adds_nothing_twice()
    {
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync());
        using var api = new LedgerApi(server.Url);
        using var first = new StringWriter();
        await DemoCases.PlayAsync(server.Url, first);
        var log = (await api.ReadAsync("/v1/events?limit=1000")).GetRawText();
        using var second = new StringWriter();
        await DemoCases.PlayAsync(server.Url, second);

        Assert.Equal(log, (await api.ReadAsync("/v1/events?limit=1000")).GetRawText());
        string[] lanzhou = ["503,280.00", "495,000.00", "98.35 %", "12,000,000 kg, 0 of them free", "409 units-under-lien", "1,088,744"];
        string[] ranks =
        [
            "Bank C lends 60,000.00 CNY at rank 2: loan-to-value 15.00 %; before it 200,000.00 CNY, which leave 200,000.00",
            "120,000.00 of 240,000.00 CNY is 50.00 %, above its own level of 45.00 %", "80,000.00 of 240,000.00 CNY is 33.33 %, above its own level of 30.00 %", "its call is cured, by repayment",
            "409 default-not-notified", "proceeds of 245,000.00 CNY", "The buyer owns 10,000,000 kg, 10,000,000 of them free",
        ];
        Assert.Matches(@"Bank A +1 +120,000\.00 +120,000\.00 +0\.00\s+Bank B +1 +70,000\.00 +70,000\.00 +0\.00\s+Bank C +2 +60,000\.00 +50,000\.00 +10,000\.00\s+surplus to the pledgor +0\.00", first.ToString());
        foreach (var figure in lanzhou.Concat(ranks))
        {
            Assert.Contains(figure, first.ToString(), StringComparison.Ordinal);
        }

        // Whatever came between, the second play prints what the first did, but for its last lines.
        Assert.Equal(Steps(first), Steps(second));
        Assert.Equal(3, second.ToString().Split("nothing was added twice").Length - 1);
    }

    private static async Task PlayAsync(Func<DemoClient, DemoCase> begin, Uri server)
    {
        using var client = new DemoClient(server);
        await begin(client).PlayAsync(server);
    }

    private static string[] Steps(StringWriter printed) => [.. printed.ToString().Split('\n').Where(l => System.Text.RegularExpressions.Regex.IsMatch(l, @"^ +\d+\. "))];

    [Fact]
    public async Task The_zero_carbon_office_comes_out_to_the_kilogram_and_played_twice_adds_nothing_twice()
    {
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync());
        using var api = new LedgerApi(server.Url);
        await PlayAsync(client => new LanzhouDemo(client, TextWriter.Null), server.Url);
        using var first = new StringWriter();
        await PlayAsync(client => new OfficeDemo(client, first), server.Url);
        var log = await api.HeadAsync();
        using var second = new StringWriter();
        await PlayAsync(client => new OfficeDemo(client, second), server.Url);

        Assert.Equal(log, await api.HeadAsync());
        foreach (var figure in new[] { "1,088,744 kg", "495,500", "550,000", "43,244", "1,088,743 kg is refused: 409 claim-short-of-emissions", "/certificates/claims/", "published" })
        {
            Assert.Contains(figure, first.ToString(), StringComparison.Ordinal);
        }

        var page = System.Text.RegularExpressions.Regex.Match(first.ToString(), "/certificates/claims/\\S+").Value;
        Assert.Contains("1,088.744", (await api.GetAsync(page)).Text, StringComparison.Ordinal);
        Assert.Contains(page, second.ToString(), StringComparison.Ordinal);
        Assert.Contains("nothing was added twice", second.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pages_show_what_the_demo_left()
    {
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync());
        using var api = new LedgerApi(server.Url);
        await DemoCases.PlayAsync(server.Url, TextWriter.Null);

        var register = (await api.GetAsync("/")).Text;
        Assert.Contains("4,911.256", register, StringComparison.Ordinal);
        var links = System.Text.RegularExpressions.Regex.Matches(register, "href=\"(/(accounts|banks)/[^\"]+)\"").Select(m => m.Groups[1].Value).ToArray();
        Assert.Equal(11, links.Length);
        var pages = string.Concat(await Task.WhenAll(links.Select(async l => System.Net.WebUtility.HtmlDecode((await api.GetAsync(l)).Text))));
        Assert.Contains("10,911.256", pages, StringComparison.Ordinal);
        Assert.Contains("已结清 repaid", pages, StringComparison.Ordinal);
        Assert.Equal(404, (await api.GetAsync($"/accounts/{Guid.NewGuid()}")).Status);
    }

    [Fact]
    public async Task Pieces_that_were_known_by_their_first_serials_agree_after_the_migration()
    {
        const string asTheyWere = """
            create table ledger.were as
                select voucher_id, lag(last_serial, 1, 0::bigint) over (partition by voucher_id order by last_serial) + 1 as first_serial, account_id, status, locks from ledger.pieces
                union all select voucher_id, max(last_serial) + 1, null, 4, null from ledger.pieces group by voucher_id;
            drop table ledger.pieces;
            drop function ledger.refuse_pieces_beyond;
            alter table ledger.were rename to pieces;
            """;
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            await DemoCases.PlayAsync(server.Url, TextWriter.Null);
        }

        await Sql.RunAsync(connectionString, asTheyWere);
        await Sql.RunAsync(connectionString, await Sql.MigrationAsync("0104_pieces_by_their_ends"));
        Assert.Equal(Audited.Agrees, await Audited.AfterAsync(connectionString, "select 1"));
    }

    /// <summary>Locks of every kind, cut into pieces by partial releases and by holders: the projection's rows are split, the audit's are not.</summary>
    [Fact]
    public async Task Locks_that_were_cut_agree_and_their_tampering_is_found()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            var (v, cast) = (await api.VoucherAsync(1000), await api.CastAsync());
            await api.DoAsync("/v1/transfers", LedgerApi.TransferBody(v.Account, cast.BuyerAccount, v.Line((801, 900))));
            var pledge = await api.PledgeAsync(v, 500);
            var freeze = (await api.DoAsync("/v1/freezes", new { lines = new[] { v.Line((401, 1000)) }, authority = "court", documentNumber = "D-1", kind = "judicial" })).Id;
            await api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid", lines = new[] { v.Line((101, 200), (451, 460)) } }, cast.Bank);
            await api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid", lines = new[] { v.Line(300) } }, cast.Bank);
            await api.DoAsync($"/v1/freezes/{freeze}/lift", new { authority = "court", documentNumber = "D-2" });
            await api.DoAsync("/v1/freezes", new { accountId = v.Account, authority = "court", documentNumber = "D-3", kind = "judicial" });
            await Crash.Load.CatchUpAsync(api);
        }

        Assert.Equal(Audited.Agrees, await Audited.AfterAsync(connectionString, "select 1"));
        Assert.NotEqual(Audited.Agrees, await Audited.AfterAsync(connectionString, "update ledger.account_freezes set from_index = from_index - 1"));
    }
}
