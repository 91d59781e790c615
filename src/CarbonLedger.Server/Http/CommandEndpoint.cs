using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using CarbonLedger.Core.Proofs;
using CarbonLedger.Server.Commands;

namespace CarbonLedger.Server.Http;

/// <summary>What an endpoint makes of a request: a command, how to answer, and where the thing will be found.</summary>
/// <param name="Location">The path of the thing without its id, such as <c>/v1/transfers/</c>.</param>
public sealed record Posted(Command Command, RenderAnswer Render, string Location)
{
    public PrivateName? PrivateName { get; init; }
}

/// <summary>The one way from an HTTP POST to the command path and back.</summary>
public static partial class CommandEndpoint
{
    /// <summary>The greatest body: a transfer with 100 lines of 100 ranges each fits six times over.</summary>
    public const int BodyBytesMax = 1024 * 1024;

    public const int IdempotencyKeyCharactersMax = 255;

    public const string IdempotencyKeyHeader = "Idempotency-Key";

    public const string ActingOrganizationHeader = "Acting-Organization";

    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>Where the id stands in a <see cref="Posted.Location"/> that goes on after it.</summary>
    public const string IdPlace = "{id}";

    public static Task RunAsync<TWire>(HttpContext http, JsonTypeInfo<TWire> json, Func<TWire, Posted> post) where TWire : class =>
        RunAsync(http, json, wire => Task.FromResult(post(wire)));

    /// <summary>For a command that carries what was looked up for it, such as a price. What is true is decided in the command's own turn.</summary>
    public static async Task RunAsync<TWire>(HttpContext http, JsonTypeInfo<TWire> json, Func<TWire, Task<Posted>> post) where TWire : class
    {
        try
        {
            QueryParameters.RequireKnown(http);
            var key = ReadKey(http);
            var acting = ReadActing(http);
            var body = await RequestBody.ReadAsync(http);
            var posted = await post(Parse(http, json, body));
            var pending = new PendingCommand(posted.Command, acting, KeyDigest(acting, key), RequestDigest(http, body), posted.Render) { PrivateNames = posted.PrivateName is { } name ? [name] : [] };
            await WriteAsync(http, await http.RequestServices.GetRequiredService<CommandQueue>().SubmitAsync(pending), posted.Location);
        }
        catch (BadInputException e)
        {
            await Problem.WriteAsync(http, e.Problem, e.Message);
        }
        catch (RefusedException e)
        {
            await Problem.WriteAsync(http, e.Refusal);
        }
    }

    /// <summary>As above for a body in CSV; the query is part of the request, so it is part of what a key stands for.</summary>
    /// <param name="post">Null when the answer has been written already, as a dry run's is.</param>
    public static async Task RunCsvAsync(HttpContext http, Func<ReadOnlyMemory<byte>, Task<Posted?>> post)
    {
        try
        {
            QueryParameters.RequireKnown(http);
            var key = ReadKey(http);
            var acting = ReadActing(http);
            var body = await RequestBody.ReadAsync(http);
            if (!IsCsv(http))
            {
                throw new BadInputException(EdgeProblem.UnsupportedMediaType, "Send the body as text/csv in UTF-8.");
            }

            if (await post(body) is { } posted)
            {
                var digest = RequestDigest(http, (byte[])[.. Encoding.UTF8.GetBytes(http.Request.QueryString.Value ?? ""), 0, .. body.Span]);
                var pending = new PendingCommand(posted.Command, acting, KeyDigest(acting, key), digest, posted.Render);
                await WriteAsync(http, await http.RequestServices.GetRequiredService<CommandQueue>().SubmitAsync(pending), posted.Location);
            }
        }
        catch (BadInputException e)
        {
            await Problem.WriteAsync(http, e.Problem, e.Message);
        }
        catch (RefusedException e)
        {
            await Problem.WriteAsync(http, e.Refusal);
        }
    }

    internal static string ReadKey(HttpContext http)
    {
        if (!http.Request.Headers.TryGetValue(IdempotencyKeyHeader, out var values) || string.IsNullOrEmpty(values))
        {
            throw new BadInputException(EdgeProblem.IdempotencyKeyMissing, "Every changing request needs an Idempotency-Key header of your making, so that a retry cannot do it twice.");
        }

        var key = values.ToString();
        if (values.Count > 1 || key.Length > IdempotencyKeyCharactersMax || key.Any(c => c is < '!' or > '~'))
        {
            throw new BadInputException(EdgeProblem.IdempotencyKeyMalformed, $"An Idempotency-Key is 1 to {IdempotencyKeyCharactersMax} printable ASCII characters without blanks, given once. A UUID is a good one.");
        }

        return key;
    }

    /// <summary>Who says that it acts; null for the registrar.</summary>
    /// <exception cref="RefusedException">The nil UUID acts, which no organization has and under which the registrar's keys are kept.</exception>
    public static OrganizationId? ReadActing(HttpContext http)
    {
        if (!http.Request.Headers.TryGetValue(ActingOrganizationHeader, out var values))
        {
            return null;
        }

        if (!Guid.TryParseExact(values.ToString(), "D", out var id))
        {
            throw new BadInputException(EdgeProblem.ActingOrganizationMalformed, "Acting-Organization is the id (a UUID) of a registered organization; without it the registrar acts.");
        }

        return id != Guid.Empty ? new OrganizationId(id) : throw new RefusedException(new Refusal.ActingOrganizationUnknown(new OrganizationId(id)));
    }

