using CarbonLedger.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CarbonLedger.Server.Pages;

/// <summary>The one way from an HTTP GET to a page for people.</summary>
public static class PageEndpoint
{
    /// <summary>A page is text, style and drawings of its own. Whatever got into a name by some fault of ours would load, run and send nothing.</summary>
    private const string ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

    public static void Page(this IEndpointRouteBuilder routes, string pattern, Func<HttpContext, ReadQuestion, Guid, Task<IResult>> render) => routes
        .Get(pattern, async (HttpContext http) =>
        {
            try
            {
                var id = Guid.TryParse(http.Request.RouteValues["id"] as string, out var value) ? value : Guid.Empty;
                var page = await render(http, await ReadEndpoint.QuestionAsync(http), id);
                Guard(http);
                await page.ExecuteAsync(http);
            }
            catch (BadInputException e)
            {
                await TellAsync(http, e.Problem, e.Message);
            }
            catch (RefusedException e)
            {
                // A person who followed a QR code reads a page; a program reads a problem.
                await (WantsPage(http) ? RefusalAsync(http, Problem.StatusOf(e.Refusal), e.Refusal.Code, e.Refusal.Detail) : Problem.WriteAsync(http, e.Refusal));
            }
        })
        .ExcludeFromDescription();

    /// <summary>A person who mistyped an address reads a page too. The API answers everyone as it always does.</summary>
    public static void UseForUnknown(WebApplication app) => app.UseWhen(
        IsForPerson,
        way => way.Use(async (http, next) =>
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound, ContentType: null })
            {
                var problem = EdgeProblem.RouteNotFound;
                await RefusalAsync(http, problem.Status, problem.Code, $"There is nothing at {http.Request.Path}. The register is at /, the routes of the API are listed at /swagger.");
            }
        }));

    /// <summary>What was wrong with a request, with us or with the database, told to a person or to a program.</summary>
    public static Task TellAsync(HttpContext http, EdgeProblem problem, string detail)
    {
        if (!IsForPerson(http))
        {
            return Problem.WriteAsync(http, problem, detail);
        }

        Problem.SayWhenToAskAgain(http, problem);
        return RefusalAsync(http, problem.Status, problem.Code, detail);
    }

    private static bool IsForPerson(HttpContext http) => HttpMethods.IsGet(http.Request.Method) && !http.Request.Path.StartsWithSegments("/v1") && WantsPage(http);

    public static void Guard(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        http.Response.Headers.XContentTypeOptions = "nosniff";
    }

    private static bool WantsPage(HttpContext http) => http.Request.GetTypedHeaders().Accept.Any(a => a.MediaType == "text/html");

    private static Task RefusalAsync(HttpContext http, int status, string code, string detail)
    {
        Guard(http);
        return new RazorComponentResult<RefusalPage>(new { Code = code, Detail = detail, Status = status }) { StatusCode = status }.ExecuteAsync(http);
    }
}
