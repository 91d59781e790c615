using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;
using NodaTime.Text;

namespace CarbonLedger.Server.Http;

/// <summary>What every read may say: a past instant, a position to wait for, and where a list goes on.</summary>
/// <param name="UpTo">The log position to read at: the last one at or before <paramref name="AsOf"/>; null for now.</param>
public sealed record ReadQuestion(Instant? AsOf, long? UpTo, long? AtLeast, int Limit, Guid? Cursor, IServiceProvider Services)
{
    public const int LimitMax = 1_000;

    public const int LimitDefault = 100;

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <exception cref="BadInputException">A past instant is asked for.</exception>
    public void RequirePresent()
    {
        if (AsOf is not null)
        {
            throw new BadInputException(EdgeProblem.NotSupported, "This shows the present only. Leave asOf out, or ask with it for the things themselves.");
        }
    }

    /// <summary>The instant that the answer speaks of.</summary>
    public Instant Now => AsOf ?? Get<LogClock>().Now;

    /// <summary>The cursor as the log position of the last entry before; 0 at the start of a list.</summary>
    /// <exception cref="BadInputException">The cursor is of another list.</exception>
    public long CursorPosition => PageCursor.Of(Cursor) is not { } cursor ? 0 : cursor.LogIndex == 0 ? cursor.After : throw PageCursor.Malformed();
}

/// <summary>The one way from an HTTP GET to an answer.</summary>
public static class ReadEndpoint
{
    /// <summary>How long a read waits for the position it wants.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    public static Task RunAsync<TWire>(HttpContext http, JsonTypeInfo<TWire> json, Func<ReadQuestion, Task<TWire>> answer) =>
        RunAsync(http, async q => await http.Response.WriteAsJsonAsync(await answer(q), json, "application/json", http.RequestAborted));

    /// <summary>For JSON whose exact bytes matter.</summary>
    public static Task RunBytesAsync(HttpContext http, Func<ReadQuestion, Task<byte[]>> answer) => RunAsync(http, async q =>
    {
        var body = await answer(q);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    });

    /// <summary>For answers that are written by whoever makes them. What is wrong must be found before the first byte.</summary>
    public static async Task RunAsync(HttpContext http, Func<ReadQuestion, Task> write)
    {
        try
        {
            await write(await QuestionAsync(http));
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

    public static async Task<ReadQuestion> QuestionAsync(HttpContext http)
    {
        QueryParameters.RequireKnown(http);
        var query = http.Request.Query;
        var limit = query.TryGetValue("limit", out var l) ? (int)Number(l.ToString(), "limit", 1, ReadQuestion.LimitMax) : ReadQuestion.LimitDefault;
        long? atLeast = query.TryGetValue("atLeast", out var a) ? Number(a.ToString(), "atLeast", 0, long.MaxValue) : null;
        var services = http.RequestServices;
        if (atLeast is { } wanted && !await services.GetRequiredService<LogReader>().ReachesAsync(wanted, WaitMax, http.RequestAborted))
        {
            throw new BadInputException(EdgeProblem.NotYetProjected, $"The log has not reached position {wanted}.");
        }

        // Empty only on a page for people, whose form was sent without an instant: now.
        Instant? asOf = query["asOf"].ToString() is { Length: > 0 } t ? await AsOfAsync(t, services, http.RequestAborted) : null;
        long? upTo = asOf is { } instant ? await services.GetRequiredService<LogReader>().PositionAtAsync(instant, http.RequestAborted) : null;
        var question = new ReadQuestion(asOf, upTo, atLeast, limit, query.TryGetValue("cursor", out var c) ? CursorOf(c.ToString()) : null, services);
        if (http.GetEndpoint()?.Metadata.GetMetadata<ReadsMarker>() is { KnowsPast: false })
        {
            question.RequirePresent();
        }

        return question;
    }

    /// <summary>Who asks: the organization of the Acting-Organization header, or the registrar.</summary>
    /// <exception cref="RefusedException">No such organization is registered.</exception>
    public static async Task<Actor> ActorAsync(HttpContext http, ReadQuestion question)
    {
        if (CommandEndpoint.ReadActing(http) is not { } id)
        {
            return Actor.Registrar;
        }

        return await question.Get<ThingReader>().CurrentAsync(id.Value) is OrganizationState organization
            ? new Actor(id, organization.Roles.Contains(Role.Registrar))
            : throw new RefusedException(new Refusal.ActingOrganizationUnknown(id));
    }

    public static long Number(string text, string name, long min, long max) =>
        text.All(char.IsAsciiDigit) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw Input.OutOfRange(name, $"must be a whole number from {min} to {max}");

    private static Guid CursorOf(string text) =>
        Guid.TryParse(text, out var id) ? id : throw new BadInputException(EdgeProblem.CursorMalformed, "cursor must be the nextCursor of an earlier answer.");

    private static async Task<Instant> AsOfAsync(string text, IServiceProvider services, CancellationToken stop)
    {
        var instant = IsoText.InstantOf(text) ?? throw Input.OutOfRange("asOf", "must be an instant in UTC, such as 2026-01-31T16:00:00Z");
        var clock = services.GetRequiredService<LogClock>();
        if (instant > clock.Now)
        {
            // Another server may have committed at a later time than this one knows of.
            await services.GetRequiredService<LogReader>().RefreshHeadAsync(stop);
        }

        return instant <= clock.Now
            ? instant
            : throw new BadInputException(EdgeProblem.AsOfInFuture, $"asOf {text} lies in the future.");
    }
}

/// <summary>A read finds that what it asks about does not exist; the endpoint answers with the refusal.</summary>
public sealed class RefusedException(Refusal refusal) : Exception(refusal.Detail)
{
    public Refusal Refusal { get; } = refusal;
}
