using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace CarbonLedger.Server.Http;

/// <summary>The forms that values have on the wire, as OpenAPI says them.</summary>
public static class Forms
{
    /// <summary>A SHA-256 in hexadecimal, as <see cref="Input.Sha256"/> reads it.</summary>
    public const string Sha256Pattern = "^[0-9A-Fa-f]{64}$";

    public static OpenApiSchema Id() => Text("uuid");

    public static OpenApiSchema Date() => Text("date");

    public static OpenApiSchema Instant() => Text("date-time");

    public static OpenApiSchema DateOrInstant() => new() { OneOf = [Date(), Instant()] };

    public static OpenApiSchema Flag() => new() { Type = JsonSchemaType.Boolean };

    public static Func<OpenApiSchema> Whole(long min, long? max = null) => () => new OpenApiSchema
    {
        Type = JsonSchemaType.Integer,
        Format = "int64",
        Minimum = min.ToString(CultureInfo.InvariantCulture),
        Maximum = max?.ToString(CultureInfo.InvariantCulture),
    };

    public static Func<OpenApiSchema> Name(int charactersMax) => () => new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = charactersMax };

    public static Func<OpenApiSchema> Words(params string[] words) => () => new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. words.Select(w => (JsonNode)JsonValue.Create(w)!)] };

    public static OpenApiSchema Words<T>() where T : struct, Enum => Words([.. Names.All<T>()])();

    /// <summary>Digits, a point, and so many decimals at most; as many digits as the greatest value has.</summary>
    public static string DecimalPattern(decimal max, int decimalsMax) =>
        $"^[0-9]{{1,{decimal.Truncate(max).ToString(CultureInfo.InvariantCulture).Length}}}(\\.[0-9]{{1,{decimalsMax}}})?$";

    private static OpenApiSchema Text(string format) => new() { Type = JsonSchemaType.String, Format = format };
}
