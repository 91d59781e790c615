using CarbonLedger.Core.Log;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Log;

/// <summary>Reads the state of single things: from its row, and by replaying its own stream where it has changed since the position that is asked for.</summary>
public sealed class ThingReader(LedgerDatabase database, ProjectionSet projections)
{
    /// <summary>Positions are given under the head's lock, so nothing is ever committed before what a reader has seen.</summary>
    public const string ListOfKind = OfKind + InOrder;

    public const string ListOfParty = OfParty + InOrder;

    private const string Current = "select s.kind, s.state from ledger.states s where s.id = any($1)";

    /// <summary>Of those whose newest event stands at the position or before it: their row is what they were then.</summary>
    private const string UnchangedSince =
        """
        select s.kind, s.state from ledger.states s
        join mt_streams m on m.id = s.id join mt_events e on e.stream_id = m.id and e.version = m.version
        where s.id = any($1) and e.seq_id <= $2
        """;

    private const string OfKind =
        "select s.begun_index, s.state from ledger.states s where s.kind = $1 and s.begun_index > $2 and s.begun_index <= $3";

    private const string OfParty =
        """
        select p.begun_index, s.state from ledger.things_by_party p join ledger.states s on s.id = p.thing_id
        where p.party_id = $5 and p.kind = $1 and p.begun_index > $2 and p.begun_index <= $3
        """;

    private const string InOrder = " order by begun_index limit $4";

    /// <exception cref="RefusedException">There is no such thing, or it did not exist then.</exception>
    public async Task<T> FindAsync<T>(Guid id, ReadQuestion question, Refusal otherwise) where T : State =>
        await FindOrNullAsync<T>(id, question) ?? throw new RefusedException(otherwise);

    public async Task<T?> FindOrNullAsync<T>(Guid id, ReadQuestion question) where T : State =>
        (await LoadAsync([id], question.UpTo)).GetValueOrDefault(id) as T;

    public Task<State?> CurrentAsync(Guid id) =>
        database.Readers.CreateCommand("select kind, state from ledger.states where id = $1").With(id)
            .FindAsync(row => StateCodec.Decode(row.GetString(0), row.GetFieldValue<byte[]>(1)));

    /// <summary>Things of one kind in the order of the log, each at its first event; one more than the limit, where there are so many. Of a past instant, those of then as they stood.</summary>
    /// <param name="party">Only those that concern this organization or account (<c>ledger.things_by_party</c>).</param>
    public async Task<List<Placed<T>>> ListAsync<T>(string kind, ReadQuestion question, Guid? party = null, Narrowing? narrowed = null) where T : State
    {
        return await ThenAsync(await ListBegunAsync<T>(kind, question, party, narrowed), question);
    }

    /// <summary>The same things as they stood at the instant that is asked about.</summary>
    public async Task<List<Placed<T>>> ThenAsync<T>(List<Placed<T>> begun, ReadQuestion question) where T : State
    {
        if (question.UpTo is null)
        {
            return begun;
        }

        var then = await LoadAsync([.. begun.Select(b => b.Entry.Id)], question.UpTo);
        return begun.ConvertAll(b => b with { Entry = (T)then[b.Entry.Id] });
    }

    /// <summary>The same, but each as it is now: for things of which nothing is shown that ever changes.</summary>
    public async Task<List<Placed<T>>> ListBegunAsync<T>(string kind, ReadQuestion question, Guid? party = null, Narrowing? narrowed = null) where T : State
    {
        if (party is not null)
        {
            await projections.Loans.PositionAsync(question);
        }

        var condition = narrowed is null ? "" : " and " + narrowed.Sql(party is null ? "$5" : "$6");
        var command = database.Readers.CreateCommand((party is null ? OfKind : OfParty) + condition + InOrder)
            .With(kind).With(question.CursorPosition).With(question.UpTo ?? long.MaxValue).With(question.Limit + 1);
        if (party is { } id)
        {
            command.With(id);
        }

        if (narrowed is not null)
        {
            command.With(narrowed.Value);
        }

        return await PlacedAsync<T>(kind, command);
    }

    /// <summary>Several things by id, as they are or as they stood at a position. What there is not is left out.</summary>
    public async Task<Dictionary<Guid, State>> LoadAsync(IReadOnlyCollection<Guid> ids, long? upTo)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        var command = database.Readers.CreateCommand(upTo is null ? Current : UnchangedSince).With<Guid[]>([.. ids]);
        if (upTo is { } position)
        {
            command.With(position);
        }

        var rows = await command.ListAsync(row => StateCodec.Decode(row.GetString(0), row.GetFieldValue<byte[]>(1)));
        var states = rows.ToDictionary(s => s.Id);
        if (upTo is { } then && ids.Where(id => !states.ContainsKey(id)).ToHashSet() is { Count: > 0 } changed)
        {
            var register = new Register { Complete = true };
            await ReplayAsync(register, [.. changed], then);
            foreach (var state in register.ChangedStates.Where(s => changed.Contains(s.Id))) // a project counts its issuances by events of other streams
            {
                states.Add(state.Id, state);
            }
        }

        return states;
    }

    /// <summary>Brings several things into a register as they stood at a position, with one read of their streams.</summary>
    public async Task ReplayAsync(Register register, Guid[] streams, long upTo)
    {
        await using var command = database.Readers.CreateCommand(
            "select l.bytes from mt_events e join ledger.leaves l using (seq_id) where e.stream_id = any($1) and e.seq_id <= $2 order by e.seq_id")
            .With(streams).With(upTo);
        foreach (var recorded in await command.ListAsync(row => EventCodec.Decode(row.GetFieldValue<byte[]>(0))))
        {
            register.Apply(recorded.Fact);
        }
    }

    /// <summary>Reads rows of a position and a state of one kind.</summary>
    public static Task<List<Placed<T>>> PlacedAsync<T>(string kind, NpgsqlCommand command) where T : State =>
        command.ListAsync(row => new Placed<T>(row.GetInt64(0), (T)StateCodec.Decode(kind, row.GetFieldValue<byte[]>(1))));
}

/// <summary>What else must hold of what is listed.</summary>
/// <param name="Sql">A condition on <c>s.state</c> as it is now, made with the place of the value. No index stands behind it: the list must be short without it.</param>
public sealed record Narrowing(Func<string, string> Sql, string Value)
{
    /// <summary>A member of the state is this text.</summary>
    public static Narrowing Member(string name, string value) => new(place => $"s.state ->> '{name}' = {place}", value);

    /// <summary>A list of texts in the state has this one.</summary>
    public static Narrowing Among(string name, string value) => new(place => $"(s.state -> '{name}')::jsonb ? {place}", value);
}
