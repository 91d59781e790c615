using CarbonLedger.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CarbonLedger.Server.Pages;

/// <summary>The one way from an HTTP GET to a page for people.</summary>
public static class PageEndpoint
{
    public static void Page(this IEndpointRouteBuilder routes, string pattern, Func<HttpContext, ReadQuestion, Guid, Task<IResult>> render) => routes
        .Get(pattern, async (HttpContext http) =>
        {
            try
            {
                var id = Guid.TryParse(http.Request.RouteValues["id"] as string, out var value) ? value : Guid.Empty;
                var page = await render(http, await ReadEndpoint.QuestionAsync(http), id);
                await page.ExecuteAsync(http);
            }
            catch (BadInputException e)
            {
                await RefuseAsync(http, e.Problem.Status, e.Problem.Code, e.Message, () => Problem.WriteAsync(http, e.Problem, e.Message));
            }
            catch (RefusedException e)
            {
                await RefuseAsync(http, Problem.StatusOf(e.Refusal), e.Refusal.Code, e.Refusal.Detail, () => Problem.WriteAsync(http, e.Refusal));
            }
        })
        .ExcludeFromDescription();

    /// <summary>A person who mistyped an address reads a page too. The API answers everyone as it always does.</summary>
    public static void UseForUnknown(WebApplication app) => app.UseWhen(
        http => HttpMethods.IsGet(http.Request.Method) && !http.Request.Path.StartsWithSegments("/v1") && WantsPage(http),
        way => way.Use(async (http, next) =>
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound, ContentType: null })
            {
                var problem = EdgeProblem.RouteNotFound;
                await RefusalAsync(http, problem.Status, problem.Code, $"There is nothing at {http.Request.Path}. The register is at /, the routes of the API are listed at /swagger.");
            }
        }));

    /// <summary>A person who followed a QR code reads a page; a program reads a problem.</summary>
    private static Task RefuseAsync(HttpContext http, int status, string code, string detail, Func<Task> writeProblem)
    {
        return WantsPage(http) ? RefusalAsync(http, status, code, detail) : writeProblem();
    }

    private static bool WantsPage(HttpContext http) => http.Request.GetTypedHeaders().Accept.Any(a => a.MediaType == "text/html");

    private static Task RefusalAsync(HttpContext http, int status, string code, string detail) =>
        new RazorComponentResult<RefusalPage>(new { Code = code, Detail = detail, Status = status }) { StatusCode = status }.ExecuteAsync(http);
}
