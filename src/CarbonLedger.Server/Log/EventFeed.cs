using System.Globalization;
using System.Text;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Log;

/// <summary>The log as anyone may follow it: pages of exact bytes, or a stream that does not end.</summary>
public static class EventFeed
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .Get("/v1/events", GetAsync)
        .WithTags("Log")
        .Answers<EventsWire>("Read or follow the log", "Events after a position, in order, each exactly as it is hashed. With Accept: text/event-stream the answer goes on as events come; Last-Event-ID resumes it; limit and asOf do not apply to that stream, which gives everything after its beginning.", feed: Feed.Log)
        .AlsoAnswers("text/event-stream", "One message per event, its id the log position, its data the event; a comment every 15 seconds in which nothing happens.");

    /// <summary>The events of one stream; <c>after</c> counts its versions.</summary>
    public static async Task StreamAsync<T>(HttpContext http, Guid stream, Refusal otherwise) where T : State
    {
        try
        {
            var question = await ReadEndpoint.QuestionAsync(http);
            var after = Asked(http);
            var bytes = await question.Get<LogReader>().StreamBytesAsync(stream, after, question.UpTo, question.Limit, http.RequestAborted);
            if ((bytes.Count == 0 && after == 0) || await question.Get<ThingReader>().CurrentAsync(stream) is not T)
            {
                await Problem.WriteAsync(http, otherwise);
                return;
            }

            await WritePageAsync(http, bytes, after + bytes.Count);
        }
        catch (BadInputException e)
        {
            await Problem.WriteAsync(http, e.Problem, e.Message);
        }
    }

    private static async Task GetAsync(HttpContext http)
    {
        try
        {
            var question = await ReadEndpoint.QuestionAsync(http);
            var after = After(http);
            if (http.Request.GetTypedHeaders().Accept?.Any(a => a.MediaType == "text/event-stream") == true)
            {
                await FollowAsync(http, question, after);
                return;
            }

            var bytes = new List<byte[]>();
            foreach (var (logIndex, leaf) in await question.Get<LogReader>().BytesAfterAsync(after, question.Limit, http.RequestAborted))
            {
                if (logIndex > (question.UpTo ?? long.MaxValue))
                {
                    break;
                }

                bytes.Add(leaf);
                after = logIndex;
            }

            await WritePageAsync(http, bytes, after);
        }
        catch (BadInputException e)
        {
            await Problem.WriteAsync(http, e.Problem, e.Message);
        }
    }

    private static long After(HttpContext http)
    {
        // The header first: a browser that reconnects sends it with the address it began at, ?after and all.
        if (http.Request.Headers.TryGetValue("Last-Event-ID", out var last))
        {
            return ReadEndpoint.Number(last.ToString(), "Last-Event-ID", 0, long.MaxValue);
        }

        return Asked(http);
    }

    private static long Asked(HttpContext http) =>
        http.Request.Query.TryGetValue("after", out var text) ? ReadEndpoint.Number(text.ToString(), "after", 0, long.MaxValue) : 0;

    private static async Task WritePageAsync(HttpContext http, List<byte[]> events, long next)
    {
        http.Response.ContentType = "application/json";
        var body = http.Response.BodyWriter;
        await body.WriteAsync("{\"events\":["u8.ToArray());
        for (var i = 0; i < events.Count; i++)
        {
            if (i > 0)
            {
                await body.WriteAsync(","u8.ToArray());
            }

            await body.WriteAsync(events[i]);
        }

        await body.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"],\"next\":{next}}}")));
    }

    private static async Task FollowAsync(HttpContext http, ReadQuestion question, long after)
    {
        var (log, head) = (question.Get<LogReader>(), question.Get<LogHead>());
        // A stream never ends by itself; without this, an orderly stop would wait for it until its time is up.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, question.Get<IHostApplicationLifetime>().ApplicationStopping);
        var stop = ending.Token;
        // Asked before it begins: while the database is away the answer is 503, and not a stream that breaks off.
        var events = await log.BytesAfterAsync(after, question.Limit, http.RequestAborted);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.Body.FlushAsync(stop);
        if (HeadRequests.IsHead(http))
        {
            return;
        }

        try
        {
            for (; ; events = await log.BytesAfterAsync(after, question.Limit, stop))
            {
                foreach (var (logIndex, bytes) in events)
                {
                    await http.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {logIndex}\ndata: ")), stop);
                    await http.Response.Body.WriteAsync(bytes, stop);
                    await http.Response.Body.WriteAsync("\n\n"u8.ToArray(), stop);
                    after = logIndex;
                }

                if (events.Count == 0)
                {
                    await head.WaitPastAsync(after, TimeSpan.FromSeconds(15), stop);
                    if (head.Index <= after)
                    {
                        await http.Response.Body.WriteAsync(": still here\n\n"u8.ToArray(), stop);
                    }
                }

                await http.Response.Body.FlushAsync(stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException || e.IsDatabaseFault())
        {
            // The reader went away, the server ends, or the database is away: whoever follows comes again with Last-Event-ID.
        }
    }
}

/// <summary>A page of the log.</summary>
public sealed record EventsWire
{
    /// <summary>Events, each exactly as its leaf hashes it.</summary>
    public required IReadOnlyList<EventWire> Events { get; init; }

    /// <summary>Give this as <c>after</c> to go on.</summary>
    /// <example>42</example>
    public required long Next { get; init; }
}

/// <summary>An event with its place in the log.</summary>
public sealed record EventWire
{
    /// <summary>The position in the log, dense, from 1.</summary>
    /// <example>42</example>
    public required long LogIndex { get; init; }

    /// <summary>The stream: the id of the thing that changed.</summary>
    public required Guid StreamId { get; init; }

    /// <summary>The position in the stream, from 1.</summary>
    /// <example>3</example>
    public required long Version { get; init; }

    /// <summary>The event's type.</summary>
    /// <example>units_transferred</example>
    public required string Type { get; init; }

    /// <summary>When, in UTC.</summary>
    public required Instant At { get; init; }

    /// <summary>Who acted, and the facts; see the event reference.</summary>
    public required System.Text.Json.JsonElement Data { get; init; }
}
