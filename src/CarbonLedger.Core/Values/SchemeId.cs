using System.Text;
using System.Text.Json.Serialization;

namespace CarbonLedger.Core.Values;

/// <summary>A scheme (机制), under which vouchers are issued. Its id is its short name in the form of a UUID.</summary>
/// <remarks>
/// A UUID of version 8 (RFC 9562): the letters of the short name in bytes 0–5 and 9–14, the rest zero but for version and variant. So the
/// scheme that a voucher's serial names is found without an index, and one short name can only ever be one scheme.
/// </remarks>
[JsonConverter(typeof(Log.IdJson<SchemeId>))]
public readonly record struct SchemeId(Guid Value) : IId<SchemeId>
{
    private const int LettersBefore = 6;
    private const int Gap = 3;

    public static SchemeId From(Guid value) => new(value);

    /// <exception cref="ArgumentException">No scheme can be called so.</exception>
    public static SchemeId Of(string code)
    {
        if (!SerialText.IsScheme(code))
        {
            throw new ArgumentException("A scheme has 2 to 12 letters A–Z and digits.", nameof(code));
        }

        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        for (var i = 0; i < code.Length; i++)
        {
            bytes[i < LettersBefore ? i : i + Gap] = (byte)code[i];
        }

        (bytes[6], bytes[8]) = (0x80, 0x80);
        return new SchemeId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>The short name; null for a UUID that was not made by <see cref="Of"/>.</summary>
    public string? Code
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            Value.TryWriteBytes(bytes, bigEndian: true, out _);
            var code = Encoding.ASCII.GetString([.. bytes[..LettersBefore], .. bytes[(LettersBefore + Gap)..15]]).TrimEnd('\0');
            return SerialText.IsScheme(code) && Of(code) == this ? code : null;
        }
    }

    public override string ToString() => Code ?? Value.ToString();
}
