using System.Collections.Concurrent;
using CarbonLedger.Server.Tests.Api;

namespace CarbonLedger.Server.Tests.Crash;

/// <summary>Clients that transfer, pledge, release and retire as fast as they are answered, and remember every key.</summary>
public sealed class Load
{
    private readonly ConcurrentQueue<Sent> all = new();
    private readonly Voucher[] vouchers;
    private readonly string[] accounts;
    private readonly string bank;
    private readonly object pledgeTemplate;
    private long headBefore;

    private Load(Voucher[] vouchers, string[] accounts, string bank, object pledgeTemplate) =>
        (this.vouchers, this.accounts, this.bank, this.pledgeTemplate) = (vouchers, accounts, bank, pledgeTemplate);

    /// <summary>Every command sent.</summary>
    public IReadOnlyCollection<Sent> All => all;

    /// <summary>Commands answered with 201.</summary>
    public int Acknowledged => all.Count(s => s.Answer is { Status: 201 });

    public static async Task<Load> PrepareAsync(LedgerApi api, int vouchers = 4)
    {
        var cast = await api.CastAsync();
        var issued = new Voucher[vouchers];
        for (var i = 0; i < vouchers; i++)
        {
            issued[i] = await api.VoucherAsync(1_000_000);
        }

        string[] accounts = [cast.BuyerAccount, await api.AccountAsync(cast.Buyer), await api.AccountAsync(cast.Bank)];
        var template = await api.PledgeBodyAsync(issued[0].Account, issued[0].Line(1));
        return new Load(issued, accounts, cast.Bank, template) { headBefore = await api.HeadAsync() };
    }

    /// <summary>Runs clients until told to stop, on one server or spread over several.</summary>
    public Task RunAsync(int clients, CancellationToken stop, params LedgerApi[] servers) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(i => Task.Run(() => ClientAsync(servers[i % servers.Length], new Random(i), stop))));

    /// <summary>Waits until so many commands are acknowledged.</summary>
    public async Task AcknowledgesAsync(int count)
    {
        for (var patience = 0; Acknowledged < count; patience++)
        {
            Assert.True(patience < 1200, $"Only {Acknowledged} commands were acknowledged within a minute.");
            await Task.Delay(50);
        }
    }

    /// <summary>Asks again for everything whose outcome is unknown, with the same keys, and then for everything known: nothing may change.</summary>
    public async Task ResolveAsync(LedgerApi api)
    {
        foreach (var sent in all.Where(s => s.Answer is null))
        {
            for (var patience = 0; ; patience++)
            {
                var answer = await sent.SendAsync(api);
                if (answer.Status != 503)
                {
                    Assert.True(answer.Status is 201 or 409, answer.Text);
                    sent.Answer = answer;
                    break;
                }

                Assert.True(patience < 300, $"The outcome stays unknown: {answer.Text}");
                await Task.Delay(100);
            }
        }

        foreach (var part in all.Chunk(64))
        {
            await Task.WhenAll(part.Select(async sent =>
            {
                var again = await sent.SendAsync(api);
                Assert.True(again.Replayed, again.Text);
                Assert.Equal(sent.Answer!.Text, again.Text);
            }));
        }
    }

    /// <summary>Checks the database against the log, and the log against what was acknowledged.</summary>
    public async Task AuditAsync(LedgerApi api, string connectionString)
    {
        await CatchUpAsync(api);
        var audit = await LogAuditor.AuditAsync(connectionString);
        var accepted = all.Where(s => s.Answer!.Status == 201).ToArray();
        Assert.NotEmpty(accepted);
        foreach (var sent in accepted.Where(s => s.Makes))
        {
            Assert.Equal(1, audit.MadeCount.GetValueOrDefault(sent.Answer!.Id));
        }

        Assert.Equal(accepted.Length, accepted.Select(s => s.Answer!.LogIndex).Distinct().Count());
        Assert.Equal(headBefore + accepted.Sum(s => s.Events), audit.Events);
    }

    /// <summary>Waits until every projection has reached the end of the log. A connection that was killed while idle may still cost an answer.</summary>
    public static async Task CatchUpAsync(LedgerApi api)
    {
        for (var patience = 0; ; patience++)
        {
            var ready = await api.GetAsync("/health/ready");
            Assert.True(ready.Status is 200 or 503, ready.Text);
            if (ready.Status == 200)
            {
                var head = ready.Body.GetProperty("logIndex").GetInt64();
                if (ready.Body.GetProperty("projections").EnumerateObject().All(p => p.Value.GetInt64() == head))
                {
                    return;
                }
            }

            Assert.True(patience < 600, $"The projections do not catch up: {ready.Text}");
            await Task.Delay(50);
        }
    }

    private async Task ClientAsync(LedgerApi api, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var voucher = vouchers[random.Next(vouchers.Length)];
            var answer = random.Next(10) switch
            {
                0 => await TryAsync(api, new Sent("/v1/retirements", LedgerApi.RetirementBody(voucher.Account, voucher.Line(1 + random.Next(5))), null, Events: 2, Makes: true), stop),
                1 => await TryAsync(api, new Sent("/v1/pledges", PledgeBody(voucher, 1 + random.Next(50)), null, Events: 2, Makes: true), stop),
                _ => await TryAsync(api, new Sent("/v1/transfers", LedgerApi.TransferBody(voucher.Account, accounts[random.Next(accounts.Length)], voucher.Line(1 + random.Next(20))), null, Events: 1, Makes: true), stop),
            };
            if (answer is { Status: 201, Replayed: false } && answer.Body.TryGetProperty("status", out _) && random.Next(2) == 0)
            {
                await TryAsync(api, new Sent($"/v1/pledges/{answer.Id}/releases", new { reason = "repaid" }, bank, Events: 2, Makes: false), stop);
            }
        }
    }

    private async Task<Answer?> TryAsync(LedgerApi api, Sent sent, CancellationToken stop)
    {
        all.Enqueue(sent);
        try
        {
            var answer = await sent.SendAsync(api);
            if (answer.Status is 201 or 409)
            {
                return sent.Answer = answer;
            }

            Assert.Equal(503, answer.Status);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // The server is gone, or going: the outcome is unknown.
        }

        await Task.Delay(50, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return null;
    }

    private object PledgeBody(Voucher voucher, long kilograms) => pledgeTemplate.With(new { pledgorAccountId = voucher.Account, lines = new[] { voucher.Line(kilograms) } });
}

/// <summary>A command that was sent, with the key to ask again.</summary>
/// <param name="Events">How many events it makes when it is accepted.</param>
/// <param name="Makes">True when its id is that of something new.</param>
public sealed record Sent(string Path, object Body, string? ActingAs, int Events, bool Makes)
{
    private readonly string key = Guid.NewGuid().ToString();

    /// <summary>The decision; null while it is unknown.</summary>
    public Answer? Answer { get; set; }

    public Task<Answer> SendAsync(LedgerApi api) => api.PostAsync(Path, Body, ActingAs, key);
}
