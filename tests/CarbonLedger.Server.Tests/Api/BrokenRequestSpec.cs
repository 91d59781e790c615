using System.Net.Sockets;
using System.Text;
using CarbonLedger.Server.Tests.Crash;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Requests that no well-made client sends: they are the client's fault.</summary>
public sealed class BrokenRequestSpec(ServerFixture fixture) : ApiSpec(fixture)
{
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

    [Fact]
    public async Task Who_goes_away_in_the_midst_of_a_body_is_no_fault_that_an_operator_reads_of()
    {
        using var log = new KeptLog();
        await using var server = await RunningServer.StartAsync(Fixture.ConnectionString, log: log);
        for (var i = 0; i < 10; i++)
        {
            using var connection = await ConnectAsync(server.Url);
            await SendAsync(connection, "POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: 1000\r\n\r\n{");
            await Task.Delay(20);
            connection.Close(0); // a reset instead of an end
        }

        await Task.Delay(500);
        Assert.Empty(log.Errors);
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
