using System.Text;
using System.Text.Json;
using CarbonLedger.Core.Decisions;
using CarbonLedger.Core.Log;
using NodaTime;
using Npgsql;

namespace CarbonLedger.Audit;

/// <summary>Replays the log with <c>Evolve</c> and compares every state with the row that decisions read.</summary>
/// <remarks>
/// Here the product's own code replays: what a command knows of a thing is what Evolve makes of its events, so the audit asks whether the row is that, and
/// not whether Evolve is right. A state follows from its own stream alone, so the log is read stream by stream with each row after its events, and one state
/// is in memory at a time. Vouchers, projects and the numbering of projects follow from each other; they are replayed together, without the
/// units, which <see cref="UnitModel"/> recomputes its own way.
/// </remarks>
public sealed class StateComparison(Snapshot snapshot, Findings findings)
{
    private static readonly string[] TogetherTypes = ["project_registered", "voucher_issued", "voucher_revoked"];

    private static readonly string[] ApartTypes =
        [.. EventCodec.TypeNames.Where(t => EventCodec.StreamTypeOf(t) != "voucher" && !TogetherTypes.Contains(t))];

    private const string Together =
        "select e.seq_id, l.bytes from mt_events e join ledger.leaves l using (seq_id) where e.type = any($1) order by e.seq_id";

    private const string Apart =
        """
        select e.stream_id, 0 as place, e.version, l.bytes, null as kind, null as state, null::timestamptz as due_at
        from mt_events e join ledger.leaves l using (seq_id) where e.type = any($1)
        union all
        select id, 1, null, null, kind, state::text, due_at from ledger.states
        order by 1, 2, 3
        """;

    // The log has been checked by now; what a list goes by must be the position of the thing's first event in it.
    private const string Misplaced =
        """
        select s.id, s.begun_index::text, e.seq_id::text from ledger.states s left join mt_events e on e.stream_id = s.id and e.version = 1
        where s.begun_index is distinct from e.seq_id
        """;

    private readonly Register together = new() { Complete = true };
    private readonly HashSet<Guid> missing = [];

    public async Task RunAsync()
    {
        await ReplayTogetherAsync();
        var (id, register, isBroken) = (Guid.Empty, new Register { Complete = true }, false);
        await foreach (var row in snapshot.RowsAsync(Apart, Types(ApartTypes)))
        {
            if (row.GetGuid(0) != id)
            {
                (id, register, isBroken) = (row.GetGuid(0), new Register { Complete = true }, false);
            }

            if (row.GetInt32(1) == 0)
            {
                isBroken = isBroken || !Replay(register, id, row.GetFieldValue<byte[]>(3));
                missing.UnionWith(register.KnownStates.Select(s => s.Id)); // its row comes next
            }
            else
            {
                missing.Remove(id);
                var due = row.IsDBNull(6) ? (Instant?)null : Instant.FromDateTimeUtc(row.GetDateTime(6));
                if (!isBroken)
                {
                    Compare(register.Find<State>(id) ?? together.Find<State>(id), id, row.GetString(4), row.GetString(5), due);
                }
            }
        }

        foreach (var state in missing)
        {
            findings.Add($"The state of {state} is missing.");
        }

        await foreach (var row in snapshot.RowsAsync(Misplaced))
        {
            findings.Add($"The state of {row.GetGuid(0)} stands in lists at '{row[1]}', and its first event at '{row[2]}'.");
        }
    }

    private async Task ReplayTogetherAsync()
    {
        await foreach (var row in snapshot.RowsAsync(Together, Types(TogetherTypes)))
        {
            Replay(together, $"event {row.GetInt64(0)}", row.GetFieldValue<byte[]>(1));
        }

        missing.UnionWith(together.KnownStates.Select(s => s.Id));
    }

    private bool Replay(Register register, object what, byte[] bytes)
    {
        try
        {
            register.Apply(EventCodec.Decode(bytes).Fact);
            return true;
        }
        catch (Exception e) when (Findings.IsOfContent(e))
        {
            findings.Add($"The state of {what} cannot be made from its events: {e.Message}");
            return false;
        }
    }

    private void Compare(State? expected, Guid id, string kind, string json, Instant? due)
    {
        if (expected is null)
        {
            findings.Add($"The state of {id} follows from no event.");
            return;
        }

        try
        {
            var encoded = StateCodec.Encode(expected);
            findings.Require(
                kind == StateCodec.KindOf(expected) && (json == encoded || IsSame(kind, json, encoded)),
                $"The state of {id} is {kind} {json}, replayed {encoded}.");
            findings.Require(IsSame(due, expected.DueAt), $"The state of {id} is due at {due}, replayed {expected.DueAt}.");
        }
        catch (Exception e) when (Findings.IsOfContent(e))
        {
            findings.Add($"The state of {id} cannot be read: {e.Message}");
        }
    }

    /// <summary>A row that an older version or a migration wrote may have its members in another order, or lack one that is read as its default. It says nothing else.</summary>
    private static bool IsSame(string kind, string json, string encoded)
    {
        using var row = JsonDocument.Parse(json);
        using var replayed = JsonDocument.Parse(encoded);
        using var again = JsonDocument.Parse(StateCodec.Encode(StateCodec.Decode(kind, Encoding.UTF8.GetBytes(json))));
        return JsonElement.DeepEquals(again.RootElement, replayed.RootElement) && IsWithin(row.RootElement, replayed.RootElement);
    }

    private static bool IsWithin(JsonElement part, JsonElement whole) => (part.ValueKind, whole.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.Object) =>
            part.EnumerateObject().All(m => whole.TryGetProperty(m.Name, out var value) && IsWithin(m.Value, value))
            && part.EnumerateObject().DistinctBy(m => m.Name).Count() == part.EnumerateObject().Count(),
        (JsonValueKind.Array, JsonValueKind.Array) =>
            part.GetArrayLength() == whole.GetArrayLength() && part.EnumerateArray().Zip(whole.EnumerateArray()).All(p => IsWithin(p.First, p.Second)),
        _ => JsonElement.DeepEquals(part, whole),
    };

    /// <summary>The column has microseconds, and older versions rounded where newer ones cut.</summary>
    private static bool IsSame(Instant? column, Instant? state) =>
        column is { } a && state is { } b ? (a > b ? a - b : b - a) <= Duration.FromTicks(10) : column is null && state is null;

    private static NpgsqlParameter Types(string[] types) => new NpgsqlParameter<string[]> { TypedValue = types };
}
