using CarbonLedger.Core.Organizations;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace CarbonLedger.Server.Http;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c> and its page at <c>/swagger</c>.</summary>
public static class OpenApi
{
    private const string Page = "/swagger";

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
                .UseSwagger(options => options.RouteTemplate = "openapi/{documentName}.json")
                .UseSwaggerUI(options =>
                {
                    options.SwaggerEndpoint("/openapi/v1.json", "CarbonLedger v1");
                    options.RoutePrefix = Page[1..];
                }));
    }

    /// <summary>Verb and path, which are as stable as the API: <c>getAccountsByIdBalances</c>. The version is not part of it.</summary>
    private static string OperationId(ApiDescription operation)
    {
        var words = operation.RelativePath!.Split('/', '-', '?').Where(p => p is not ("" or "v1")).Select(p => p[0] == '{' ? "By" + Upper(p.Trim('{', '}').Split(':')[0]) : Upper(p));
        return operation.HttpMethod!.ToLowerInvariant() + string.Concat(words);

        static string Upper(string word) => char.ToUpperInvariant(word[0]) + word[1..];
    }
}
