using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;

namespace CarbonLedger.Server.Http;

/// <summary>Whether the process lives, and whether it can serve.</summary>
public static class Health
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Get("/health/live", () => Results.Json(new { status = "live" }))
            .WithTags("Health").WithSummary("Is the process alive?");
        routes.Get("/health/ready", ReadyAsync)
            .WithTags("Health").WithSummary("Can it serve? 503 while the database is away.").Produces(StatusCodes.Status200OK).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task ReadyAsync(HttpContext http)
    {
        var projections = http.RequestServices.GetRequiredService<ProjectionSet>();
        var head = await http.RequestServices.GetRequiredService<LogReader>().RefreshHeadAsync(http.RequestAborted);
        var lags = string.Join(',', projections.All.Select(p => $"\"{p.Projection.Name}\":{p.Position}"));
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync($"{{\"status\":\"ready\",\"logIndex\":{head},\"projections\":{{{lags}}}}}", http.RequestAborted);
    }
}
