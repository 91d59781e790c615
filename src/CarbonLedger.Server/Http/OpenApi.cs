using System.Text;
using CarbonLedger.Core.Organizations;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace CarbonLedger.Server.Http;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c> and its page at <c>/swagger</c>.</summary>
public static class OpenApi
{
    private const string Page = "/swagger";

    private const string Document = "/openapi/v1.json";

    public static void Add(IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Wire);
            json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.CamelCase;
        });
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = "CarbonLedger",
                Version = "v1",
                Description = "The register of record for regional forestry carbon vouchers (林业碳票): trades, pledges to named lenders, loans, retirements. Quantities are whole kilograms of CO₂ equivalent; money is a decimal string in CNY; instants are UTC; dates are those of Asia/Shanghai.",
            });
            options.SupportNonNullableReferenceTypes();
            options.NonNullableReferenceTypesAsRequired();
            options.UseAllOfToExtendReferenceSchemas(); // a bare reference would drop the member's own description
            options.IncludeXmlComments(typeof(OpenApi).Assembly);
            options.IncludeXmlComments(typeof(Role).Assembly);
            OpenApiValues.Map(options);
            options.SchemaFilter<Sha256Docs>();
            options.OperationFilter<OperationDocs>();
            options.CustomOperationIds(OperationId);
        });
    }

    public static void Map(WebApplication app)
    {
        // Made once: each making takes a good part of a second and some ten megabytes, and anybody may ask.
        var document = new Lazy<Task<byte[]>>(() => Task.Run(() => DocumentAsync(app.Services)));
        app.MapGet(Document, async () => Results.Bytes(await document.Value, "application/json; charset=utf-8")).ExcludeFromDescription();

        // Only where it answers: as a part of every request's way it would cost each command two more steps.
        app.UseWhen(
            http => http.Request.Path.StartsWithSegments("/openapi") || http.Request.Path.StartsWithSegments(Page),
            way => way
                .Use((http, next) =>
                {
                    http.Response.Headers.ContentSecurityPolicy = "frame-ancestors 'self'";
                    http.Response.Headers.XContentTypeOptions = "nosniff";
                    return next(http);
                })
                .UseSwaggerUI(options =>
                {
                    options.SwaggerEndpoint(Document, "CarbonLedger v1");
                    options.RoutePrefix = Page[1..];
                }));
    }

    private static async Task<byte[]> DocumentAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var document = await scope.ServiceProvider.GetRequiredService<IAsyncSwaggerProvider>().GetSwaggerAsync("v1");
        return Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_0));
    }

    /// <summary>Verb and path, which are as stable as the API: <c>getAccountsByIdBalances</c>. The version is not part of it.</summary>
    private static string OperationId(ApiDescription operation)
    {
        var words = operation.RelativePath!.Split('/', '-', '?').Where(p => p is not ("" or "v1")).Select(p => p[0] == '{' ? "By" + Upper(p.Trim('{', '}').Split(':')[0]) : Upper(p));
        return operation.HttpMethod!.ToLowerInvariant() + string.Concat(words);

        static string Upper(string word) => char.ToUpperInvariant(word[0]) + word[1..];
    }
}
