using System.Buffers.Text;
using System.Text;

namespace CarbonLedger.Benchmarks.Load;

/// <summary>A prebuilt HTTP/1.1 request with places for ids; only those bytes change from one request to the next.</summary>
/// <remarks>Places are written <c>@0</c> to <c>@8</c>; <c>@9</c> is a fresh key. Everything is ASCII.</remarks>
public sealed class RequestTemplate
{
    private const int IdCharacters = 36;
    private const int FreshKey = 9;

    private static readonly long RunKey = Random.Shared.NextInt64();
    private static long keys;

    private readonly byte[] bytes;
    private readonly (int At, int Number)[] places;

    private RequestTemplate(string text)
    {
        var wide = new StringBuilder();
        var found = new List<(int, int)>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '@')
            {
                wide.Append(text[i]);
                continue;
            }

            found.Add((wide.Length, text[++i] - '0'));
            wide.Append('0', IdCharacters);
        }

        bytes = Encoding.ASCII.GetBytes(wide.ToString());
        places = [.. found];
    }

    public static RequestTemplate Post(string path, string json, string header = "")
    {
        var length = json.Length + (json.Count(c => c == '@') * (IdCharacters - 2));
        return new RequestTemplate($"POST {path} HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\nIdempotency-Key: @9\r\n{header}Content-Length: {length}\r\n\r\n{json}");
    }

    public static RequestTemplate Get(string path) => new($"GET {path} HTTP/1.1\r\nHost: ledger\r\n\r\n");

    /// <summary>Writes the request with these ids in its places, and returns its length.</summary>
    public int Fill(Span<byte> buffer, params ReadOnlySpan<Guid> ids)
    {
        bytes.CopyTo(buffer);
        foreach (var (at, number) in places)
        {
            Utf8Formatter.TryFormat(number == FreshKey ? NextKey() : ids[number], buffer[at..], out _);
        }

        return bytes.Length;
    }

    // Unique is enough; asking the system for random bytes each time would cost the driver a system call.
    private static Guid NextKey()
    {
        Span<byte> key = stackalloc byte[16];
        BitConverter.TryWriteBytes(key, RunKey);
        BitConverter.TryWriteBytes(key[8..], ++keys);
        return new Guid(key);
    }
}
