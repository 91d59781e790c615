using System.Buffers.Binary;
using System.Text.Json.Serialization;

namespace CarbonLedger.Core.Values;

/// <summary>A transfer (转让). Its id names its place in the log, so finding a transfer needs no index of its own.</summary>
/// <remarks>
/// A UUID of version 8 (RFC 9562): the log position of the transfer's first event in bytes 8–15 (below the two variant bits,
/// so positions up to 2⁶²−1), and the voucher's leading bytes in 0–7, so that an id cannot be read as one of another ledger.
/// </remarks>
[JsonConverter(typeof(Log.IdJson<TransferId>))]
public readonly record struct TransferId(Guid Value) : IId<TransferId>
{
    public static TransferId From(Guid value) => new(value);

    /// <summary>The id of the transfer whose first event stands at <paramref name="logIndex"/> and touches <paramref name="voucher"/>.</summary>
    public static TransferId At(long logIndex, VoucherId voucher)
    {
        Span<byte> bytes = stackalloc byte[16];
        voucher.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6] = (byte)(0x80 | (bytes[6] & 0x0F));
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], logIndex);
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new TransferId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>The log position in this id; null for a UUID that was not made by <see cref="At"/>.</summary>
    public long? LogIndex
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            Value.TryWriteBytes(bytes, bigEndian: true, out _);
            if (bytes[6] >> 4 != 8 || bytes[8] >> 6 != 2)
            {
                return null;
            }

            bytes[8] &= 0x3F;
            return BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
        }
    }

    public override string ToString() => Value.ToString();
}
