namespace CarbonLedger.Server.Store;

/// <summary>What one transaction has read under the head's lock, or what is remembered of the transactions before.</summary>
public sealed class LoadedBatch
{
    /// <summary>True when nothing was asked of the database: no transaction is open, and keys and names have not been looked for.</summary>
    public bool IsRemembered { get; set; }

    /// <summary>The position of the newest event.</summary>
    public long HeadIndex { get; set; }

    /// <summary>The time that the next event may have at the earliest: that of the newest one, or later where a reader closed an instant.</summary>
    public Instant HeadAt { get; set; }

    public Register Register { get; } = new();

    /// <summary>Versions of the loaded streams; a stream that is not here does not exist yet.</summary>
    public Dictionary<Guid, long> StreamVersions { get; } = [];

    /// <summary>Keys of this batch that have been answered before.</summary>
    public Dictionary<Guid, KeptAnswer> Keys { get; } = [];
}

/// <summary>The first answer to a key.</summary>
public sealed record KeptAnswer(Guid KeyDigest, Guid RequestDigest, short Status, long LogIndex, byte[] Body);
