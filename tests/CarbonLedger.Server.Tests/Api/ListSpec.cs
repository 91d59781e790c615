using System.Text.Json;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Npgsql;
using static CarbonLedger.Server.Tests.Api.LedgerApi;
using static CarbonLedger.Server.Tests.Api.OfficeApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Lists stand in the order of the log, so that a cursor can be followed while others write.</summary>
public sealed class ListSpec(ServerFixture fixture, PostgresFixture postgres) : ApiSpec(fixture)
{
    [Fact]
    public async Task Whoever_follows_a_list_while_others_write_sees_every_entry_once_in_log_order()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var one = await RunningServer.StartAsync(connectionString);
        await using var other = await RunningServer.StartAsync(connectionString);
        using var reader = new LedgerApi(one.Url);
        var writers = new[] { one, other, one, other, one, other, one, other }.Select(s => new LedgerApi(s.Url)).ToArray();
        var writing = Task.WhenAll(writers.SelectMany(w => Enumerable.Range(0, 4).Select(async _ =>
        {
            for (var i = 0; i < 20; i++)
            {
                await w.OrganizationAsync("auditor");
            }
        })));
        var (seen, cursor) = (new List<string>(), "");
        while (true)
        {
            var isWritten = writing.IsCompleted;
            var page = await reader.ReadAsync($"/v1/organizations?limit=3{cursor}");
            var more = page.TryGetProperty("nextCursor", out var next);
            if (more || isWritten)
            {
                seen.AddRange(IdsOf(page.GetProperty("items")));
            }

            if (!more && isWritten)
            {
                break;
            }

            cursor = more ? $"&cursor={next.GetString()}" : cursor; // the last page grows: it is asked for again
        }

