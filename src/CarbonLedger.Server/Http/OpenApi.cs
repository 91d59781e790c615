using System.Text.Json.Nodes;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Freezes;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Retirements;
using CarbonLedger.Server.Trades;
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
            MapValues(options);
            options.OperationFilter<OperationDocs>();
        });
    }

    public static void Map(WebApplication app)
    {
        // Only where it answers: as a part of every request's way it would cost each command two more steps.
        app.UseWhen(
            http => http.Request.Path.StartsWithSegments("/openapi") || http.Request.Path.StartsWithSegments(Page),
            way => way
                .UseSwagger(options => options.RouteTemplate = "openapi/{documentName}.json")
                .UseSwaggerUI(options =>
                {
                    options.SwaggerEndpoint("/openapi/v1.json", "CarbonLedger v1");
                    options.RoutePrefix = Page[1..];
                }));
    }

    private static void MapValues(SwaggerGenOptions options)
    {
        void Text<T>(string description, string example, string? format = null) => options.MapType<T>(() =>
            new OpenApiSchema { Type = JsonSchemaType.String, Description = description, Format = format, Examples = [JsonValue.Create(example)!] });

        const string Id = "0198f2c0-0000-7000-8000-000000000001";
        Text<OrganizationId>("An organization's id.", Id, "uuid");
        Text<AccountId>("An account's id.", Id, "uuid");
        Text<ProjectId>("A project's id.", Id, "uuid");
        Text<ApplicationId>("An application's id.", Id, "uuid");
        Text<VoucherId>("A voucher's id.", Id, "uuid");
        Text<PledgeId>("A pledge's id.", Id, "uuid");
        Text<FreezeId>("A freeze's id.", Id, "uuid");
        Text<LoanId>("A loan's id.", Id, "uuid");
        Text<Money>("CNY with two decimals.", "503280.00", "decimal");
        Text<PricePerTonne>("CNY per tonne with two to four decimals.", "41.94", "decimal");
        Text<Instant>("An instant in UTC, ISO 8601.", "2021-08-20T02:00:00Z", "date-time");
        Text<LocalDate>("A date in the calendar of Asia/Shanghai.", "2021-08-20", "date");
        Text<InventoryId>("An inventory's id.", Id, "uuid");
        Text<ClaimId>("A claim's id.", Id, "uuid");
        Text<RetirementId>("A retirement's id.", Id, "uuid");
        Text<CalibrationId>("A calibration's id.", Id, "uuid");
        Text<DecimalWire>("A decimal: a JSON number or a decimal string; answers have strings.", "1000000.5", "decimal");
        MapEnum<Calibre>(options);
        MapEnum<FactorChoice>(options);
        MapEnum<BoundaryKind>(options);
        MapEnum<Scope2Method>(options);
        MapEnum<ClaimStatus>(options);
        MapEnum<Role>(options);
        MapEnum<ReleaseReason>(options);
        MapEnum<RetirementPurpose>(options);
        MapEnum<Settlement>(options);
        MapEnum<PledgeMode>(options);
        MapEnum<SecuredPart>(options);
        MapEnum<EnforcementMethod>(options);
        MapEnum<FreezeKind>(options);
        MapEnum<ValuationRule>(options);
        MapRetirementValues(options);
    }

    private static void MapRetirementValues(SwaggerGenOptions options)
    {
        MapEnum<ErasureReason>(options);
        MapEnum<NameStatus>(options);
        MapEnum<Vouchers.SerialStatus>(options);
        MapEnum<Bulk.BulkMode>(options);
        MapEnum<Bulk.BulkState>(options);
        MapEnum<Bulk.RowOutcome>(options);
        OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
        options.MapType<StatementWire>(() => new OpenApiSchema
        {
            OneOf =
            [
                Text("One text, in Chinese and/or English."),
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Properties = new Dictionary<string, IOpenApiSchema> { ["zh"] = Text("In Chinese."), ["en"] = Text("In English.") },
                    AdditionalPropertiesAllowed = false,
                },
            ],
        });
    }

    private static void MapEnum<T>(SwaggerGenOptions options) where T : struct, Enum => options.MapType<T>(() => new OpenApiSchema
    {
        Type = JsonSchemaType.String,
        Enum = [.. Enum.GetNames<T>().Select(n => (JsonNode)JsonValue.Create(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(n))!)],
    });

    /// <summary>Adds the headers and query parameters that every command, or every read, takes.</summary>
    private sealed class OperationDocs : IOperationFilter
    {
        public void Apply(OpenApiOperation operation, OperationFilterContext context)
        {
            operation.Parameters ??= [];
            var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<ChangesMarker>().Any())
            {
                Add(operation, CommandEndpoint.IdempotencyKeyHeader, ParameterLocation.Header, true, "A key of your making for this wish. The same key with the same body gives the same answer for ever.", "5f0c1c52-6a52-4e2b-9d7c-3f9d1f4c0a11");
                Add(operation, CommandEndpoint.ActingOrganizationHeader, ParameterLocation.Header, false, "The organization that acts; without it the registrar.", null);
            }

            if (metadata.OfType<PeriodMarker>().Any())
            {
                Add(operation, "from", ParameterLocation.Query, false, "The first date, YYYY-MM-DD in Asia/Shanghai; from the first one there is when absent.", null);
                Add(operation, "to", ParameterLocation.Query, false, "The last date, inclusive; today when absent.", null);
            }

            if (metadata.OfType<AskerMarker>().Any())
            {
                Add(operation, CommandEndpoint.ActingOrganizationHeader, ParameterLocation.Header, false, "The organization that asks; without it the registrar.", null);
            }

            foreach (var asked in metadata.OfType<QueryMarker>())
            {
                Add(operation, asked.Name, ParameterLocation.Query, asked.Required, asked.Description, null);
            }

            foreach (var (name, meaning) in metadata.OfType<AsksMarker>().SelectMany(a => a.Parameters))
            {
                Add(operation, name, ParameterLocation.Query, false, meaning, null);
            }

            if (metadata.OfType<BodyExampleMarker>().FirstOrDefault() is { } example && operation.RequestBody?.Content is { } content)
            {
                foreach (var body in content.Values.OfType<OpenApiMediaType>())
                {
                    body.Example = JsonValue.Create(example.Text);
                }
            }

            if (metadata.OfType<ReadsMarker>().FirstOrDefault() is { } reads)
            {
                if (reads.KnowsPast)
                {
                    Add(operation, "asOf", ParameterLocation.Query, false, "A past instant in UTC; now when absent.", null);
                }

                Add(operation, "atLeast", ParameterLocation.Query, false, "A log position to wait for, at most five seconds.", null);
                if (reads.IsList || reads.IsFeed)
                {
                    Add(operation, "limit", ParameterLocation.Query, false, $"1 to {ReadQuestion.LimitMax}; {ReadQuestion.LimitDefault} when absent.", null);
                    var (name, meaning) = reads.IsFeed ? ("after", "Events after this position; from the first when absent.") : ("cursor", "nextCursor of the page before.");
                    Add(operation, name, ParameterLocation.Query, false, meaning, null);
                }
            }
        }

        private static void Add(OpenApiOperation operation, string name, ParameterLocation where, bool required, string description, string? example) =>
            operation.Parameters!.Add(new OpenApiParameter
            {
                Name = name,
                In = where,
                Required = required,
                Description = description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = example is null ? null : JsonValue.Create(example),
            });
    }
}
