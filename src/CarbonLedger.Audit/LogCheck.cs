using System.Text.Json;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Proofs;

namespace CarbonLedger.Audit;

/// <summary>Reads the whole log in order and checks every byte: positions, versions, times, hashes, ids, columns, and the units' story.</summary>
public sealed class LogCheck(Snapshot snapshot, Findings findings)
{
    // Of these columns nothing is used, and Marten's defaults stand in them: what stands there otherwise, somebody has put there.
    private const string Query =
        """
        select coalesce(e.seq_id, l.seq_id), l.bytes, l.hash, e.stream_id, e.version, e.type, e.timestamp, e.data::text, e.id,
            e.tenant_id is not distinct from '*DEFAULT*' and e.is_archived is not distinct from false and e.bdata is null and e.mt_dotnet_type is null
        from ledger.leaves l full join mt_events e using (seq_id) order by 1
        """;

    private readonly Dictionary<Guid, StreamFacts> streams = [];
    private readonly Stack<(int Height, byte[] Hash)> tree = new();

    /// <summary>What the row of each stream must say.</summary>
    public IReadOnlyDictionary<Guid, StreamFacts> Streams => streams;

    /// <summary>The time of the newest event; null without events.</summary>
    public DateTime? LastAt { get; private set; }

    /// <returns>How many events there are, and the root of their Merkle tree.</returns>
    public async Task<(long Events, byte[] Root)> RunAsync(LogModels models)
    {
        var count = 0L;
        await foreach (var reader in snapshot.RowsAsync(Query))
        {
            var position = reader.GetInt64(0);
            if (reader.IsDBNull(1) || reader.IsDBNull(8))
            {
                findings.Add($"Event {position} has no leaf, or leaf {position} no event.");
                continue;
            }

            count++;
            var (bytes, at) = (reader.GetFieldValue<byte[]>(1), reader.GetDateTime(6));
            var hash = LeafHash.Of(bytes);
            findings.Require(position == count, $"Position {position} stands where {count} should.");
            findings.Require(hash.AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(2)), $"The hash of event {position} does not fit its bytes.");
            // In .NET's order of bytes, in which the server makes it: the first three groups have their least significant byte first.
            findings.Require(reader.GetGuid(8) == new Guid(hash.AsSpan(0, 16)), $"The id of event {position} is not the first half of its hash.");
            findings.Require(reader.GetBoolean(9), $"Event {position} says something in a column of Marten's that the register leaves as it is.");
            findings.Require(LastAt is not { } last || at >= last, $"Event {position} is older than the one before.");
            LastAt = at;
            var stream = reader.IsDBNull(3) ? Guid.Empty : reader.GetGuid(3);
            CheckEnvelope(position, bytes, stream, reader.GetInt64(4), reader.GetString(5), at, reader.GetString(7), models);
            Grow(hash);
        }

        return (count, Root());
    }

    private void CheckEnvelope(long position, byte[] bytes, Guid stream, long version, string type, DateTime at, string data, LogModels models)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            using var column = JsonDocument.Parse(data);
            var root = json.RootElement;
            findings.Require(JsonElement.DeepEquals(column.RootElement, root.GetProperty("data")), $"The data column of event {position} differs from its bytes.");
            findings.Require(root.GetProperty("logIndex").GetInt64() == position, $"Event {position} names another position.");
            findings.Require(root.GetProperty("streamId").GetGuid() == stream, $"Event {position} stands in another stream than it says.");
            findings.Require(root.GetProperty("version").GetInt64() == version, $"Event {position} has another version than it says.");
            findings.Require(root.GetProperty("type").GetString() == type, $"Event {position} has another type than it says.");
            findings.Require(root.GetProperty("at").GetDateTime().ToUniversalTime() == at, $"Event {position} has another time than it says.");
            var before = streams.GetValueOrDefault(stream);
            findings.Require(version == before.Version + 1, $"Event {position} is version {version} of its stream after {before.Version}.");
            streams[stream] = before.Version == 0 ? new StreamFacts(version, EventCodec.StreamTypeOf(type), at, at) : before with { Version = version, Timestamp = at };
            if (models.Apply(position, type, root.GetProperty("data")) is { } wrong)
            {
                findings.Add($"Event {position} ({type}): {wrong}.");
            }
        }
        catch (Exception e) when (Findings.IsOfContent(e))
        {
            findings.Add($"Event {position} cannot be read: {e.Message}");
        }
    }

    /// <summary>RFC 6962 §2.1, from left to right: two neighbours of one height make a node of the next.</summary>
    private void Grow(byte[] leaf)
    {
        var node = (Height: 0, Hash: leaf);
        while (tree.TryPeek(out var left) && left.Height == node.Height)
        {
            tree.Pop();
            node = (node.Height + 1, LeafHash.Node(left.Hash, node.Hash));
        }

        tree.Push(node);
    }

    private byte[] Root()
    {
        if (tree.Count == 0)
        {
            return System.Security.Cryptography.SHA256.HashData([]);
        }

        var root = tree.Pop().Hash;
        while (tree.TryPop(out var left))
        {
            root = LeafHash.Node(left.Hash, root);
        }

        return root;
    }
}

/// <summary>A stream as its events make it.</summary>
/// <param name="Type">Null when its first event is of no known type.</param>
/// <param name="Created">The time of its first event.</param>
/// <param name="Timestamp">The time of its newest.</param>
public readonly record struct StreamFacts(long Version, string? Type, DateTime Created, DateTime Timestamp);
