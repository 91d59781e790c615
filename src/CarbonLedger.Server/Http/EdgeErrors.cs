using CarbonLedger.Server.Pages;
using CarbonLedger.Server.Store;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Template;

namespace CarbonLedger.Server.Http;

/// <summary>Problems for what no endpoint answers: unknown routes, wrong methods, broken requests, and faults of ours.</summary>
public static partial class EdgeErrors
{
    public static void Use(WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("CarbonLedger.Http");
        app.Use(async (http, next) =>
        {
            HeadRequests.Begin(http);
            try
            {
                await next(http);
            }
            catch (Exception e) when (e is ConnectionResetException || (e is OperationCanceledException && http.RequestAborted.IsCancellationRequested))
            {
                http.Abort(); // nobody is there to read an answer, and nothing more is to be read
                return;
            }
            catch (BadHttpRequestException e) when (!http.Response.HasStarted)
            {
                await Problem.WriteAsync(http, e.StatusCode == 413 ? EdgeProblem.BodyTooLarge : EdgeProblem.MalformedBody, "The request could not be read.");
                return;
            }
            catch (Exception e) when (e.IsDatabaseFault() && !http.Response.HasStarted)
            {
                LogFault(log, http.Request.Path, e.Message);
                await PageEndpoint.TellAsync(http, EdgeProblem.DatabaseUnavailable, "The database cannot be asked at the moment. Ask again.");
                return;
            }
            catch (Exception e) when (!http.Response.HasStarted)
            {
                LogFault(log, http.Request.Path, e.ToString());
                await PageEndpoint.TellAsync(http, EdgeProblem.InternalError, "The server met a fault of its own; nothing was changed by this request. The operator's log has the reason.");
                return;
            }

            if (!http.Response.HasStarted && http.Response.ContentLength is null && http.Response.ContentType is null)
            {
                await ExplainAsync(http);
            }
        });
        app.UseRouting(); // after the above, which says what a HEAD is routed as
    }

    private static Task ExplainAsync(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Problem.WriteAsync(http, EdgeProblem.RouteNotFound, $"There is nothing at {http.Request.Path}. The routes are listed at /swagger."),
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowedAsync(http),
        StatusCodes.Status415UnsupportedMediaType => Problem.WriteAsync(http, EdgeProblem.UnsupportedMediaType, $"Send the body as {TypeFor(http)}."), // routing's own
        StatusCodes.Status400BadRequest => Problem.WriteAsync(http, EdgeProblem.MalformedBody, "The request could not be read."),
        _ => Task.CompletedTask,
    };

    private static Task MethodNotAllowedAsync(HttpContext http)
    {
        HeadRequests.Allow(http);
        var method = HeadRequests.IsHead(http) ? HttpMethods.Head : http.Request.Method;
        return Problem.WriteAsync(http, EdgeProblem.MethodNotAllowed, $"{method} is not possible at {http.Request.Path}.");
    }

    /// <summary>The media type that the route takes. Routing has put an endpoint of its own in the place of the route's, which is looked for by its path.</summary>
    private static string TypeFor(HttpContext http) => http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(http.Request.Method) == true)
        .Where(e => new TemplateMatcher(new RouteTemplate(e.RoutePattern), []).TryMatch(http.Request.Path, []))
        .MinBy(e => e.RoutePattern.InboundPrecedence)?.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes[0] ?? "application/json";

    [LoggerMessage(20, LogLevel.Error, "Fault at {Path}: {Reason}")]
    private static partial void LogFault(ILogger logger, string path, string reason);
}
