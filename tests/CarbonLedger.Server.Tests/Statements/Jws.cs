using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CarbonLedger.Server.Tests.Statements;

/// <summary>The verification recipe of docs/guides/verify-a-lien-statement.md: a test holds the two together.</summary>
internal static class Jws
{
    // recipe: begin
    /// <summary>Returns the statement when one of the register's keys signed it; throws otherwise.</summary>
    public static JsonElement Verify(string jws, string keySet)
    {
        var parts = jws.Split('.');
        var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement;
        var key = JsonDocument.Parse(keySet).RootElement.GetProperty("keys").EnumerateArray()
            .Single(k => k.GetProperty("kid").GetString() == header.GetProperty("kid").GetString());
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Base64Url.DecodeFromChars(key.GetProperty("x").GetString()),
                Y = Base64Url.DecodeFromChars(key.GetProperty("y").GetString()),
            },
        });
        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        if (header.GetProperty("alg").GetString() != "ES256"
            || !ecdsa.VerifyData(signed, Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        {
            throw new CryptographicException("This is not what the register signed.");
        }

        return JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
    }

    // recipe: end
}
