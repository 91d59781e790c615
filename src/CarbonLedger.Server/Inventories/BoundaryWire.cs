using System.Text.Json;
using System.Text.Json.Serialization;
using CarbonLedger.Core.Inventories;

namespace CarbonLedger.Server.Inventories;

/// <summary>What an inventory is about: <c>{kind, name}</c>; a plain string is the name of a building.</summary>
[JsonConverter(typeof(BoundaryWireJson))]
public sealed record BoundaryWire
{
    /// <summary>building, event, park or product.</summary>
    /// <example>building</example>
    public required BoundaryKind Kind { get; init; }

    /// <summary>What it is called, at most 200 characters; no person's name.</summary>
    /// <example>Zhongchuan business centre, building 1</example>
    public required string Name { get; init; }
}

public sealed class BoundaryWireJson : JsonConverter<BoundaryWire>
{
    public override BoundaryWire Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new BoundaryWire { Kind = BoundaryKind.Building, Name = reader.GetString()! };
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A boundary is a name, or a kind and a name.");
        }

        var (kind, name) = ((BoundaryKind?)null, (string?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isKind, isName) = (kind is null && reader.ValueTextEquals("kind"u8), name is null && reader.ValueTextEquals("name"u8));
            reader.Read();
            var text = reader.GetString() ?? throw new JsonException("A boundary's kind and name are texts.");
            (kind, name) = isKind ? (KindOf(text), name) : isName ? (kind, text) : throw new JsonException("A boundary has a kind and a name.");
        }

        return new BoundaryWire { Kind = kind ?? throw new JsonException("A boundary has a kind."), Name = name ?? throw new JsonException("A boundary has a name.") };
    }

    public override void Write(Utf8JsonWriter writer, BoundaryWire value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, Names.Of(value.Kind));
        writer.WriteString("name"u8, value.Name);
        writer.WriteEndObject();
    }

    private static BoundaryKind KindOf(string text) =>
        Names.Find<BoundaryKind>(text) ?? throw new JsonException($"A boundary's kind is one of {string.Join(", ", Names.All<BoundaryKind>())}.");
}
