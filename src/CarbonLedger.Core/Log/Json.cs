using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime.Text;

namespace CarbonLedger.Core.Log;

/// <summary>Ids are written as UUID strings.</summary>
public sealed class IdJson<TId> : JsonConverter<TId> where TId : struct, IId<TId>
{
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => TId.From(reader.GetGuid());

    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

public sealed class KilogramsJson : JsonConverter<Kilograms>
{
    public override Kilograms Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Kilograms.FromKilograms(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, Kilograms value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}

/// <summary>Ranges are inclusive in text: <c>{"first":1,"last":10}</c>.</summary>
public sealed class SerialRangeJson : JsonConverter<SerialRange>
{
    public override SerialRange Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var (first, last) = (0L, 0L);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isFirst = reader.ValueTextEquals("first"u8);
            reader.Read();
            (first, last) = isFirst ? (reader.GetInt64(), last) : (first, reader.GetInt64());
        }

        return SerialRange.Inclusive(first, last);
    }

    public override void Write(Utf8JsonWriter writer, SerialRange value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("first"u8, value.First);
        writer.WriteNumber("last"u8, value.Last);
        writer.WriteEndObject();
    }
}

public sealed class SerialRangesJson : JsonConverter<SerialRanges>
{
    private static readonly SerialRangeJson One = new();

    public override SerialRanges Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var ranges = new List<SerialRange>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ranges.Add(One.Read(ref reader, typeof(SerialRange), options));
        }

        return SerialRanges.Of(ranges);
    }

    public override void Write(Utf8JsonWriter writer, SerialRanges value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var range in value)
        {
            One.Write(writer, range, options);
        }

        writer.WriteEndArray();
    }
}

/// <summary>Amounts are decimal strings: <c>"503280.00"</c>.</summary>
public sealed class MoneyJson : JsonConverter<Money>
{
    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Money.Parse(reader.GetString() ?? "") ?? throw new JsonException("Not an amount.");

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

public sealed class PricePerTonneJson : JsonConverter<PricePerTonne>
{
    public override PricePerTonne Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        PricePerTonne.Parse(reader.GetString() ?? "") ?? throw new JsonException("Not a price.");

    public override void Write(Utf8JsonWriter writer, PricePerTonne value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

public sealed class AnnualRateJson : JsonConverter<AnnualRate>
{
    public override AnnualRate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        AnnualRate.Exactly(reader.GetDecimal()) ?? throw new JsonException("Not a rate.");

    public override void Write(Utf8JsonWriter writer, AnnualRate value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Ratio);
}

/// <summary>Instants are ISO 8601 in UTC, with as many decimals of a second as they have, from the year 1.</summary>
public sealed class InstantJson : JsonConverter<Instant>
{
    public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        IsoText.InstantOf(reader.GetString()!) ?? throw new JsonException("Not an instant from the year 1.");

    public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) =>
        writer.WriteStringValue(InstantPattern.ExtendedIso.Format(value));
}

/// <summary>Dates are <c>YYYY-MM-DD</c>, from the year 1.</summary>
public sealed class LocalDateJson : JsonConverter<LocalDate>
{
    public override LocalDate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        IsoText.DateOf(reader.GetString()!) ?? throw new JsonException("Not a date from the year 1.");

    public override void Write(Utf8JsonWriter writer, LocalDate value, JsonSerializerOptions options) =>
        writer.WriteStringValue(LocalDatePattern.Iso.Format(value));
}

/// <summary>Periods are <c>{"first":"2020-01-01","last":"2020-12-31"}</c>.</summary>
public sealed class DatePeriodJson : JsonConverter<DatePeriod>
{
    private static readonly LocalDateJson Date = new();

    public override DatePeriod Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var (first, last) = (default(LocalDate), default(LocalDate));
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isFirst = reader.ValueTextEquals("first"u8);
            reader.Read();
            var date = Date.Read(ref reader, typeof(LocalDate), options);
            (first, last) = isFirst ? (date, last) : (first, date);
        }

        return new DatePeriod(first, last);
    }

    public override void Write(Utf8JsonWriter writer, DatePeriod value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("first"u8);
        Date.Write(writer, value.First, options);
        writer.WritePropertyName("last"u8);
        Date.Write(writer, value.Last, options);
        writer.WriteEndObject();
    }
}

/// <summary>Enum values are their camelCase names, to the letter.</summary>
/// <remarks>The framework's own converter also takes <c>Average</c>, <c>AVERAGE</c> and <c>" average "</c> for <c>average</c>.</remarks>
public sealed class EnumJson<TEnum> : JsonConverter<TEnum> where TEnum : struct, Enum
{
    private static readonly (TEnum Value, JsonEncodedText Name)[] Words = [.. Enum.GetValues<TEnum>().Select(v => (v, JsonEncodedText.Encode(Names.Of(v))))];

    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            foreach (var (value, name) in Words)
            {
                if (reader.ValueTextEquals(name.EncodedUtf8Bytes))
                {
                    return value;
                }
            }
        }

        throw new JsonException($"Not a name of {typeof(TEnum).Name}.");
    }

    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options)
    {
        foreach (var (known, name) in Words)
        {
            if (EqualityComparer<TEnum>.Default.Equals(known, value))
            {
                writer.WriteStringValue(name);
                return;
            }
        }

        throw new JsonException($"{value} is no {typeof(TEnum).Name}.");
    }
}
