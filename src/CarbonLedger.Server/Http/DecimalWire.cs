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

    /// <summary>What a decimal keeps. With the last of them in use more may have been cut off: 1e-30 is read as 0.</summary>
    private const int DecimalsMax = 28;

    private const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public override DecimalWire Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.Number => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
            JsonTokenType.String => reader.GetString()!,
            _ => "",
        };
        return text.Length is > 0 and <= CharactersMax && decimal.TryParse(text, Styles, CultureInfo.InvariantCulture, out var value) && value.Scale < DecimalsMax
            ? new DecimalWire(value)
            : throw new JsonException("Not a decimal.");
    }

    public override void Write(Utf8JsonWriter writer, DecimalWire value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value.ToString(CultureInfo.InvariantCulture));
}
