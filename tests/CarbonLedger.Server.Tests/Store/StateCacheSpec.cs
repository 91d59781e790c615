using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Store;

/// <summary>A server remembers states while nobody else writes, and not a moment longer.</summary>
[Collection("postgres")]
public sealed class StateCacheSpec(PostgresFixture postgres)
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
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var one = await RunningServer.StartAsync(connectionString);
        using var api = new LedgerApi(one.Url);
        var voucher = await api.VoucherAsync();
        var buyer = (await api.CastAsync()).BuyerAccount;
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

    private static async Task MoveAsync(LedgerApi api, Voucher voucher, string to, int status)
    {
        var answer = await api.PostAsync("/v1/transfers", new { fromAccountId = voucher.Account, toAccountId = to, lines = new[] { new { voucherId = voucher.Id, kilograms = 1 } } });
        Assert.True(answer.Status == status, answer.Shown);
    }
}
