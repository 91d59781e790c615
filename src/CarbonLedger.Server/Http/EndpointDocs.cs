using Microsoft.OpenApi;

namespace CarbonLedger.Server.Http;

/// <summary>What OpenAPI says of an operation: summary, body, answers and problems.</summary>
public static class EndpointDocs
{
    // A Delegate, not a RequestDelegate: only then does the API explorer see the operation.
    public static RouteHandlerBuilder Post(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => routes.MapPost(pattern, handler);

    public static RouteHandlerBuilder Get(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => routes.MapGet(pattern, handler);

    /// <summary>Documents a changing POST.</summary>
    public static RouteHandlerBuilder Describes<TPost>(this RouteHandlerBuilder route, string summary, string description, Type? answer = null, string contentType = "application/json") where TPost : notnull => route
        .WithSummary(summary)
        .WithDescription(description)
        .Accepts<TPost>(contentType)
        .Produces(StatusCodes.Status201Created, answer ?? typeof(AcceptedWire), "application/json")
        .Refuses(StatusCodes.Status400BadRequest)
        .Refuses(StatusCodes.Status403Forbidden)
        .Refuses(StatusCodes.Status404NotFound)
        .Refuses(StatusCodes.Status409Conflict)
        .Refuses(StatusCodes.Status413PayloadTooLarge)
        .Refuses(StatusCodes.Status415UnsupportedMediaType)
        .Refuses(StatusCodes.Status422UnprocessableEntity)
        .Refuses(StatusCodes.Status503ServiceUnavailable)
        .WithMetadata(new ChangesMarker());

    /// <summary>Documents a GET.</summary>
    public static RouteHandlerBuilder Answers<TWire>(this RouteHandlerBuilder route, string summary, string description, bool list = false, Feed feed = Feed.None, bool past = true) => route
        .WithSummary(summary)
        .WithDescription(description)
        .Produces<TWire>(StatusCodes.Status200OK)
        .Refuses(StatusCodes.Status400BadRequest)
        .Refuses(StatusCodes.Status404NotFound)
        .Refuses(StatusCodes.Status503ServiceUnavailable)
        .WithMetadata(new ReadsMarker(past, list, feed));

    /// <summary>Documents a POST that only reads: what it is asked about is too long for a query.</summary>
    public static RouteHandlerBuilder Compares<TWire>(this RouteHandlerBuilder route, string summary, string description, string contentType, string example) => route
        .WithSummary(summary)
        .WithDescription(description)
        .Accepts<string>(contentType)
        .Produces<TWire>(StatusCodes.Status200OK)
        .Refuses(StatusCodes.Status400BadRequest)
        .Refuses(StatusCodes.Status404NotFound)
        .Refuses(StatusCodes.Status409Conflict)
        .Refuses(StatusCodes.Status413PayloadTooLarge)
        .Refuses(StatusCodes.Status415UnsupportedMediaType)
        .Refuses(StatusCodes.Status503ServiceUnavailable)
        .WithMetadata(new ReadsMarker(KnowsPast: false, IsList: false, Feed.None), new BodyExampleMarker(example));

    /// <summary>Shows a body that is whole: what would be made of the members alone has all of them, also those that exclude each other.</summary>
    public static RouteHandlerBuilder Shows(this RouteHandlerBuilder route, string body) => route.WithMetadata(new BodyExampleMarker(body));

    /// <summary>Documents a query parameter of this route alone. Any other is refused.</summary>
    public static RouteHandlerBuilder Asks(this RouteHandlerBuilder route, string parameter, Func<OpenApiSchema> form, string description, bool required = false) =>
        route.WithMetadata(new QueryMarker(parameter, form, description, required));

    /// <summary>Documents a GET whose answer depends on who asks.</summary>
    public static RouteHandlerBuilder KnowsWhoAsks(this RouteHandlerBuilder route) => route
        .Refuses(StatusCodes.Status403Forbidden)
        .WithMetadata(new AskerMarker());

    /// <summary>Documents that a 200 comes as text of another type too, for who asks for it.</summary>
    public static RouteHandlerBuilder AlsoAnswers(this RouteHandlerBuilder route, string contentType, string description) => route.WithMetadata(new TextMarker(contentType, description));

    /// <summary>Documents a status that comes with a problem.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, int status) => route.Produces<ProblemWire>(status, Problem.ContentType);
}

/// <summary>An operation that takes an Idempotency-Key and may name who acts.</summary>
public sealed record ChangesMarker;

/// <summary>An operation that takes <c>from</c> and <c>to</c>, both dates.</summary>
public sealed record PeriodMarker;

/// <summary>An operation that takes <c>atLeast</c>, and <c>asOf</c> when it knows the past; a list also <c>limit</c> and <c>cursor</c>, a feed <c>limit</c> and <c>after</c>.</summary>
public sealed record ReadsMarker(bool KnowsPast, bool IsList, Feed Feed);

/// <summary>What <c>after</c> counts in an answer of events.</summary>
public enum Feed
{
    /// <summary>The answer is none.</summary>
    None,

    /// <summary>Positions of the log.</summary>
    Log,

    /// <summary>Versions of one thing's stream.</summary>
    Stream,
}

/// <summary>An operation whose body is text of one form: how it looks.</summary>
public sealed record BodyExampleMarker(string Text);

/// <summary>A query parameter.</summary>
public sealed record QueryMarker(string Name, Func<OpenApiSchema> Form, string Description, bool Required = false);

/// <summary>A read that may name who asks.</summary>
public sealed record AskerMarker;

/// <summary>An answer as text of another type.</summary>
public sealed record TextMarker(string ContentType, string Description);
