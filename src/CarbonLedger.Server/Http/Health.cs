using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;

namespace CarbonLedger.Server.Http;

/// <summary>Whether the process lives, and whether it can serve.</summary>
public static class Health
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Get("/health/live", () => Results.Json(new { status = "live" }))
            .WithTags("Health").WithSummary("Is the process alive?").Produces<LiveWire>();
        routes.Get("/health/ready", ReadyAsync)
            .WithTags("Health").WithSummary("Can it serve? 503 while the database is away.").Produces<ReadyWire>().Refuses(StatusCodes.Status503ServiceUnavailable);
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

/// <summary>The process runs.</summary>
public sealed record LiveWire
{
    /// <summary>Always <c>live</c>.</summary>
    /// <example>live</example>
    public required string Status { get; init; }
}

/// <summary>Commands are taken.</summary>
public sealed record ReadyWire
{
    /// <summary>Always <c>ready</c>.</summary>
    /// <example>ready</example>
    public required string Status { get; init; }

    /// <summary>The newest log position.</summary>
    /// <example>42</example>
    public required long LogIndex { get; init; }

    /// <summary>How far each projection is, by its name.</summary>
    public required IReadOnlyDictionary<string, long> Projections { get; init; }
}
