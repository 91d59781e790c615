using System.Net.Sockets;
using System.Text;
using CarbonLedger.Server.Tests.Crash;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Requests that no well-made client sends: they are the client's fault, and what they hold is bounded.</summary>
public sealed class BrokenRequestSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private const int FileBytes = 32 * 1024 * 1024;

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFF")]
    [InlineData("FFFFFFFF")]
    [InlineData("-5")]
    [InlineData("x")]
    public async Task Chunks_that_are_none_are_bad_input_and_not_a_fault_of_the_database(string size)
    {
        var before = await Api.HeadAsync();
        using var connection = await ConnectAsync(Fixture.Server.Url);
        await SendAsync(connection, $"POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nhello\r\n0\r\n\r\n");

        var answer = await AnswerAsync(connection, "\"code\"");
        Assert.Matches("^HTTP/1.1 4", answer);
        Assert.Matches("malformed-body|body-too-large", answer);
        Assert.Equal(before, await Api.HeadAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_goes_away_in_the_midst_of_a_body_is_no_fault_that_an_operator_reads_of(bool reset)
    {
        using var log = new KeptLog();
        await using var server = await RunningServer.StartAsync(Fixture.ConnectionString, log: log);
        for (var i = 0; i < 10; i++)
        {
            using var connection = await ConnectAsync(server.Url);
            await SendAsync(connection, "POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: 1000\r\n\r\n{");
            await Task.Delay(20);
            if (reset)
            {
                connection.Close(0);
            }
        }

        await Task.Delay(500);
        Assert.Empty(log.Warnings);
    }

    [Fact]
    public async Task Files_that_are_sent_at_once_have_a_limit_and_commands_go_on_meanwhile()
    {
        using var log = new KeptLog();
        await using var server = await RunningServer.StartAsync(Fixture.ConnectionString, log: log);
        using var api = new LedgerApi(server.Url);
        var uploads = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => BeginAsync(server.Url, FileBytes)));
        try
        {
            // Together more than there is room for, and none of them whole.
            Array.ForEach(uploads, u => _ = SendAsync(u, new string('x', FileBytes - 1024)));
            var answer = await await Task.WhenAny(uploads.Select(u => AnswerAsync(u, "\"detail\"")));
            Assert.StartsWith("HTTP/1.1 503", answer);
            Assert.Contains("overloaded", answer);
            Assert.Contains("Retry-After: 1", answer);
            await api.OrganizationAsync("auditor");
        }
        finally
        {
            Array.ForEach(uploads, u => u.Dispose());
        }

        // Whoever goes away gives the room back.
        for (var patience = 0; ; patience++)
        {
            using var again = await BeginAsync(server.Url, 1024 * 1024);
            await SendAsync(again, new string('x', 1024 * 1024));
            if ((await AnswerAsync(again, "\"code\"")).Contains("csv-malformed"))
            {
                Assert.Empty(log.Errors);
                return;
            }

            Assert.True(patience < 100, "There is no room again.");
            await Task.Delay(50);
        }
    }

    [Fact]
    public async Task A_first_line_that_does_not_end_is_not_taken_apart()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/bulk/transfers?dryRun=true") { Content = new StringContent(new string(',', 1_000_000), Encoding.UTF8, "text/csv") };
        request.Headers.Add("Idempotency-Key", "k");
        Assert.Contains("first line has more than", (await RefusedAsync(400, "csv-malformed", () => Api.SendAsync(request))).Body.GetProperty("detail").GetString());
    }

    private static async Task<Socket> BeginAsync(Uri url, int bytes)
    {
        var connection = await ConnectAsync(url);
        await SendAsync(connection, $"POST /v1/bulk/transfers HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nIdempotency-Key: {Guid.NewGuid()}\r\nContent-Length: {bytes}\r\n\r\n");
        return connection;
    }

    private static async Task<Socket> ConnectAsync(Uri url)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(url.Host, url.Port);
        return socket;
    }

    private static async Task SendAsync(Socket connection, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (ReadOnlyMemory<byte> rest = Encoding.ASCII.GetBytes(text); rest.Length > 0;)
        {
            rest = rest[await connection.SendAsync(rest, patience.Token)..];
        }
    }

    private static async Task<string> AnswerAsync(Socket connection, string upTo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        while (!answer.ToString().Contains(upTo))
        {
            var read = await connection.ReceiveAsync(buffer, patience.Token);
            Assert.True(read > 0, $"The connection ended before the answer: {answer}");
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return answer.ToString();
    }
}
