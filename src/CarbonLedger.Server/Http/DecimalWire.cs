using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CarbonLedger.Server.Http;

/// <summary>A decimal as it came: a JSON number or a decimal string. Never a binary float.</summary>
[JsonConverter(typeof(DecimalWireJson))]
public readonly record struct DecimalWire(decimal Value);

public sealed class DecimalWireJson : JsonConverter<DecimalWire>
{
    /// <summary>More digits than a decimal keeps are refused, not rounded.</summary>
    private const int CharactersMax = 28;

    private const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public override DecimalWire Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.Number => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
            JsonTokenType.String => reader.GetString()!,
            _ => "",
        };
        return text.Length is > 0 and <= CharactersMax && decimal.TryParse(text, Styles, CultureInfo.InvariantCulture, out var value)
            ? new DecimalWire(value)
            : throw new JsonException("Not a decimal.");
    }

    public override void Write(Utf8JsonWriter writer, DecimalWire value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value.ToString(CultureInfo.InvariantCulture));
}
