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

    /// <summary>A person who followed a QR code reads a page; a program reads a problem.</summary>
    private static Task RefuseAsync(HttpContext http, int status, string code, string detail, Func<Task> writeProblem)
    {
        var wantsPage = http.Request.GetTypedHeaders().Accept.Any(a => a.MediaType == "text/html");
        return wantsPage
            ? new RazorComponentResult<RefusalPage>(new { Code = code, Detail = detail, Status = status }) { StatusCode = status }.ExecuteAsync(http)
            : writeProblem();
    }
}
