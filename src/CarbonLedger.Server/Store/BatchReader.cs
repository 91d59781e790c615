using System.Text;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Vouchers;
using Npgsql;
using NpgsqlTypes;

namespace CarbonLedger.Server.Store;

/// <summary>Loads everything that the commands of a batch name: one round trip, and a further one only where a name hangs on a loaded row.</summary>
public static class BatchReader
{
    private static readonly string LoadKeys = SqlText.Read("load_keys");
    private static readonly string LoadStates = SqlText.Read("load_states");
    private static readonly string LoadSerials = SqlText.Read("load_serials");
    private static readonly string LoadLive = SqlText.Read("load_live");
    private static readonly string LoadCoverage = SqlText.Read("load_coverage");

    /// <summary>Begins a transaction, locks the head and loads. What the cache holds is not asked for, unless the head has moved meanwhile.</summary>
    /// <param name="trusting">True to ask nothing at all where the cache holds everything; whoever writes then has to hold the head first (<see cref="LoadedBatch.IsRemembered"/>).</param>
    public static async Task<LoadedBatch> LoadAsync(
        NpgsqlConnection connection, IReadOnlyList<Command> commands, Guid[] keyDigests, IReadOnlyCollection<Guid> actors, RegisterCache cache, bool trusting, CancellationToken stop)
    {
        var loaded = new LoadedBatch();
        var needs = NeedsOf(commands, actors, loaded, cache);
        if (trusting && !needs.AnyRows && cache.TryHead(out var index, out var at))
        {
            (loaded.IsRemembered, loaded.HeadIndex, loaded.HeadAt) = (true, index, at);
            return loaded;
        }

        await LoadAsync(connection, commands, keyDigests, actors, loaded, needs, cache, Opening.Begin, Units.PiecesPerLineMax, stop);
        if (!cache.AgreesWith(loaded.HeadIndex))
        {
            loaded = new LoadedBatch();
            needs = NeedsOf(commands, actors, loaded, cache);
            await LoadAsync(connection, commands, keyDigests, actors, loaded, needs, cache, Opening.Begun, Units.PiecesPerLineMax, stop);
        }

        return loaded;
    }

    /// <summary>Loads the same to try commands on, from one snapshot and without a lock: nothing waits for it, and nothing may be written on it.</summary>
    /// <param name="piecesMax">The most pieces of one holding; a trial of many rows takes more of one than a single command may.</param>
    public static async Task<LoadedBatch> LoadTrialAsync(NpgsqlConnection connection, IReadOnlyList<Command> commands, IReadOnlyCollection<Guid> actors, int piecesMax, CancellationToken stop)
    {
        var (loaded, cache) = (new LoadedBatch(), new RegisterCache());
        await LoadAsync(connection, commands, [], actors, loaded, NeedsOf(commands, actors, loaded, cache), cache, Opening.Trial, piecesMax, stop);
        return loaded;
    }

    private static async Task LoadAsync(
        NpgsqlConnection connection,
        IReadOnlyList<Command> commands,
        Guid[] keyDigests,
        IReadOnlyCollection<Guid> actors,
        LoadedBatch loaded,
        Needs needs,
        RegisterCache cache,
        Opening opening,
        int piecesMax,
        CancellationToken stop)
    {
        for (var round = 0; round == 0 || needs.Any; round++)
        {
            var readers = new List<Func<NpgsqlDataReader, CancellationToken, Task>>();
            await using var batch = new NpgsqlBatch(connection);
            if (round == 0)
            {
                AddHead(batch, readers, loaded, keyDigests, opening);
            }

            var sweep = new HoldingSweep(needs.Holdings, loaded.Register, piecesMax);
            AddNeeds(batch, readers, loaded, needs);
            sweep.AddFirst(batch, readers);
            await ReadAsync(batch, readers, stop);
            if (sweep.NeedsMore)
            {
                await using var more = new NpgsqlBatch(connection);
                readers.Clear();
                sweep.AddMore(more, readers);
                await ReadAsync(more, readers, stop);
            }

            needs = NeedsOf(commands, actors, loaded, cache);
        }
    }

    /// <summary>What is to be asked of the database: what the commands name and the cache does not hold.</summary>
    private static Needs NeedsOf(IReadOnlyList<Command> commands, IReadOnlyCollection<Guid> actors, LoadedBatch loaded, RegisterCache cache)
    {
        var needs = new Needs(loaded.Register, new Remembered(loaded, cache));
        foreach (var actor in actors)
        {
            needs.State(actor);
        }

        foreach (var command in commands)
        {
            command.Collect(needs);
        }

        return needs;
    }

