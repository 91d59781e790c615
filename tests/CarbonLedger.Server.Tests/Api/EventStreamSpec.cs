using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>The log as a stream that does not end.</summary>
public sealed class EventStreamSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_follower_sees_what_is_there_and_then_what_comes()
    {
        await Api.CastAsync();
        var head = await Api.HeadAsync();
        using var stream = await FollowAsync($"/v1/events?after={head - 2}");
        Assert.Equal([head - 1, head], [await stream.NextIdAsync(), await stream.NextIdAsync()]);
        for (var i = 1; i <= 3; i++)
        {
            var account = await Api.AccountAsync((await Api.CastAsync()).Buyer);
            Assert.Equal(head + i, await stream.NextIdAsync());
            Assert.Contains(account, stream.Data);
        }

        var recorded = (await Api.ReadAsync($"/v1/events?after={head + 2}&limit=1")).GetProperty("events")[0];
        Assert.Equal(recorded.GetRawText(), stream.Data);
    }

    [Fact]
    public async Task Last_Event_ID_resumes_even_when_the_address_says_where_it_began()
    {
        await Api.CastAsync();
        var head = await Api.HeadAsync();
        using var resumed = await FollowAsync("/v1/events?after=0", lastEventId: head - 1);
        Assert.Equal(head, await resumed.NextIdAsync());
        using var bare = await FollowAsync("/v1/events", lastEventId: head - 3);
        Assert.Equal(head - 2, await bare.NextIdAsync());
        await RefusedAsync(400, "value-out-of-range", async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events");
            request.Headers.Add("Last-Event-ID", "x");
            return await Api.SendAsync(request);
        });
    }

    [Fact]
    public async Task Many_followers_see_the_same_log_in_the_same_order()
    {
        await Api.CastAsync();
        var streams = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FollowAsync("/v1/events")));
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Api.OrganizationAsync("auditor")));
        var head = await Api.HeadAsync();
        foreach (var stream in streams)
        {
            for (var i = 1L; i <= head; i++)
            {
                Assert.Equal(i, await stream.NextIdAsync());
            }

            stream.Dispose();
        }
    }

    [Fact]
    public async Task Followers_that_do_not_read_keep_no_connection()
    {
        await Api.CastAsync();
        var head = await Api.HeadAsync();

        // Beyond the log's end, where nobody but they reads: far more than the buffers on the way to a client hold.
        await SqlAsync($"insert into ledger.leaves (seq_id, bytes, hash) select {head + 1_000_000} + n, repeat('x', 100000)::bytea, sha256('') from generate_series(1, 200) n");
        try
        {
            var streams = await Task.WhenAll(Enumerable.Range(0, LedgerDatabase.ReadersMax + 1).Select(_ => FollowAsync($"/v1/events?after={head}&limit=1000")));
            await Task.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal(200, (await Api.GetAsync("/v1/accounts")).Status);
            Array.ForEach(streams, s => s.Dispose());
        }
        finally
        {
            await SqlAsync($"alter table ledger.leaves disable trigger leaves_append_only; delete from ledger.leaves where seq_id > {head + 1_000_000}; alter table ledger.leaves enable trigger leaves_append_only");
        }
    }

    private async Task<EventStream> FollowAsync(string path, long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is { } id)
        {
            request.Headers.Add("Last-Event-ID", $"{id}");
        }

        var response = await Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new EventStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    private sealed class EventStream(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        public string Data { get; private set; } = "";

        public async Task<long> NextIdAsync()
        {
            using var patience = new CancellationTokenSource(Patience);
            while (true)
            {
                var line = await reader.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("The stream has ended.");
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    Data = (await reader.ReadLineAsync(patience.Token))!["data: ".Length..];
                    Assert.Equal("", await reader.ReadLineAsync(patience.Token));
                    return long.Parse(line["id: ".Length..]);
                }
            }
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }
}