    private static TWire Parse<TWire>(HttpContext http, JsonTypeInfo<TWire> json, ReadOnlyMemory<byte> body) where TWire : class
    {
        if (body.Length == 0)
        {
            body = "{}"u8.ToArray(); // a step without a reason may come without a body
        }
        else if (!http.Request.HasJsonContentType())
        {
            throw new BadInputException(EdgeProblem.UnsupportedMediaType, "Send the body as application/json.");
        }

        try
        {
            return JsonSerializer.Deserialize(body.Span, json) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException e)
        {
            throw Malformed(e);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            throw Malformed(null);
        }
    }

    /// <param name="e">The serializer names every member but one that is missing by its path; those stand in its message alone.</param>
    private static BadInputException Malformed(JsonException? e)
    {
        if (e is { InnerException: JsonException, LineNumber: { } line, BytePositionInLine: { } position })
        {
            return new BadInputException(EdgeProblem.MalformedBody, $"The body is not JSON in UTF-8: line {line + 1} cannot be read at byte {position + 1}. Send the text as it is, without a byte order mark and not compressed.");
        }

        var (at, missing) = (e?.Path is { Length: > 0 } path ? $" at {path}" : "", MissingMembers().Match(e?.Message ?? ""));
        var what = missing.Success ? $"it lacks {missing.Groups[1].Value}" : "a member is unknown, missing, doubled or of another type";
        return new BadInputException(EdgeProblem.MalformedBody, $"The body does not have the form of this request{at}: {what}. The forms are described at /swagger.");
    }

    [GeneratedRegex(@"missing required properties including: ('.+')\.")]
    private static partial Regex MissingMembers();

    internal static bool IsCsv(HttpContext http) => http.Request.GetTypedHeaders().ContentType?.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase) == true;

    internal static Guid KeyDigest(OrganizationId? acting, string key)
    {
        Span<byte> actor = stackalloc byte[16];
        (acting?.Value ?? Guid.Empty).TryWriteBytes(actor); // nobody acts as the nil UUID: ReadActing refuses it
        return Digest(Sha256.Of(actor, Encoding.ASCII.GetBytes(key)));
    }

    private static Guid RequestDigest(HttpContext http, ReadOnlyMemory<byte> body) => Digest(Sha256.Of(Encoding.UTF8.GetBytes(http.Request.Path), [0], body.Span));

    // Half of a SHA-256 is as long as a UUID and far beyond chance.
    internal static Guid Digest(ReadOnlySpan<byte> hash) => new(hash[..16]);

    private static async Task WriteAsync(HttpContext http, CommandAnswer answer, string location)
    {
        switch (answer)
        {
            case CommandAnswer.Decided decided:
                await WriteDecidedAsync(http, decided, location);
                break;
            case CommandAnswer.KeyReused:
                await Problem.WriteAsync(http, EdgeProblem.IdempotencyKeyReused, "This Idempotency-Key came before with another request. Use a new key for a new wish.");
                break;
            case CommandAnswer.Overloaded:
                await Problem.WriteAsync(http, EdgeProblem.Overloaded, "More commands wait than the register takes on. Nothing was done; ask again with the same key.");
                break;
            case CommandAnswer.Unavailable:
                await Problem.WriteAsync(http, EdgeProblem.DatabaseUnavailable, "The database cannot be reached. Nothing was done; ask again with the same key.");
                break;
            case CommandAnswer.OutcomeUnknown:
                await Problem.WriteAsync(http, EdgeProblem.OutcomeUnknown, "Whether this was done is unknown. Ask again with the same key: the answer will be the truth.");
                break;
            case CommandAnswer.Failed:
                await Problem.WriteAsync(http, EdgeProblem.InternalError, "The register refused an inconsistent change; nothing was done. The operator's log has the reason.");
                break;
            default:
                throw new InvalidOperationException($"No answer for {answer.GetType().Name}.");
        }
    }

    private static Task WriteDecidedAsync(HttpContext http, CommandAnswer.Decided decided, string location)
    {
        var response = http.Response;
        response.StatusCode = decided.Status;
        response.ContentLength = decided.Body.Length;
        if (decided.Replayed)
        {
            response.Headers[ReplayedHeader] = "true";
        }

        if (decided.Status == StatusCodes.Status201Created)
        {
            response.ContentType = "application/json";
            response.Headers.Location = location.Contains(IdPlace, StringComparison.Ordinal)
                ? location.Replace(IdPlace, IdOf(decided.Body), StringComparison.Ordinal)
                : location + IdOf(decided.Body);
        }
        else
        {
            response.ContentType = Problem.ContentType;
        }

        return response.Body.WriteAsync(decided.Body).AsTask();
    }

    /// <summary>Every answer begins with <c>{"id":"…"</c>.</summary>
    private static string IdOf(byte[] body) => Encoding.ASCII.GetString(body, 7, 36);
}
