using System.Diagnostics;
using System.Text.Json;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.Crash;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit.Abstractions;
using static CarbonLedger.Server.Tests.Api.LedgerApi;
using Units = CarbonLedger.Core.Vouchers.Units;

namespace CarbonLedger.Server.Tests.Store;

/// <summary>A holding may fall into 100,000 ranges; what a command costs does not grow with them.</summary>
public sealed class ManyRangesSpec(ServerFixture fixture, ITestOutputHelper output) : ApiSpec(fixture)
{
    private const int Ranges = 100_000;
    private const int RowsMax = 100;

    [Fact]
    public async Task One_kilogram_out_of_a_hundred_thousand_ranges_reads_few_rows()
    {
        var (v, omnibus) = await ScatteredAsync();
        var clock = Stopwatch.StartNew();
        var moved = await Api.DoAsync("/v1/transfers", TransferBody(v.Account, omnibus, v.Line(1)));
        output.WriteLine($"{clock.Elapsed.TotalMilliseconds:0} ms");
        Assert.Equal("""[{"first":1,"last":1}]""", moved.Body.GetProperty("lines")[0].GetProperty("ranges").GetRawText());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"It took {clock.Elapsed}.");

        Assert.InRange(await RowsReadAsync(v, most: 8, locked: false), 1, RowsMax);
        Assert.InRange(await RowsReadAsync(v, most: 8, locked: true), 0, RowsMax);
        await SqlAsync("vacuum analyze ledger.pieces"); // with statistics the plan must not flip
        Assert.InRange(await RowsReadAsync(v, most: 8, locked: false), 1, RowsMax);
        clock.Restart();
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, omnibus, v.Line((50_001, 50_001))));
        await Api.DoAsync("/v1/pledges", await Api.PledgeBodyAsync(v.Account, v.Line(3)));
        await Api.DoAsync("/v1/retirements", RetirementBody(v.Account, v.Line(3)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"It took {clock.Elapsed}.");
    }

    [Fact]
    public async Task A_thousand_pieces_move_at_once_and_one_more_is_refused()
    {
        var (v, omnibus) = await ScatteredAsync();
        await RefusedPostAsync(409, "too-many-ranges", "/v1/transfers", TransferBody(v.Account, omnibus, v.Line(Units.PiecesPerLineMax + 1)));
        await RefusedPostAsync(409, "too-many-ranges", "/v1/transfers", TransferBody(v.Account, omnibus, v.Line((1, 2 * Ranges))));
        var moved = await Api.DoAsync("/v1/transfers", TransferBody(v.Account, omnibus, v.Line(Units.PiecesPerLineMax)));
        Assert.Equal(Units.PiecesPerLineMax, moved.Body.GetProperty("lines")[0].GetProperty("ranges").GetArrayLength());
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, omnibus, v.Line(Units.PiecesPerLineMax)));
        Assert.Equal((Ranges - (2 * Units.PiecesPerLineMax)).ToString(), await AskSqlAsync($"select count(*)::text from ledger.pieces where voucher_id = '{v.Id}' and account_id = '{v.Account}'"));
    }

    [Fact]
    public async Task Named_ranges_have_the_same_limit_however_they_are_cut()
    {
        var (v, omnibus) = (await Api.VoucherAsync(3000), await Api.AccountAsync((await Api.CastAsync()).Venue));
        await SqlAsync($"insert into ledger.pieces (voucher_id, last_serial, account_id, status) select '{v.Id}', s, '{v.Account}', 0 from generate_series(1, 2999) s");
        await RefusedPostAsync(409, "too-many-ranges", "/v1/transfers", TransferBody(v.Account, omnibus, v.Line((1, 1001))));
        await RefusedPostAsync(409, "too-many-ranges", "/v1/transfers", TransferBody(v.Account, omnibus, v.Line((1, 600), (700, 1100))));
        await RefusedPostAsync(409, "too-many-ranges", "/v1/transfers", TransferBody(v.Account, omnibus, v.Line(1001)));
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, omnibus, v.Line((1, 600), (700, 1099))));
    }

    [Fact]
    public async Task What_freezes_cut_into_more_pieces_than_that_is_still_released_settled_and_lifted()
    {
        var cast = await Api.CastAsync();
        var (pledged, held) = (await Api.VoucherAsync(1200), await Api.VoucherAsync(1200));
        var pledge = await Api.PledgeAsync(pledged, 1200);
        var body = await Api.TradeBodyAsync(held.Account, cast.BuyerAccount, Api.Unique("D"), new { voucherId = held.Id, kilograms = 1200, pricePerTonne = "41.94" });
        var trade = (await Api.DoAsync("/v1/trades", body.With(new { settlement = "deferred" }), cast.Venue)).Id;
        var whole = await FreezeAsync(pledged.Line((1, 1200)), held.Line((1, 1200)));
        var parts = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var every = Enumerable.Range(i * 100, 100).Select(n => ((2L * n) + 1, (2L * n) + 1)).ToArray();
            parts.Add(await FreezeAsync(pledged.Line(every), held.Line(every)));
        }

        await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid" }, cast.Bank);
        await LiftAsync(whole);
        await RefusedPostAsync(409, "units-frozen", $"/v1/trades/{trade}/settle", new { }, cast.Venue);
        foreach (var part in parts)
        {
            await LiftAsync(part);
        }

        await Api.DoAsync($"/v1/trades/{trade}/settle", new { }, cast.Venue);
        Assert.Equal("1200", await AskSqlAsync($"select count(*)::text from ledger.pieces where voucher_id = '{held.Id}' and account_id = '{cast.BuyerAccount}' and not locked"));
        Assert.Equal("1200", await AskSqlAsync($"select count(*)::text from ledger.pieces where voucher_id = '{pledged.Id}' and account_id = '{pledged.Account}' and not locked"));

        async Task<string> FreezeAsync(params object[] lines) =>
            (await Api.DoAsync("/v1/freezes", new { lines, authority = "court", documentNumber = "D-1", kind = "judicial" })).Id;

        async Task LiftAsync(string freeze) => await Api.DoAsync($"/v1/freezes/{freeze}/lift", new { authority = "court", documentNumber = "D-9" });
    }

    [Fact]
    public async Task Two_holdings_in_one_batch_and_units_that_arrive_in_it_move_on_in_it()
    {
        var (v, omnibus) = await ScatteredAsync();
        var cast = await Api.CastAsync();
        string[] empty = [await Api.AccountAsync(cast.Buyer), await Api.AccountAsync(cast.Buyer)];
        var before = await Api.HeadAsync();
        var asked = new List<Task<Answer>>();
        await using (var stall = await Stall.HoldAsync(Fixture.ConnectionString))
        {
            var first = Api.PostAsync("/v1/transfers", TransferBody(v.Account, omnibus, v.Line(1)));
            await stall.WaitForWaiterAsync();
            await QueueAsync(v.Account, empty[0], 20);    // more than the pieces that are read at first
            await QueueAsync(omnibus, empty[0], 20);
            await QueueAsync(empty[0], empty[1], 40);     // all of it came in this batch
            await QueueAsync(empty[1], v.Account, 40);
            await QueueAsync(empty[1], v.Account, 1);     // nothing is left
            asked.Add(first);
        }

        var answers = await Task.WhenAll(asked);
        Assert.Equal([201, 201, 201, 201, 409, 201], answers.Select(a => a.Status));
        Assert.Equal(before + 5, await Api.HeadAsync());
        Assert.Equal("0", await AskSqlAsync($"select count(*)::text from ledger.pieces where account_id in ('{empty[0]}', '{empty[1]}')"));

        async Task QueueAsync(string from, string to, long kilograms)
        {
            var queue = Fixture.Server.App.Services.GetRequiredService<CommandQueue>();
            var depth = queue.Depth;
            asked.Add(Api.PostAsync("/v1/transfers", TransferBody(from, to, v.Line(kilograms))));
            for (var patience = 0; queue.Depth == depth; patience++)
            {
                Assert.True(patience < 400, "The command does not queue.");
                await Task.Delay(10);
            }
        }
    }

    [Theory]
    [InlineData("load_live")]
    [InlineData("load_sweep_voucher")]
    [InlineData("load_sweep_scheme")]
    public async Task Ended_pieces_are_passed_in_the_index_alone(string statement)
    {
        const int pieces = 2_000;
        var v = await Api.VoucherAsync(pieces);
        await SqlAsync($"insert into ledger.pieces (voucher_id, last_serial, account_id, status) select '{v.Id}', s, '{v.Account}', 0 from generate_series(1, {pieces - 1}) s");
        await SqlAsync($"update ledger.pieces set status = 2 where voucher_id = '{v.Id}' and last_serial <= {pieces - 100}");

        NpgsqlParameter[] parameters = statement switch
        {
            "load_live" => [new NpgsqlParameter<Guid[]> { TypedValue = [Guid.Parse(v.Id)] }],
            "load_sweep_voucher" => [new NpgsqlParameter<Guid> { TypedValue = Guid.Parse(v.Id) }],
            _ => [new NpgsqlParameter<string> { TypedValue = "SLCT" }, new NpgsqlParameter<string> { TypedValue = "9999-12-31" }],
        };
        var walks = (await PlanAsync(statement, [.. parameters, new NpgsqlParameter<int> { TypedValue = 5 }])).Where(n => Removed(n) >= pieces - 100).ToArray();
        Assert.Equal(["Index Only Scan"], walks.Select(n => n.GetProperty("Node Type").GetString()));
    }

    /// <summary>A voucher of which every odd serial is the owner's and every even one an omnibus account's.</summary>
    private async Task<(Voucher Voucher, string Omnibus)> ScatteredAsync()
    {
        var (v, omnibus) = (await Api.VoucherAsync(2 * Ranges), await Api.AccountAsync((await Api.CastAsync()).Venue));
        await SqlAsync($"insert into ledger.pieces (voucher_id, last_serial, account_id, status) select '{v.Id}', s, case s % 2 when 0 then '{omnibus}'::uuid else '{v.Account}'::uuid end, 0 from generate_series(1, {(2 * Ranges) - 1}) s");
        await SqlAsync($"update ledger.pieces set account_id = '{omnibus}' where voucher_id = '{v.Id}' and last_serial = {2 * Ranges}");
        return (v, omnibus);
    }

    /// <summary>Rows that the statement's scans of pieces bring up, as the writer's connection plans it.</summary>
    private async Task<long> RowsReadAsync(Voucher voucher, int most, bool locked)
    {
        var plan = await PlanAsync(
            "load_holdings",
            new NpgsqlParameter<Guid[]> { TypedValue = [Guid.Parse(voucher.Account)] },
            new NpgsqlParameter<Guid[]> { TypedValue = [Guid.Parse(voucher.Id)] },
            new NpgsqlParameter<int[]> { TypedValue = [most] },
            new NpgsqlParameter<bool> { TypedValue = locked });
        var rows = plan.Where(n => n.TryGetProperty("Relation Name", out _))
            .Sum(n => (long)Math.Ceiling((n.GetProperty("Actual Rows").GetDouble() + Removed(n)) * n.GetProperty("Actual Loops").GetDouble()));
        output.WriteLine($"{rows} rows read");
        return rows;
    }

    /// <summary>The nodes of a statement's plan, as the writer's connection makes it and runs it.</summary>
    private async Task<JsonElement[]> PlanAsync(string statement, params NpgsqlParameter[] parameters)
    {
        await using var connection = await Fixture.Server.Database.Writer.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("explain (analyze, format json) " + SqlText.Read(statement), connection);
        command.Parameters.AddRange(parameters);
        return [.. Nodes(JsonDocument.Parse((string)(await command.ExecuteScalarAsync())!).RootElement[0].GetProperty("Plan"))];

        static IEnumerable<JsonElement> Nodes(JsonElement node) =>
            [node, .. node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().SelectMany(Nodes) : []];
    }

    /// <summary>Rows that a scan brought up and its filter took away.</summary>
    private static double Removed(JsonElement node) => node.TryGetProperty("Rows Removed by Filter", out var removed) ? removed.GetDouble() : 0;
}
