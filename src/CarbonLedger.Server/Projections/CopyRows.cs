using System.Buffers.Binary;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>Rows of identifiers and whole numbers for one table, gathered in PostgreSQL's binary COPY format and sent in one stream.</summary>
/// <remarks>A projection writes two rows for most events. Npgsql's importer asks of each value how it is to be written; here every column is known.</remarks>
internal sealed class CopyRows(string table, params string[] columns)
{
    private const int UuidBytes = 16;

    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xff, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly string statement = $"copy {table} ({string.Join(", ", columns)}) from stdin (format binary)";
    private readonly short columnCount = (short)columns.Length;
    private byte[] buffer = new byte[64 * 1024];
    private int length;

    public bool Any => length > Header.Length;

    /// <summary>Begins anew, in the same memory.</summary>
    public void Clear()
    {
        Header.CopyTo(buffer, 0);
        length = Header.Length;
    }

    /// <summary>Begins a row; as many values have to follow as there are columns.</summary>
    public CopyRows Row()
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), columnCount);
        return this;
    }

    public CopyRows Value(Guid value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), UuidBytes);
        value.TryWriteBytes(Take(UuidBytes), bigEndian: true, out _);
        return this;
    }

    public CopyRows Value(long value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), value);
        return this;
    }

    public async Task WriteAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        if (!Any)
        {
            return;
        }

        BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), -1);
        await using var stream = await connection.BeginRawBinaryCopyAsync(statement, stop);
        await stream.WriteAsync(buffer.AsMemory(0, length), stop);
    }

    private Span<byte> Take(int bytes)
    {
        if (length + bytes > buffer.Length)
        {
            Array.Resize(ref buffer, 2 * buffer.Length);
        }

        length += bytes;
        return buffer.AsSpan(length - bytes, bytes);
    }
}