        await writing;
        Array.ForEach(writers, w => w.Dispose());
        Assert.Equal(640, seen.Count);
        Assert.Equal(await InLogOrderAsync(connectionString, "organization_registered"), seen);
        Assert.Equal(seen, IdsOf((await reader.ReadAsync("/v1/organizations?limit=1000")).GetProperty("items")));
    }

    [Fact]
    public async Task The_registrar_finds_applications_by_where_they_stand_and_by_project()
    {
        var project = await Api.ProjectAsync();
        var filed = await Api.FiledAsync(project);
        var draft = (await Api.DoAsync("/v1/applications", await Api.ApplicationBodyAsync(project))).Id;
        Assert.Equal([filed, draft], IdsOf(await AllAsync($"/v1/applications?projectId={project.Id}")));
        Assert.Contains(filed, IdsOf(await AllAsync("/v1/applications?status=filed")));
        Assert.All(await AllAsync("/v1/applications?status=filed&limit=3"), a => Assert.Equal("filed", a.GetProperty("status").GetString()));

        await Api.DoAsync($"/v1/applications/{filed}/reject");
        Assert.DoesNotContain(filed, IdsOf(await AllAsync("/v1/applications?status=filed")));
        await RefusedGetAsync(400, "value-out-of-range", "/v1/applications?status=Filed");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/applications?status=filed&projectId={project.Id}");
        await RefusedGetAsync(400, "not-supported", $"/v1/applications?status=filed&asOf={Now()}");
        Assert.Equal([filed, draft], IdsOf(await AllAsync($"/v1/applications?projectId={project.Id}&asOf={Now()}")));
    }

    [Fact]
    public async Task The_accounts_of_an_organization_are_found()
    {
        var organization = await Api.OrganizationAsync("office");
        string[] accounts = [await Api.AccountAsync(organization), await Api.AccountAsync(organization)];
        await Api.AccountAsync(await Api.OrganizationAsync("office"));
        Assert.Equal(accounts, IdsOf(await AllAsync($"/v1/accounts?organizationId={organization}&limit=1")));
    }

    [Fact]
    public async Task A_banks_loans_stand_in_the_order_in_which_they_were_opened()
    {
        var cast = await Api.CastAsync();
        var pledges = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            pledges.Add(await Api.PledgeAsync(await Api.VoucherAsync(), 1000));
        }

        await Task.WhenAll(pledges.Select(p => Api.LoanAsync(p, "1.00")));
        var (loans, cursor) = (new List<string>(), "");
        do
        {
            var page = await Api.ReadAsync($"/v1/banks/{cast.Bank}/loan-book?limit=3{cursor}");
            loans.AddRange(IdsOf(page.GetProperty("loans")));
            cursor = page.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : "";
        }
        while (cursor != "");
        Assert.Equal(await InLogOrderAsync(Fixture.ConnectionString, "loan_opened"), loans);
    }

    [Fact]
    public async Task The_claims_of_a_voucher_stand_in_the_order_in_which_it_came_to_back_them()
    {
        var (office, other, v) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(10), await Api.VoucherAsync(100));
        async Task<string> ClaimAsync(Voucher voucher, int kilograms)
        {
            var retirement = await Api.RetiredForAsync(office, voucher.Account, voucher.Line(kilograms));
            return (await Api.DoAsync("/v1/claims", ClaimBody((await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(kilograms)))).Id, retirement))).Id;
        }

        var (toppedUp, second) = (await ClaimAsync(other, 10), await ClaimAsync(v, 5));
        await Api.DoAsync($"/v1/claims/{toppedUp}/publish");
        var page = await Api.ReadAsync($"/v1/claims?voucherId={v.Id}&limit=1");
        Assert.False(page.TryGetProperty("nextCursor", out _));

        // An older claim comes to the voucher: it stands behind what a reader has seen.
        await Api.DoAsync($"/v1/claims/{toppedUp}/flags", new { voucherId = other.Id, reason = "suspected" });
        await Api.DoAsync($"/v1/claims/{toppedUp}/top-ups", new { retirementIds = new[] { await Api.RetiredForAsync(office, v.Account, v.Line(10)) } });
        page = await Api.ReadAsync($"/v1/claims?voucherId={v.Id}&limit=1");
        Assert.Equal([second], IdsOf(page.GetProperty("items")));
        await Api.DoAsync($"/v1/claims/{second}/flags", new { voucherId = v.Id, reason = "suspected" });
        page = await Api.ReadAsync($"/v1/claims?voucherId={v.Id}&limit=1&cursor={page.GetProperty("nextCursor").GetString()}");
        Assert.Equal([toppedUp], IdsOf(page.GetProperty("items")));
        Assert.Equal([toppedUp, second], IdsOf((await Api.ReadAsync($"/v1/claims?organizationId={office}")).GetProperty("items")));
    }

    [Fact]
    public async Task What_is_published_stands_at_the_end_of_the_factor_library()
    {
        var published = new List<string>();
        for (var year = 2019; year < 2024; year++)
        {
            published.Add((await Api.DoAsync("/v1/emission-factors", new
            {
                activity = "gridElectricity",
                region = "贵州省",
                year,
                kilogramsPerUnit = "0.4321",
                unit = "kWh",
                calibre = "locationBased",
                publisher = "example",
                publication = "example notice",
            })).Id);
        }

        var (rows, cursor) = (new List<string>(), "");
        do
        {
            var page = await Api.ReadAsync($"/v1/emission-factors?limit=40{cursor}");
            rows.AddRange(IdsOf(page.GetProperty("items")));
            cursor = page.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : "";
        }
        while (cursor != "");
        Assert.Equal(published, rows.TakeLast(5));
        Assert.Equal(rows.Count, rows.Distinct().Count());
        Assert.Equal(rows, IdsOf((await Api.ReadAsync("/v1/emission-factors?limit=1000")).GetProperty("items")));
    }

    [Fact]
    public async Task Every_page_of_balances_shows_the_position_of_the_first()
    {
        var cast = await Api.CastAsync();
        var (account, away) = (await Api.AccountAsync(cast.Buyer), await Api.AccountAsync(cast.Buyer));
        var vouchers = new List<Voucher>();
        for (var i = 0; i < 3; i++)
        {
            vouchers.Add(await Api.VoucherAsync());
            await Api.DoAsync("/v1/transfers", TransferBody(vouchers[i].Account, account, vouchers[i].Line(10)));
        }

        var first = await Api.ReadAsync($"/v1/accounts/{account}/balances?limit=1");
        foreach (var voucher in vouchers)
        {
            await Api.DoAsync("/v1/transfers", TransferBody(account, away, voucher.Line(10)));
        }

        var rest = await Api.ReadAsync($"/v1/accounts/{account}/balances?limit=5&cursor={first.GetProperty("nextCursor").GetString()}");
        Assert.Equal(first.GetProperty("logIndex").GetInt64(), rest.GetProperty("logIndex").GetInt64());
        Assert.Equal(first.GetProperty("totals").GetRawText(), rest.GetProperty("totals").GetRawText());
        Assert.False(rest.TryGetProperty("nextCursor", out _));
        Assert.Equal(
            vouchers.Select(v => v.Id).Order(StringComparer.Ordinal),
            first.GetProperty("vouchers").EnumerateArray().Concat(rest.GetProperty("vouchers").EnumerateArray()).Select(b => b.GetProperty("voucherId").GetString()));
    }

    [Theory]
    [InlineData("/v1/organizations?")]
    [InlineData("/v1/accounts?")]
    [InlineData("/v1/projects?")]
    [InlineData("/v1/applications?")]
    [InlineData("/v1/vouchers?")]
    [InlineData("/v1/trades?")]
    [InlineData("/v1/pledges?")]
    [InlineData("/v1/freezes?")]
    [InlineData("/v1/cancellations?")]
    [InlineData("/v1/schemes?")]
    [InlineData("/v1/inventories?")]
    [InlineData("/v1/inventories?organizationId={bank}&")]
    [InlineData("/v1/claims?")]
    [InlineData("/v1/claims?organizationId={bank}&")]
    [InlineData("/v1/claims?voucherId={bank}&")]
    [InlineData("/v1/emission-factors?")]
    [InlineData("/v1/organizations/{bank}/electricity-calibrations?")]
    [InlineData("/v1/banks/{bank}/loan-book?")]
    [InlineData("/v1/loans?")]
    [InlineData("/v1/loans?bankId={bank}&")]
    [InlineData("/v1/loans?borrowerId={bank}&")]
    [InlineData("/v1/banks/{bank}/margin-calls?")]
    [InlineData("/v1/accounts/{account}/balances?")]
    public async Task The_id_of_an_entry_is_no_cursor(string path)
    {
        var cast = await Api.CastAsync();
        var list = path.Replace("{bank}", cast.Bank).Replace("{account}", cast.BuyerAccount);
        foreach (var cursor in new[] { cast.Bank, "ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-8000-000000000000", "7fffffff-ffff-ffff-0000-000000000001", "1" })
        {
            await RefusedGetAsync(400, "cursor-malformed", $"{list}cursor={cursor}");
        }
    }

    [Fact]
    public async Task A_page_out_of_many_things_reads_its_entries_and_no_others()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var server = await RunningServer.StartAsync(connectionString);
        await Sql.RunAsync(
            connectionString,
            $$"""
            insert into ledger.states (id, kind, state, begun_index)
            select gen_random_uuid(), case n % 2 when 0 then 'trade' else 'claim' end, '{}', n from generate_series(1, 40000) n;
            insert into ledger.things_by_party (party_id, kind, begun_index, thing_id)
            select case n % 4 when 1 then '{{Nobody}}'::uuid else gen_random_uuid() end, kind, n, id from (select kind, begun_index as n, id from ledger.states where kind in ('trade', 'claim')) s;
            analyze ledger.states, ledger.things_by_party
            """);
        await using var connection = await server.Database.Readers.OpenConnectionAsync();
        NpgsqlParameter[] OfKind(string kind) =>
        [
            new NpgsqlParameter<string> { TypedValue = kind },
            new NpgsqlParameter<long> { TypedValue = 20_000 },
            new NpgsqlParameter<long> { TypedValue = long.MaxValue },
            new NpgsqlParameter<int> { TypedValue = 100 },
        ];
        foreach (var (sql, scans, parameters) in new[]
        {
            (ThingReader.ListOfKind, 1, OfKind("trade")),
            (ThingReader.ListOfParty, 2, [.. OfKind("claim"), new NpgsqlParameter<Guid> { TypedValue = Guid.Parse(Nobody) }]),
        })
        {
            await using var command = new NpgsqlCommand("explain (analyze, format json) " + sql, connection);
            command.Parameters.AddRange(parameters);
            var limit = JsonDocument.Parse((string)(await command.ExecuteScalarAsync())!).RootElement[0].GetProperty("Plan");
            Assert.Equal("Limit", limit.GetProperty("Node Type").GetString());
            var read = ScansOf(limit).ToArray();
            Assert.Equal(scans, read.Length);
            Assert.All(read, scan => Assert.StartsWith("Index ", scan.GetProperty("Node Type").GetString(), StringComparison.Ordinal));
            Assert.All(read, scan => Assert.Equal((100, false), (scan.GetProperty("Actual Rows").GetDouble() * scan.GetProperty("Actual Loops").GetDouble(), scan.TryGetProperty("Rows Removed by Filter", out _))));
        }
    }

    /// <summary>The nodes of a plan that read tables.</summary>
    /// <summary>Every entry of a list, page by page.</summary>
    private async Task<List<JsonElement>> AllAsync(string path)
    {
        var (all, cursor) = (new List<JsonElement>(), "");
        while (true)
        {
            var page = await Api.ReadAsync(path + cursor);
            all.AddRange(page.GetProperty("items").EnumerateArray());
            if (!page.TryGetProperty("nextCursor", out var next))
            {
                return all;
            }

            cursor = $"&cursor={next.GetString()}";
        }
    }

    private static IEnumerable<JsonElement> ScansOf(JsonElement plan) => plan.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().SelectMany(ScansOf) : [plan];

    private static IEnumerable<string> IdsOf(JsonElement items) => IdsOf(items.EnumerateArray());

    private static IEnumerable<string> IdsOf(IEnumerable<JsonElement> items) => items.Select(i => i.GetProperty("id").GetString()!);

    private static async Task<string[]> InLogOrderAsync(string connectionString, string type) =>
        (await Sql.AskAsync(connectionString, $"select string_agg(stream_id::text, ' ' order by seq_id) from mt_events where type = '{type}'"))!.Split(' ');
}
