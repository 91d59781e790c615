using System.Buffers.Binary;

namespace CarbonLedger.Server.Http;

/// <summary>Where a long answer goes on. Written as a UUID, as every cursor.</summary>
/// <param name="LogIndex">The position that all pages show; 0 where each page shows its own present.</param>
/// <param name="After">How far the last page came.</param>
public readonly record struct PageCursor(long LogIndex, long After)
{
    public static PageCursor? Of(Guid? cursor)
    {
        if (cursor is not { } id)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var (logIndex, after) = (BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]));
        return logIndex >= 0 && after >= 0 ? new PageCursor(logIndex, after) : throw Malformed();
    }

    public static BadInputException Malformed() => new(EdgeProblem.CursorMalformed, "cursor must be the nextCursor of an earlier answer to the same question.");

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, LogIndex);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], After);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
