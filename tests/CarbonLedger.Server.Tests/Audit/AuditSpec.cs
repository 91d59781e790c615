using CarbonLedger.Audit;
using CarbonLedger.Server.Demo;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Npgsql;

namespace CarbonLedger.Server.Tests.Audit;

/// <summary>The audit agrees with an honest register, and finds whatever is changed behind its back.</summary>
[Collection("postgres")]
public sealed class AuditSpec(PostgresFixture postgres)
{
    [Fact]
    public async Task An_honest_register_has_no_findings() => Assert.Equal("Everything agrees.", await AuditAfterAsync("select 1"));

    [Theory]
    [InlineData("a byte of an event", "update ledger.leaves set bytes = set_byte(bytes, length(bytes) - 3, get_byte(bytes, length(bytes) - 3) # 1) where seq_id = 30")]
    [InlineData("a hash", "update ledger.leaves set hash = sha256('x') where seq_id = 30")]
    [InlineData("bytes and hash together", "update ledger.leaves set bytes = b.bytes, hash = sha256('\\x00' || b.bytes) from (select convert_to(replace(convert_from(bytes, 'UTF8'), '6000000', '6000001'), 'UTF8') as bytes from ledger.leaves l join mt_events using (seq_id) where type = 'units_pledged' limit 1) b where seq_id = (select min(seq_id) from mt_events where type = 'units_pledged')")]
    [InlineData("the readable data", "update mt_events set data = jsonb_set(data, '{actor}', '\"registrar2\"') where seq_id = 30")]
    [InlineData("a time", "update mt_events set timestamp = timestamp + interval '1 microsecond' where seq_id = 30")]
    [InlineData("a type", "update mt_events set type = 'units_released' where type = 'units_pledged'")]
    [InlineData("a missing event", "delete from mt_events where seq_id = 30")]
    [InlineData("a missing leaf", "delete from ledger.leaves where seq_id = 30")]
    [InlineData("the end cut off", "delete from ledger.leaves where seq_id = (select max(seq_id) from ledger.leaves); delete from mt_events where seq_id = (select max(seq_id) from mt_events)")]
    [InlineData("a holder", "update ledger.pieces set account_id = (select account_id from ledger.balances limit 1) where status = 1")]
    [InlineData("a retired unit come back", "update ledger.pieces set status = 0 where status = 1")]
    [InlineData("a voucher that grew", "insert into ledger.pieces (voucher_id, last_serial, account_id, status) select voucher_id, max(last_serial) + 1, min(account_id::text)::uuid, 0 from ledger.pieces group by voucher_id")]
    [InlineData("a piece that begins elsewhere", "update ledger.pieces set last_serial = last_serial - 1 where status = 1")]
    [InlineData("a balance", "update ledger.balances set owned = owned + 1 where log_index = (select max(log_index) from ledger.balances)")]
    [InlineData("a total", "update ledger.voucher_totals set pledged = pledged + 1, free = free - 1 where log_index = (select max(log_index) from ledger.voucher_totals)")]
    [InlineData("a lien gone", "delete from ledger.liens where first_serial = (select max(first_serial) from ledger.liens)")]
    [InlineData("a lien that never was", "insert into ledger.liens select voucher_id, gen_random_uuid(), first_serial, end_serial, kind, equal_rank_with, account_id, since_index, from_index, until_index from ledger.liens limit 1")]
    [InlineData("a lien on other serials", "update ledger.liens set end_serial = end_serial - 1")]
    [InlineData("a lien that came at another time", "update ledger.liens set from_index = from_index - 1")]
    [InlineData("a released lien come back", "update ledger.liens set until_index = null")]
    [InlineData("a rank", "update ledger.liens set since_index = since_index - 1")]
    [InlineData("an equal rank", "update ledger.liens set equal_rank_with = gen_random_uuid()")]
    [InlineData("the kind of a lock", "update ledger.liens set kind = 'freeze'")]
    [InlineData("a freeze of an account", "insert into ledger.account_freezes select account_id, gen_random_uuid(), log_index, null from ledger.balances limit 1")]
    public async Task A_change_behind_the_back_is_found(string what, string sql) =>
        Assert.True(await AuditAfterAsync(sql) != "Everything agrees.", $"The audit did not find {what}.");

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

    private static string[] Steps(StringWriter printed) => [.. printed.ToString().Split('\n').Where(l => System.Text.RegularExpressions.Regex.IsMatch(l, @"^ +\d+\. "))];

    [Fact]
    public async Task The_zero_carbon_office_comes_out_to_the_kilogram_and_played_twice_adds_nothing_twice()
    {
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync());
        using var api = new LedgerApi(server.Url);
        await LanzhouDemo.PlayAsync(server.Url, TextWriter.Null);
        using var first = new StringWriter();
        await OfficeDemo.PlayAsync(server.Url, first);
        var log = await api.HeadAsync();
        using var second = new StringWriter();
        await OfficeDemo.PlayAsync(server.Url, second);

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
        Assert.Contains("10,911,256", pages, StringComparison.Ordinal);
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
        Assert.Equal("Everything agrees.", await AuditAsync(connectionString, "select 1"));
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

        Assert.Equal("Everything agrees.", await AuditAsync(connectionString, "select 1"));
        Assert.NotEqual("Everything agrees.", await AuditAsync(connectionString, "update ledger.account_freezes set from_index = from_index - 1"));
    }

    /// <summary>Plays the demo, waits for the projections, changes the database as its owner could, and audits. Returns the last line printed.</summary>
    private async Task<string> AuditAfterAsync(string sql)
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            await DemoCases.PlayAsync(server.Url, TextWriter.Null);
        }

        return await AuditAsync(connectionString, sql);
    }

    private static async Task<string> AuditAsync(string connectionString, string sql)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using (var connection = await database.OpenConnectionAsync())
        {
            // As replica, no trigger fires: whoever owns the database can do this, which is why the audit exists.
            await using var command = new NpgsqlCommand($"set session_replication_role = replica; {sql}", connection);
            await command.ExecuteNonQueryAsync();
        }

        var (findings, units) = (new Findings(), new UnitModel());
        var (events, _) = await new LogCheck(database, findings).RunAsync(units);
        await new Comparison(database, findings).RunAsync(units, events);
        using var printed = new StringWriter();
        findings.Print(printed);
        return printed.ToString().TrimEnd().Split('\n')[^1].TrimEnd();
    }
}
