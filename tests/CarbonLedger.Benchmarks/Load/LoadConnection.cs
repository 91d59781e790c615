using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace CarbonLedger.Benchmarks.Load;

/// <summary>One HTTP/1.1 connection with at most one request in flight. Parses no more of an answer than status and length.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly byte[] incoming = new byte[64 * 1024];
    private readonly byte[] outgoing = new byte[2 * 1024];
    private int filled;

    public LoadConnection(IPEndPoint server)
    {
        Socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Socket.Connect(server);
        Socket.Blocking = false;
    }

    public Socket Socket { get; }

    public long SentAt { get; set; }

    public Span<byte> Outgoing => outgoing;

    // A request is smaller than any socket buffer, and the one before has been answered: it goes out whole.
    public void Send(int length)
    {
        if (Socket.Send(outgoing.AsSpan(0, length)) != length)
        {
            throw new IOException("A request did not fit the socket's buffer.");
        }
    }

    /// <summary>Takes what has come; true when the answer is complete.</summary>
    public bool TryReceive(out int status, out ReadOnlySpan<byte> body)
    {
        status = 0;
        body = default;
        var count = Socket.Receive(incoming.AsSpan(filled), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
        {
            return false;
        }

        if (error != SocketError.Success || count == 0)
        {
            throw new IOException($"The server ended a connection ({error}).");
        }

        filled += count;
        var answer = incoming.AsSpan(0, filled);
        var headers = answer.IndexOf("\r\n\r\n"u8);
        if (headers < 0)
        {
            return false;
        }

        var rest = answer[(headers + 4)..];
        var length = answer[..headers].IndexOf("Content-Length: "u8);
        if (length >= 0)
        {
            if (!Utf8Parser.TryParse(answer[(length + 16)..], out int bytes, out _) || rest.Length < bytes)
            {
                return false;
            }

            body = rest[..bytes];
        }
        else if (!rest.EndsWith("0\r\n\r\n"u8))
        {
            return false; // chunked, and the last chunk has not come yet
        }

        filled = 0;
        return Utf8Parser.TryParse(answer["HTTP/1.1 ".Length..], out status, out _) ? true : throw new IOException("Not an answer of HTTP/1.1.");
    }

    public void Dispose() => Socket.Dispose();
}
