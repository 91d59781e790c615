using System.Security.Cryptography;

namespace CarbonLedger.Core.Proofs;

/// <summary>SHA-256 over parts as if they were one text.</summary>
public static class Sha256
{
    private const int StackBytesMax = 2_048;

    /// <remarks>In one call: a hash that is fed part by part needs a handle of the system's, which costs more than the copy here.</remarks>
    public static byte[] Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third = default)
    {
        var length = first.Length + second.Length + third.Length;
        var text = length <= StackBytesMax ? stackalloc byte[StackBytesMax] : new byte[length];
        first.CopyTo(text);
        second.CopyTo(text[first.Length..]);
        third.CopyTo(text[(first.Length + second.Length)..]);
        return SHA256.HashData(text[..length]);
    }
}
