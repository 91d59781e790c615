using CarbonLedger.Server.EmbeddedPostgres;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Statements;

/// <summary>The key of this server, and the public keys of all servers that ever signed for this register.</summary>
public sealed class SigningKeys(IConfiguration configuration, LedgerDatabase database) : IHostedService, IDisposable
{
    public const string FileSetting = "Ledger:SigningKeyFile";

    private SigningKey? current;

    public SigningKey Current => current ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>Opens the key and registers its public half: nothing is signed that could not be verified.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        current = SigningKey.Open(PathOf(configuration));
        await using var command = database.Readers.CreateCommand("insert into ledger.signing_keys (key_id, x, y) values ($1, $2, $3) on conflict do nothing")
            .With(current.KeyId).With(current.X).With(current.Y);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => current?.Dispose();

    /// <summary>Every public key that was registered up to an instant, the oldest first.</summary>
    public async Task<KeySetWire> ListAsync(Instant? asOf)
    {
        var keys = await database.Readers.CreateCommand(
            "select key_id, x, y, registered_at from ledger.signing_keys where registered_at <= $1 order by registered_at, key_id")
            .With(asOf?.ToDateTimeUtc() ?? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc))
            .ListAsync(row => new PublicKeyWire
            {
                Kid = row.GetString(0),
                X = SigningKey.Encode(row.GetFieldValue<byte[]>(1)),
                Y = SigningKey.Encode(row.GetFieldValue<byte[]>(2)),
                RegisteredAt = row.InstantAt(3),
            });
        return new KeySetWire { Keys = keys };
    }

    /// <summary>The file that is named, else one in the data folder.</summary>
    private static string PathOf(IConfiguration configuration) => configuration[FileSetting] is { Length: > 0 } named
        ? named
        : Path.Combine(DatabaseOwner.DataFolderOf(configuration), "signing-key.pem");
}

/// <summary>Public keys as a JSON Web Key Set (RFC 7517).</summary>
public sealed record KeySetWire
{
    /// <summary>Every key that ever signed for this register, the oldest first.</summary>
    public required IReadOnlyList<PublicKeyWire> Keys { get; init; }
}

/// <summary>A public key as a JSON Web Key.</summary>
public sealed record PublicKeyWire
{
    /// <summary>The key's id: its thumbprint by RFC 7638, 43 characters.</summary>
    public required string Kid { get; init; }

    /// <summary>The kind of key: <c>EC</c>.</summary>
    public string Kty { get; init; } = "EC";

    /// <summary>The curve: <c>P-256</c>.</summary>
    public string Crv { get; init; } = "P-256";

    /// <summary>The point's x, base64url of 32 bytes.</summary>
    public required string X { get; init; }

    /// <summary>The point's y, base64url of 32 bytes.</summary>
    public required string Y { get; init; }

    /// <summary>What it signs with: <c>ES256</c> (ECDSA on P-256 with SHA-256).</summary>
    public string Alg { get; init; } = SigningKey.Algorithm;

    /// <summary>What it is for: <c>sig</c>.</summary>
    public string Use { get; init; } = "sig";

    /// <summary>When a server first registered it.</summary>
    public required Instant RegisteredAt { get; init; }
}
