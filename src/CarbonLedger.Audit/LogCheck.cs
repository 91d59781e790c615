using System.Text.Json;
using CarbonLedger.Core.Proofs;
using Npgsql;

namespace CarbonLedger.Audit;

/// <summary>Reads the whole log in order and checks every byte: positions, versions, times, hashes, columns, and the units' story.</summary>
public sealed class LogCheck(NpgsqlDataSource database, Findings findings)
{
    private readonly Dictionary<Guid, long> versions = [];
    private readonly Stack<(int Height, byte[] Hash)> tree = new();

    /// <returns>How many events there are, and the root of their Merkle tree.</returns>
    public async Task<(long Events, byte[] Root)> RunAsync(UnitModel units)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            """
            select l.seq_id, l.bytes, l.hash, e.stream_id, e.version, e.type, e.timestamp, e.data::text
            from ledger.leaves l full join mt_events e using (seq_id) order by l.seq_id
            """,
            connection)
        {
            CommandTimeout = 0,
        };
        await using var reader = await command.ExecuteReaderAsync();
        var (count, last) = (0L, DateTime.MinValue);
        while (await reader.ReadAsync())
        {
            if (reader.IsDBNull(0) || reader.IsDBNull(3))
            {
                findings.Add("An event has no leaf, or a leaf no event.");
                continue;
            }

            count++;
            var (position, bytes, at) = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetDateTime(6));
            findings.Require(position == count, $"Position {position} stands where {count} should.");
            findings.Require(LeafHash.Of(bytes).AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(2)), $"The hash of event {position} does not fit its bytes.");
            findings.Require(at >= last, $"Event {position} is older than the one before.");
            last = at;
            CheckEnvelope(position, bytes, reader.GetGuid(3), reader.GetInt64(4), reader.GetString(5), at, reader.GetString(7), units);
            Grow(LeafHash.Of(bytes));
        }

        return (count, Root());
    }

    private void CheckEnvelope(long position, byte[] bytes, Guid stream, long version, string type, DateTime at, string data, UnitModel units)
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
            findings.Require(version == versions.GetValueOrDefault(stream) + 1, $"Event {position} is version {version} of its stream after {versions.GetValueOrDefault(stream)}.");
            versions[stream] = version;
            units.Liens.Apply(position, type, root.GetProperty("data"));
            if (units.Apply(type, root.GetProperty("data")) is { } wrong)
            {
                findings.Add($"Event {position} ({type}): {wrong}.");
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
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
