using System.Security.Cryptography;
using CarbonLedger.Core.Proofs;

namespace CarbonLedger.Core.Tests.Log;

/// <summary>Test vectors of RFC 6962 as Certificate Transparency's own tests have them.</summary>
public sealed class LeafHashSpec
{
    [Theory]
    [InlineData("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData("00", "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7")]
    [InlineData("10", "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7")]
    [InlineData("2021", "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7")]
    public void A_leaf_is_hashed_behind_a_zero_byte(string leaf, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(LeafHash.Of(Convert.FromHexString(leaf))));

    [Theory]
    [InlineData(2_046)]
    [InlineData(2_047)]
    [InlineData(2_048)]
    [InlineData(100_000)]
    public void A_leaf_may_be_long(int length)
    {
        var leaf = new byte[length];
        new Random(length).NextBytes(leaf);

        Assert.Equal(SHA256.HashData([0x00, .. leaf]), LeafHash.Of(leaf));
    }

    [Fact]
    public void A_node_is_hashed_behind_a_one_byte()
    {
        var (left, right) = (LeafHash.Of([]), LeafHash.Of([0x00]));

        Assert.Equal("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", Convert.ToHexStringLower(LeafHash.Node(left, right)));
        Assert.Equal(SHA256.HashData([0x01, .. left, .. right]), LeafHash.Node(left, right));
        Assert.Equal(LeafHash.Length, left.Length);
    }
}