    private static async Task ReadAsync(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, Task>> readers, CancellationToken stop)
    {
        await using var reader = await batch.ExecuteReaderAsync(stop);
        for (var i = 0; i < readers.Count; i++)
        {
            await readers[i](reader, stop);
            await reader.NextResultAsync(stop);
        }
    }

    private static void AddHead(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, Task>> readers, LoadedBatch loaded, Guid[] keyDigests, Opening opening)
    {
        // The lock comes first, in a statement of its own: what follows reads with a snapshot taken after it was granted.
        var isTrial = opening == Opening.Trial;
        if (opening != Opening.Begun)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(isTrial ? "begin isolation level repeatable read read only" : "begin"));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(isTrial ? "select log_index, at from ledger.head" : "select log_index, at from ledger.head for update"));
        readers.Add(async (reader, stop) =>
        {
            await reader.ReadAsync(stop);
            loaded.HeadIndex = reader.GetInt64(0);
            loaded.HeadAt = reader.InstantAt(1);
        });
        batch.BatchCommands.Add(Command(LoadKeys, Array(keyDigests)));
        readers.Add(async (reader, stop) =>
        {
            while (await reader.ReadAsync(stop))
            {
                var kept = new KeptAnswer(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt16(2), reader.GetInt64(3), reader.GetFieldValue<byte[]>(4));
                loaded.Keys[kept.KeyDigest] = kept;
            }
        });
    }

    private static void AddNeeds(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, Task>> readers, LoadedBatch loaded, Needs needs)
    {
        if (needs.States.Count > 0)
        {
            batch.BatchCommands.Add(Command(LoadStates, Array(needs.States.ToArray())));
            readers.Add((reader, stop) => ReadStatesAsync(reader, loaded, stop));
        }

        if (needs.Serials.Count > 0)
        {
            batch.BatchCommands.Add(Command(
                LoadSerials,
                Array(needs.Serials.Select(s => s.Voucher.Value).ToArray()),
                Array(needs.Serials.Select(s => s.Range.First).ToArray()),
                Array(needs.Serials.Select(s => s.Range.EndExclusive).ToArray()),
                Array(needs.Serials.Select(s => s.PiecesMax).ToArray())));
            readers.Add(async (reader, stop) =>
            {
                await ReadPiecesAsync(reader, loaded.Register, null, stop);
                foreach (var (voucher, range, most) in needs.Serials)
                {
                    loaded.Register.LoadSerials(voucher, range, most);
                }
            });
        }

        if (needs.LiveUnits.Count > 0)
        {
            var vouchers = needs.LiveUnits.ToArray();
            batch.BatchCommands.Add(Command(LoadLive, Array(vouchers.Select(v => v.Value).ToArray()), new NpgsqlParameter<int> { TypedValue = Units.PiecesPerLineMax + 1 }));
            readers.Add(async (reader, stop) =>
            {
                await ReadPiecesAsync(reader, loaded.Register, null, stop);
                System.Array.ForEach(vouchers, v => loaded.Register.LoadUnits(v).LoadLive());
            });
        }

        foreach (var sweep in needs.Sweeps)
        {
            batch.BatchCommands.Add(SweepReader.Query(sweep));
            readers.Add((reader, stop) => SweepReader.ReadAsync(reader, loaded.Register, sweep, stop));
        }

        foreach (var voucher in needs.ClaimedVouchers)
        {
            batch.BatchCommands.Add(Command(
                "select claim_id from ledger.claim_vouchers where voucher_id = $1 and not flagged order by claim_id limit $2",
                new NpgsqlParameter<Guid> { TypedValue = voucher.Value },
                new NpgsqlParameter<int> { TypedValue = FlagClaim.ClaimsPerCommandMax + 1 }));
            readers.Add(async (reader, stop) =>
            {
                var found = new List<ClaimId>();
                while (await reader.ReadAsync(stop))
                {
                    found.Add(new ClaimId(reader.GetGuid(0)));
                }

                loaded.Register.LoadClaimsOn(voucher, found);
            });
        }

        if (needs.UniqueNames.Count > 0)
        {
            var names = needs.UniqueNames.ToArray();
            batch.BatchCommands.Add(Command(
                "select space, name from ledger.unique_names where (space, name) in (select * from unnest($1::text[], $2::text[]))",
                Array(names.Select(n => n.Space).ToArray()),
                Array(names.Select(n => n.Name).ToArray())));
            readers.Add((reader, stop) => ReadUniqueNamesAsync(reader, loaded, names, stop));
        }

        if (needs.Parcels.Count > 0)
        {
            var parcels = needs.Parcels.ToArray();
            batch.BatchCommands.Add(Command(
                LoadCoverage,
                Array(parcels.Select(p => p.Parcel).ToArray()),
                Array(parcels.Select(p => p.Period.First.ToDateOnly()).ToArray()),
                Array(parcels.Select(p => p.Period.Last.ToDateOnly()).ToArray())));
            readers.Add((reader, stop) => ReadCoverageAsync(reader, loaded, parcels, stop));
        }

        if (needs.Emptiness.Count > 0)
        {
            batch.BatchCommands.Add(Command(
                """
                select a, exists (select from ledger.pieces where account_id = a and status = 0),
                    exists (select from ledger.states where due_at is not null and kind = 'trade' and state ->> 'buyer' = a::text)
                from unnest($1::uuid[]) as a
                """,
                Array(needs.Emptiness.Select(a => a.Value).ToArray())));
            readers.Add(async (reader, stop) =>
            {
                while (await reader.ReadAsync(stop))
                {
                    loaded.Register.LoadEmptiness(new AccountId(reader.GetGuid(0)), reader.GetBoolean(1), reader.GetBoolean(2));
                }
            });
        }
    }

    private static async Task ReadStatesAsync(NpgsqlDataReader reader, LoadedBatch loaded, CancellationToken stop)
    {
        while (await reader.ReadAsync(stop))
        {
            var id = reader.GetGuid(0);
            if (!reader.IsDBNull(1))
            {
                loaded.StreamVersions[id] = reader.GetInt64(1);
            }

            loaded.Register.Load(id, reader.IsDBNull(2) ? null : StateCodec.Decode(reader.GetString(2), reader.GetFieldValue<byte[]>(3)));
        }
    }

    private static async Task ReadUniqueNamesAsync(NpgsqlDataReader reader, LoadedBatch loaded, UniqueName[] asked, CancellationToken stop)
    {
        while (await reader.ReadAsync(stop))
        {
            loaded.Register.Load(new UniqueName(reader.GetString(0), reader.GetString(1)), taken: true);
        }

        foreach (var name in asked)
        {
            loaded.Register.Load(name, taken: false);
        }
    }

    private static async Task ReadCoverageAsync(NpgsqlDataReader reader, LoadedBatch loaded, (string Parcel, DatePeriod Period)[] asked, CancellationToken stop)
    {
        var found = new List<Coverage>();
        while (await reader.ReadAsync(stop))
        {
            var period = new DatePeriod(reader.DateAt(1), reader.DateAt(2));
            found.Add(new Coverage(reader.GetString(0), period, new VoucherId(reader.GetGuid(3))));
        }

        foreach (var (parcel, period) in asked)
        {
            loaded.Register.LoadCoverage(parcel, period, found.Where(c => c.Parcel == parcel && c.Period.Overlaps(period)));
        }
    }

    /// <param name="seen">When given, called with the number of the holding and the piece.</param>
    internal static async Task ReadPiecesAsync(NpgsqlDataReader reader, Register register, Action<long, Piece>? seen, CancellationToken stop)
    {
        while (await reader.ReadAsync(stop))
        {
            var piece = PieceRow.Read(reader, 2);
            register.LoadUnits(new VoucherId(reader.GetGuid(1))).Load(piece);
            seen?.Invoke(reader.GetInt64(0), piece);
        }
    }

    internal static NpgsqlBatchCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    internal static NpgsqlParameter Array<T>(T[] values) => new NpgsqlParameter<T[]> { TypedValue = values };

    private enum Opening
    {
        /// <summary>A transaction is begun.</summary>
        Begin,

        /// <summary>The transaction goes on, with the head locked already.</summary>
        Begun,

        /// <summary>One that only reads.</summary>
        Trial,
    }

    /// <summary>Brings what the cache holds, and with a state the version of its stream.</summary>
    private sealed class Remembered(LoadedBatch loaded, RegisterCache cache) : IRemembered
    {
        public bool Bring(Register register, Guid id)
        {
            if (!cache.TryFind(id, out var entry))
            {
                return false;
            }

            register.Load(id, entry.State);
            if (entry.Version is { } version)
            {
                loaded.StreamVersions[id] = version;
            }

            return true;
        }

        public void Bring(Register register, VoucherId voucher)
        {
            if (cache.FindUnits(voucher) is { } units)
            {
                register.Remember(voucher, units);
            }
        }
    }
}
