using System.Security.Cryptography;

namespace CarbonLedger.Core.Proofs;

/// <summary>Hashes of the log's Merkle tree, by RFC 6962 §2.1: a leaf is SHA-256(0x00 ‖ bytes), a node SHA-256(0x01 ‖ left ‖ right).</summary>
public static class LeafHash
{
    /// <summary>The length of a hash in bytes.</summary>
    public const int Length = 32;

    private const int StackBytesMax = 2_048;

    public static byte[] Of(ReadOnlySpan<byte> bytes) => Hash(0x00, bytes, []);

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Hash(0x01, left, right);

    /// <summary>In one call: a hash that is fed piece by piece needs a handle of the system's, which costs more than the copy here.</summary>
    private static byte[] Hash(byte prefix, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var length = 1 + first.Length + second.Length;
        var text = length <= StackBytesMax ? stackalloc byte[StackBytesMax] : new byte[length];
        text[0] = prefix;
        first.CopyTo(text[1..]);
        second.CopyTo(text[(1 + first.Length)..]);
        return SHA256.HashData(text[..length]);
    }
}
