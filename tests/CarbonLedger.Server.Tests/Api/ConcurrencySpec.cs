using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Many at once want the same thing.</summary>
public sealed class ConcurrencySpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_hundred_requests_with_one_key_make_one_event_and_one_answer()
    {
        var (v, cast, key) = (await Api.VoucherAsync(1000), await Api.CastAsync(), Guid.NewGuid().ToString());
        var before = await Api.HeadAsync();
        var answers = await ManyAsync(100, _ => Api.PostAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(7)), key: key));

        Assert.All(answers, a => Assert.Equal(201, a.Status));
        Assert.Equal(99, answers.Count(a => a.Replayed));
        Assert.Single(answers.Select(a => a.Text).Distinct());
        Assert.Equal(before + 1, await Api.HeadAsync());
    }

    [Fact]
    public async Task Of_fifty_retirements_of_the_last_units_exactly_those_succeed_that_fit()
    {
        var v = await Api.VoucherAsync(1000);
        var answers = await ManyAsync(50, _ => Api.PostAsync("/v1/retirements", RetirementBody(v.Account, v.Line(77)))); // 12 × 77 = 924

        Assert.Equal(12, answers.Count(a => a.Status == 201));
        Assert.All(answers.Where(a => a.Status != 201), a => Assert.Equal("insufficient-units", a.Code));
        var ranges = answers.Where(a => a.Status == 201)
            .SelectMany(a => a.Body.GetProperty("lines")[0].GetProperty("ranges").EnumerateArray())
            .SelectMany(r => Enumerable.Range((int)r.GetProperty("first").GetInt64(), (int)(r.GetProperty("last").GetInt64() - r.GetProperty("first").GetInt64() + 1)));
        Assert.Equal(Enumerable.Range(1, 924), ranges.Order());
        Assert.Equal(924, (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("status").GetProperty("retired").GetInt64());
    }

    [Fact]
    public async Task Of_fifty_pledges_of_the_same_units_exactly_one_stands()
    {
        var v = await Api.VoucherAsync(1000);
        var body = await Api.PledgeBodyAsync(v.Account, v.Line((400, 500)));
        var answers = await ManyAsync(50, _ => Api.PostAsync("/v1/pledges", body));

        var pledge = Assert.Single(answers, a => a.Status == 201);
        Assert.All(answers.Where(a => a.Status != 201), a => Assert.Equal("units-under-lien", a.Code));
        Assert.All(answers.Where(a => a.Status != 201), a => Assert.Contains(pledge.Id, a.Text));
        Assert.Equal(101, (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("status").GetProperty("pledged").GetInt64());
    }

    [Fact]
    public async Task Transfers_around_a_ring_lose_and_make_nothing()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        string[] ring = [v.Account, await Api.AccountAsync(cast.Buyer), await Api.AccountAsync(cast.Buyer), await Api.AccountAsync(cast.Bank)];
        var random = new Random(20210820);
        var moves = Enumerable.Range(0, 400).Select(_ => (From: random.Next(ring.Length), Kilograms: random.Next(1, 120))).ToArray();
        var answers = await ManyAsync(moves.Length, i => Api.PostAsync("/v1/transfers", TransferBody(ring[moves[i].From], ring[(moves[i].From + 1) % ring.Length], v.Line(moves[i].Kilograms))));

        Assert.All(answers, a => Assert.True(a.Status is 201 || a.Code == "insufficient-units", a.Text));
        Assert.Contains(answers, a => a.Status == 201);
        var expected = ring.Select((_, i) => i == 0 ? 1000L : 0).ToArray();
        for (var i = 0; i < moves.Length; i++)
        {
            if (answers[i].Status == 201)
            {
                expected[moves[i].From] -= moves[i].Kilograms;
                expected[(moves[i].From + 1) % ring.Length] += moves[i].Kilograms;
            }
        }

        for (var i = 0; i < ring.Length; i++)
        {
            var owned = (await Api.ReadAsync($"/v1/accounts/{ring[i]}/balances")).GetProperty("totals").GetProperty("owned").GetInt64();
            Assert.Equal(expected[i], owned);
        }

        var ranges = (await Api.ReadAsync($"/v1/vouchers/{v.Id}/holdings")).GetProperty("holdings").EnumerateArray()
            .SelectMany(h => h.GetProperty("ranges").EnumerateArray())
            .Select(r => (First: r.GetProperty("first").GetInt64(), Last: r.GetProperty("last").GetInt64()))
            .Order()
            .ToArray();
        Assert.Equal(1, ranges[0].First);
        Assert.Equal(1000, ranges[^1].Last);
        Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.Equal(pair.First.Last + 1, pair.Second.First));
    }

    private static Task<Answer[]> ManyAsync(int count, Func<int, Task<Answer>> ask) => Task.WhenAll(Enumerable.Range(0, count).Select(ask));
}
