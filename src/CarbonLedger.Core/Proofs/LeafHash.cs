using System.Security.Cryptography;

namespace CarbonLedger.Core.Proofs;

/// <summary>Hashes of the log's Merkle tree, by RFC 6962 §2.1: a leaf is SHA-256(0x00 ‖ bytes), a node SHA-256(0x01 ‖ left ‖ right).</summary>
public static class LeafHash
{
    /// <summary>The length of a hash in bytes.</summary>
    public const int Length = 32;

    public static byte[] Of(ReadOnlySpan<byte> bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0x00]);
        hash.AppendData(bytes);
        return hash.GetHashAndReset();
    }

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0x01]);
        hash.AppendData(left);
        hash.AppendData(right);
        return hash.GetHashAndReset();
    }
}
