using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace CarbonLedger.Audit;

/// <summary>Tables whose rows follow from events one by one, recomputed from the events' JSON alone.</summary>
public abstract class RowModel
{
    /// <summary>The projection that writes these tables; null when commands do.</summary>
    public virtual string? Projection => null;

    public abstract IReadOnlyList<RowTable> Tables { get; }

    public abstract void Apply(long position, string type, JsonElement data);

    protected static string? Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? value.GetString() : null;

    protected static Guid? Id(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? value.GetGuid() : null;

    /// <summary>Amounts and prices, which events write as text.</summary>
    protected static decimal Amount(JsonElement data, string name) => decimal.Parse(data.GetProperty(name).GetString()!, NumberStyles.Number, CultureInfo.InvariantCulture);

    /// <summary>The kilograms of <c>serials</c>.</summary>
    protected static long Kilograms(JsonElement data) =>
        data.GetProperty("serials").EnumerateArray().Sum(r => r.GetProperty("last").GetInt64() - r.GetProperty("first").GetInt64() + 1);
}

/// <summary>What the rows of one table must be. Of each row it keeps two digests and the event that wrote it last: a log may be long.</summary>
/// <param name="keyColumns">How many of the query's columns make up the key; the others are the row.</param>
public sealed class RowTable(string name, int keyColumns, string query)
{
    private readonly Dictionary<UInt128, (UInt128 Row, long Position)> rows = [];

    public string Name => name;

    public string Query => query;

    public int KeyColumns => keyColumns;

    public IReadOnlyDictionary<UInt128, (UInt128 Row, long Position)> Rows => rows;

    public void Set(long position, object?[] key, params object?[] row) => rows[DigestOf(key)] = (DigestOf(row), position);

    public void Remove(params object?[] key) => rows.Remove(DigestOf(key));

    /// <summary>The same value makes the same text, whether it comes from an event or from a column.</summary>
    public static UInt128 DigestOf(IEnumerable<object?> values) =>
        BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(values.Select(TextOf).ToArray())));

    public static string? TextOf(object? value) => value switch
    {
        null or DBNull => null,
        string text => text,
        bool truth => truth ? "true" : "false",
        decimal amount => amount.ToString("0.############################", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime instant => instant.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture), // as fine as the database's
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"No text for {value.GetType().Name}."),
    };
}
