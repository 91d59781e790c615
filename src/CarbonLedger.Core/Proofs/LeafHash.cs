namespace CarbonLedger.Core.Proofs;

/// <summary>Hashes of the log's Merkle tree, by RFC 6962 §2.1: a leaf is SHA-256(0x00 ‖ bytes), a node SHA-256(0x01 ‖ left ‖ right).</summary>
public static class LeafHash
{
    /// <summary>The length of a hash in bytes.</summary>
    public const int Length = 32;

    public static byte[] Of(ReadOnlySpan<byte> bytes) => Sha256.Of([0x00], bytes);

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Sha256.Of([0x01], left, right);
}
