using System.Text.Json.Nodes;
using CarbonLedger.Core.Cancellations;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Freezes;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Inventories;
using CarbonLedger.Server.Retirements;
using CarbonLedger.Server.Trades;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace CarbonLedger.Server.Http;

/// <summary>How OpenAPI describes the values that have converters of their own: without this it would describe their insides.</summary>
public static class OpenApiValues
{
    public static void Map(SwaggerGenOptions options)
    {
        void Text<T>(string description, string example, string format, string? pattern = null) => options.MapType<T>(() =>
            new OpenApiSchema { Type = JsonSchemaType.String, Description = description, Format = format, Pattern = pattern, Examples = [JsonValue.Create(example)!] });

        const string Id = "0198f2c0-0000-7000-8000-000000000001";
        Text<OrganizationId>("An organization's id.", Id, "uuid");
        Text<AccountId>("An account's id.", Id, "uuid");
        Text<ProjectId>("A project's id.", Id, "uuid");
        Text<ApplicationId>("An application's id.", Id, "uuid");
        Text<VoucherId>("A voucher's id.", Id, "uuid");
        Text<PledgeId>("A pledge's id.", Id, "uuid");
        Text<FreezeId>("A freeze's id.", Id, "uuid");
        Text<LoanId>("A loan's id.", Id, "uuid");
        Text<Money>("CNY with two decimals.", "503280.00", "decimal", Forms.DecimalPattern(Money.AmountMax, 2));
        Text<PricePerTonne>("CNY per tonne with two to four decimals.", "41.94", "decimal", Forms.DecimalPattern(PricePerTonne.AmountMax, 4));
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
        MapEnum<CancellationReason>(options);
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
        options.MapType<StatementWire>(() => TextOr(
            "One text, in Chinese and/or English.",
            new Dictionary<string, IOpenApiSchema> { ["zh"] = Text("In Chinese."), ["en"] = Text("In English.") }));
        options.MapType<BoundaryWire>(() => TextOr(
            "The name of a building.",
            new Dictionary<string, IOpenApiSchema> { ["kind"] = Forms.Words<BoundaryKind>(), ["name"] = Text($"What it is called, at most {Input.NameCharactersMax} characters; no person's name.") },
            "kind",
            "name"));
    }

    /// <summary>One text, or an object.</summary>
    private static OpenApiSchema TextOr(string description, Dictionary<string, IOpenApiSchema> members, params string[] required) => new()
    {
        OneOf =
        [
            new OpenApiSchema { Type = JsonSchemaType.String, Description = description },
            new OpenApiSchema { Type = JsonSchemaType.Object, Properties = members, Required = required.ToHashSet(), AdditionalPropertiesAllowed = false },
        ],
    };

    private static void MapEnum<T>(SwaggerGenOptions options) where T : struct, Enum => options.MapType<T>(Forms.Words<T>);
}
