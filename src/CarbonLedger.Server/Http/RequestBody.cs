using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace CarbonLedger.Server.Http;

/// <summary>Reads the body of a request to its end, within its limit.</summary>
public static class RequestBody
{
    /// <exception cref="BadInputException">The body is too large, was cut off, or is compressed; or there is no room for it.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http, int bytesMax = CommandEndpoint.BodyBytesMax)
    {
        if (http.Request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new BadInputException(EdgeProblem.UnsupportedMediaType, "Send the body as it is, without Content-Encoding.");
        }

        try
        {
            if (http.Request.ContentLength > bytesMax)
            {
                throw TooLarge(bytesMax);
            }

            BodyRoom.Place? place = null; // few bodies need one
            var reader = http.Request.BodyReader;
            while (true)
            {
                var read = await reader.ReadAsync(http.RequestAborted);
                var reason = read.Buffer.Length > bytesMax ? TooLarge(bytesMax)
                    : read.Buffer.Length > BodyRoom.BytesFree && !(place ??= Enter(http)).TryGrow(read.Buffer.Length) ? NoRoom()
                    : null;
                if (reason is not null)
                {
                    reader.AdvanceTo(read.Buffer.End); // else Kestrel finds the reader in use when it passes over what is left
                    throw reason;
                }

                if (read.IsCompleted)
                {
                    var body = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return body;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge(bytesMax);
        }
        catch (IOException e) when (e is not ConnectionResetException)
        {
            // Cut off, too slow, or in chunks that are none. It is the client's, though the database's faults look the same.
            http.Response.Headers.Connection = "close"; // where the next request would begin, nobody knows
            throw new BadInputException(EdgeProblem.MalformedBody, "The body could not be read to its end.");
        }
    }

    private static BodyRoom.Place Enter(HttpContext http) => http.RequestServices.GetRequiredService<BodyRoom>().Enter(http);

    private static BadInputException NoRoom() => new(EdgeProblem.Overloaded, "More is being sent at this moment than the server has room for. Nothing was done; ask again, with the same key if there is one.");

    private static BadInputException TooLarge(int bytesMax) => new(EdgeProblem.BodyTooLarge, $"A body has at most {bytesMax} bytes. Split the request.");
}
