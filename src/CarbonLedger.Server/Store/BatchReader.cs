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
    /// <summary>Free pieces of a holding that are read at first. Most commands need one; who needs more causes a second round.</summary>
    private const int PiecesAtFirst = 2;

    private static readonly string LoadKeys = SqlText.Read("load_keys");
    private static readonly string LoadStates = SqlText.Read("load_states");
    private static readonly string LoadHoldings = SqlText.Read("load_holdings");
    private static readonly string LoadSerials = SqlText.Read("load_serials");
    private static readonly string LoadLive = SqlText.Read("load_live");
    private static readonly string LoadCoverage = SqlText.Read("load_coverage");

    /// <summary>Begins a transaction, locks the head and loads. States that the cache holds are not asked for, unless the head has moved meanwhile.</summary>
    public static async Task<LoadedBatch> LoadAsync(
        NpgsqlConnection connection, IReadOnlyList<Command> commands, Guid[] keyDigests, IReadOnlyCollection<Guid> actors, StateCache cache, CancellationToken stop)
    {
        var loaded = await LoadAsync(connection, commands, keyDigests, actors, cache, begun: false, trialPiecesMax: null, stop);
        return cache.AgreesWith(loaded.HeadIndex)
            ? loaded
            : await LoadAsync(connection, commands, keyDigests, actors, cache, begun: true, trialPiecesMax: null, stop);
    }

    /// <summary>Loads the same to try commands on, from one snapshot and without a lock: nothing waits for it, and nothing may be written on it.</summary>
    /// <param name="piecesMax">The most pieces of one holding; a trial of many rows takes more of one than a single command may.</param>
    public static Task<LoadedBatch> LoadTrialAsync(NpgsqlConnection connection, IReadOnlyList<Command> commands, IReadOnlyCollection<Guid> actors, int piecesMax, CancellationToken stop) =>
        LoadAsync(connection, commands, [], actors, new StateCache(), begun: false, piecesMax, stop);

    private static async Task<LoadedBatch> LoadAsync(
        NpgsqlConnection connection,
        IReadOnlyList<Command> commands,
        Guid[] keyDigests,
        IReadOnlyCollection<Guid> actors,
        StateCache cache,
        bool begun,
        int? trialPiecesMax,
        CancellationToken stop)
    {
        var loaded = new LoadedBatch();
        for (var round = 0; ; round++)
        {
            var needs = NeedsOf(commands, actors, loaded, cache);
            if (round > 0 && !needs.Any)
            {
                return loaded;
            }

            var readers = new List<Func<NpgsqlDataReader, CancellationToken, Task>>();
            await using var batch = new NpgsqlBatch(connection);
            if (round == 0)
            {
                AddHead(batch, readers, loaded, keyDigests, begun, isTrial: trialPiecesMax is not null);
            }

            var sweep = new HoldingSweep(needs.Holdings, trialPiecesMax ?? Units.PiecesPerLineMax);
            AddNeeds(batch, readers, loaded, needs);
            sweep.AddFirst(batch, readers, loaded);
            await ReadAsync(batch, readers, stop);
            if (sweep.NeedsMore)
            {
                await using var more = new NpgsqlBatch(connection);
                readers.Clear();
                sweep.AddMore(more, readers, loaded);
                await ReadAsync(more, readers, stop);
            }
        }
    }

    /// <summary>What is to be asked of the database. A name may hang on a state, so whatever the cache brings is looked through in turn.</summary>
    private static Needs NeedsOf(IReadOnlyList<Command> commands, IReadOnlyCollection<Guid> actors, LoadedBatch loaded, StateCache cache)
    {
        while (true)
        {
            var needs = new Needs(loaded.Register);
            foreach (var actor in actors)
            {
                needs.State(actor);
            }

            foreach (var command in commands)
            {
                command.Collect(needs);
            }

            var found = 0;
            foreach (var id in needs.States)
            {
                if (cache.TryFind(id, out var entry))
                {
                    found++;
                    loaded.Register.Load(id, entry.State);
                    if (entry.Version is { } version)
                    {
                        loaded.StreamVersions[id] = version;
                    }
                }
            }

            if (found == 0)
            {
                return needs;
            }
        }
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

    private static void AddHead(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, Task>> readers, LoadedBatch loaded, Guid[] keyDigests, bool begun, bool isTrial)
    {
        // The lock comes first, in a statement of its own: what follows reads with a snapshot taken after it was granted.
        if (!begun)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(isTrial ? "begin isolation level repeatable read read only" : "begin"));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(isTrial ? "select log_index, at from ledger.head" : "select log_index, at from ledger.head for update"));
        readers.Add(async (reader, stop) =>
        {
            await reader.ReadAsync(stop);
            loaded.HeadIndex = reader.GetInt64(0);
            loaded.HeadAt = Instant.FromDateTimeUtc(reader.GetDateTime(1));
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
                await ReadPiecesAsync(reader, loaded, null, stop);
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
                await ReadPiecesAsync(reader, loaded, null, stop);
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
                "select a, exists (select from ledger.pieces where account_id = a and status = 0) from unnest($1::uuid[]) as a",
                Array(needs.Emptiness.Select(a => a.Value).ToArray())));
            readers.Add(async (reader, stop) =>
            {
                while (await reader.ReadAsync(stop))
                {
                    loaded.Register.LoadHoldsAny(new AccountId(reader.GetGuid(0)), reader.GetBoolean(1));
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
            var period = new DatePeriod(LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(2)), LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(3)));
            found.Add(new Coverage(reader.GetString(1), period, new VoucherId(reader.GetGuid(4))));
        }

        foreach (var (parcel, period) in asked)
        {
            loaded.Register.LoadCoverage(parcel, period, found.Where(c => c.Parcel == parcel && c.Period.Overlaps(period)));
        }
    }

    /// <param name="seen">When given, called with the number of the holding and the piece.</param>
    private static async Task ReadPiecesAsync(NpgsqlDataReader reader, LoadedBatch loaded, Action<long, Piece>? seen, CancellationToken stop)
    {
        while (await reader.ReadAsync(stop))
        {
            if (reader.GetInt16(5) == ClosingStatus)
            {
                continue; // a closing row has no serials; a range that reaches beyond the voucher finds it
            }

            var piece = new Piece(
                SerialRange.HalfOpen(reader.GetInt64(2), reader.GetInt64(3)),
                new AccountId(reader.GetGuid(4)),
                (UnitStatus)reader.GetInt16(5),
                reader.IsDBNull(6) ? Locks.None : Locks.Parse(reader.GetString(6)));
            loaded.Register.LoadUnits(new VoucherId(reader.GetGuid(1))).Load(piece);
            seen?.Invoke(reader.GetInt64(0), piece);
        }
    }

    /// <summary>The status of a voucher's closing row, at the serial after its last.</summary>
    internal const short ClosingStatus = 4;

    private static NpgsqlBatchCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static NpgsqlParameter Array<T>(T[] values) => new NpgsqlParameter<T[]> { TypedValue = values };

    /// <summary>Reads holdings: a few free pieces of each, then more, and the locked ones, only where the few do not suffice.</summary>
    private sealed class HoldingSweep(IReadOnlyDictionary<(AccountId Account, VoucherId Voucher), Kilograms> asked, int piecesMax)
    {
        private readonly (AccountId Account, VoucherId Voucher, long Need)[] holdings = [.. asked.Select(h => (h.Key.Account, h.Key.Voucher, h.Value.Value))];
        private readonly Dictionary<long, (long Count, long Sum, long Last)> found = [];
        private (AccountId Account, VoucherId Voucher, long Need)[] more = [];

        public bool NeedsMore => more.Length > 0;

        public void AddFirst(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, Task>> readers, LoadedBatch loaded)
        {
            if (holdings.Length == 0)
            {
                return;
            }

            batch.BatchCommands.Add(Query(holdings, PiecesAtFirst, locked: false));
            readers.Add(async (reader, stop) =>
            {
                await ReadPiecesAsync(reader, loaded, Count, stop);
                more = [.. Settle(loaded, holdings, PiecesAtFirst)];
            });
        }

        public void AddMore(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, Task>> readers, LoadedBatch loaded)
        {
            found.Clear();
            batch.BatchCommands.Add(Query(more, piecesMax + 1, locked: false));
            readers.Add(async (reader, stop) =>
            {
                await ReadPiecesAsync(reader, loaded, Count, stop);
                Settle(loaded, more, piecesMax + 1);
            });
            batch.BatchCommands.Add(Query(more, piecesMax + 1, locked: true));
            readers.Add((reader, stop) => ReadPiecesAsync(reader, loaded, null, stop));
        }

        private static NpgsqlBatchCommand Query((AccountId Account, VoucherId Voucher, long Need)[] of, int most, bool locked) => Command(
            LoadHoldings,
            BatchReader.Array(of.Select(h => h.Account.Value).ToArray()),
            BatchReader.Array(of.Select(h => h.Voucher.Value).ToArray()),
            new NpgsqlParameter<int> { TypedValue = most },
            new NpgsqlParameter<bool> { TypedValue = locked });

        private void Count(long number, Piece piece)
        {
            var (count, sum, _) = found.GetValueOrDefault(number);
            // To its last serial: what a command leaves of it is known too, and a later one of the batch may take that.
            found[number] = (count + 1, sum + piece.Range.Count, piece.Range.Last);
        }

        /// <summary>Says how far each holding is known now, and returns those whose pieces do not make up what is asked.</summary>
        private List<(AccountId Account, VoucherId Voucher, long Need)> Settle(
            LoadedBatch loaded, (AccountId Account, VoucherId Voucher, long Need)[] of, int most)
        {
            var shortOf = new List<(AccountId Account, VoucherId Voucher, long Need)>();
            for (var i = 0; i < of.Length; i++)
            {
                var (count, sum, last) = found.GetValueOrDefault(i + 1);
                loaded.Register.LoadUnits(of[i].Voucher).LoadFrontier(of[i].Account, count < most ? long.MaxValue : last);
                if (sum < of[i].Need)
                {
                    shortOf.Add(of[i]);
                }
            }

            return shortOf;
        }
    }
}
