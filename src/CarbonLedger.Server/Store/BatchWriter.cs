using System.Buffers;
using System.Text;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Proofs;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Commands;
using Npgsql;
using NpgsqlTypes;

namespace CarbonLedger.Server.Store;

/// <summary>Writes what a batch decided, and commits, in one pipelined round trip.</summary>
public sealed class BatchWriter
{
    private static readonly string InsertEvents = SqlText.Read("insert_events");
    private static readonly string UpsertStates = SqlText.Read("upsert_states");
    private static readonly string UpdatePieces = SqlText.Read("update_pieces");
    private static readonly string InsertPieces = SqlText.Read("insert_pieces");

    /// <summary>What the database says when the head does not stand where a batch remembers it (<c>ledger.hold_head</c>).</summary>
    public const string HeadMoved = "CL001";

    private readonly ArrayBufferWriter<byte> scratch = new(64 * 1024);

    /// <returns>The bytes of each event.</returns>
    public async Task<byte[][]> WriteAndCommitAsync(NpgsqlConnection connection, LoadedBatch loaded, BatchDecision decision, CancellationToken stop)
    {
        var (events, answers) = (decision.Events, decision.Answers);
        await using var batch = new NpgsqlBatch(connection);
        byte[][] bytes = [];
        if (loaded.IsRemembered)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("begin"));
            Add(
                batch,
                "select ledger.hold_head($1, $2)",
                new NpgsqlParameter<long> { TypedValue = loaded.HeadIndex },
                new NpgsqlParameter<DateTime> { TypedValue = decision.Now.ToDateTimeUtc() });
        }

        if (events.Count > 0)
        {
            AddStreams(batch, loaded, events);
            bytes = AddEvents(batch, events);
            AddStates(batch, loaded.Register, events);
            AddPieces(batch, loaded.Register);
            AddNames(batch, loaded.Register);
            AddPrivateNames(batch, decision);
            AddClaims(batch, loaded.Register);
            AddClaimVouchers(batch, loaded.Register, events);
            var last = events[^1];
            Add(
                batch,
                "update ledger.head set log_index = $1, at = $2",
                new NpgsqlParameter<long> { TypedValue = last.LogIndex },
                new NpgsqlParameter<DateTime> { TypedValue = last.At.ToDateTimeUtc() });
        }

        Add(
            batch,
            "insert into ledger.idempotency_keys (key_digest, request_digest, status, log_index, answer) select * from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::bigint[], $5::bytea[])",
            Array(answers, a => a.KeyDigest),
            Array(answers, a => a.RequestDigest),
            Array(answers, a => a.Status),
            Array(answers, a => a.LogIndex),
            Array(answers, a => a.Body));
        if (events.Count > 0)
        {
            // Last, because a rollback would not take it back.
            Add(batch, "select setval('mt_events_sequence', $1)", new NpgsqlParameter<long> { TypedValue = events[^1].LogIndex });
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        await batch.ExecuteNonQueryAsync(stop);
        return bytes;
    }

    private static void AddStreams(NpgsqlBatch batch, LoadedBatch loaded, IReadOnlyList<RecordedEvent> events)
    {
        var at = new NpgsqlParameter<DateTime> { TypedValue = events[^1].At.ToDateTimeUtc() };
        var newest = new Dictionary<Guid, RecordedEvent>();
        foreach (var e in events)
        {
            newest[e.Fact.Stream] = e;
        }

        var begun = newest.Values.Where(e => !loaded.StreamVersions.ContainsKey(e.Fact.Stream)).ToArray();
        if (begun.Length > 0)
        {
            Add(
                batch,
                "insert into mt_streams (id, type, version, timestamp, created) select s.id, s.type, s.version, $4, $4 from unnest($1::uuid[], $2::text[], $3::bigint[]) as s(id, type, version)",
                Array(begun, e => e.Fact.Stream),
                Array(begun, e => EventCodec.StreamTypeOf(e.Fact)),
                Array(begun, e => e.Version),
                at);
        }

        var continued = newest.Values.Where(e => loaded.StreamVersions.ContainsKey(e.Fact.Stream)).OrderBy(e => e.Fact.Stream).ToArray();
        if (continued.Length > 0)
        {
            Add(
                batch,
                "update mt_streams s set version = c.version, timestamp = $3 from unnest($1::uuid[], $2::bigint[]) as c(id, version) where s.id = c.id",
                Array(continued, e => e.Fact.Stream),
                Array(continued, e => e.Version),
                new NpgsqlParameter<DateTime> { TypedValue = at.TypedValue });
        }
    }

    private byte[][] AddEvents(NpgsqlBatch batch, IReadOnlyList<RecordedEvent> events)
    {
        var bytes = new byte[events.Count][];
        var hashes = new byte[events.Count][];
        var data = new string[events.Count];
        var ids = new Guid[events.Count];
        for (var i = 0; i < events.Count; i++)
        {
            (bytes[i], var dataStart) = EventCodec.Encode(events[i], scratch);
            hashes[i] = LeafHash.Of(bytes[i]);
            data[i] = Encoding.UTF8.GetString(bytes[i].AsSpan(dataStart..^1));
            ids[i] = new Guid(hashes[i].AsSpan(0, 16)); // an event's id names its content
        }

        Add(
            batch,
            InsertEvents,
            Array(events, e => e.LogIndex),
            new NpgsqlParameter<Guid[]> { TypedValue = ids },
            Array(events, e => e.Fact.Stream),
            Array(events, e => e.Version),
            new NpgsqlParameter<string[]> { TypedValue = data },
            Array(events, e => EventCodec.TypeOf(e.Fact)),
            new NpgsqlParameter<DateTime> { TypedValue = events[^1].At.ToDateTimeUtc() });
        Add(
            batch,
            "insert into ledger.leaves (seq_id, bytes, hash) select * from unnest($1::bigint[], $2::bytea[], $3::bytea[])",
            Array(events, e => e.LogIndex),
            new NpgsqlParameter<byte[][]> { TypedValue = bytes },
            new NpgsqlParameter<byte[][]> { TypedValue = hashes });
        return bytes;
    }

    private static void AddStates(NpgsqlBatch batch, Register register, IReadOnlyList<RecordedEvent> events)
    {
        var states = register.ChangedStates.OrderBy(s => s.Id).ToArray();
        if (states.Length > 0)
        {
            // Of what this batch begins; a row that is there keeps its position.
            var begun = events.Where(e => e.Version == 1).ToDictionary(e => e.Fact.Stream, e => e.LogIndex);

            Add(
                batch,
                UpsertStates,
                Array(states, s => s.Id),
                Array(states, StateCodec.KindOf),
                Array(states, StateCodec.Encode),
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, Value = states.Select(s => s.DueAt?.ToDateTimeUtc()).ToArray() },
                Array(states, s => begun.TryGetValue(s.Id, out var position) ? position : (long?)null));
        }
    }

    private static void AddPieces(NpgsqlBatch batch, Register register)
    {
        var updated = new List<(VoucherId Voucher, Piece Piece)>();
        var inserted = new List<(VoucherId Voucher, Piece Piece)>();
        foreach (var (voucher, units) in register.LoadedUnits)
        {
            foreach (var (piece, exists) in units.Changes)
            {
                (exists ? updated : inserted).Add((voucher, piece));
            }
        }

        if (updated.Count > 0)
        {
            AddPieces(batch, UpdatePieces, updated);
        }

        if (inserted.Count > 0)
        {
            AddPieces(batch, InsertPieces, inserted);
        }
    }

    private static void AddPieces(NpgsqlBatch batch, string sql, List<(VoucherId Voucher, Piece Piece)> pieces) => Add(
        batch,
        sql,
        Array(pieces, p => p.Voucher.Value),
        Array(pieces, p => p.Piece.Range.Last),
        Array(pieces, p => p.Piece.Account.Value),
        Array(pieces, p => (short)p.Piece.Status),
        Array(pieces, p => p.Piece.IsLocked ? p.Piece.Locks.ToString() : null));

    private static void AddNames(NpgsqlBatch batch, Register register)
    {
        if (register.NewUniqueNames.Count > 0)
        {
            var names = register.NewUniqueNames.ToArray();
            Add(
                batch,
                "insert into ledger.unique_names (space, name) select * from unnest($1::text[], $2::text[])",
                Array(names, n => n.Space),
                Array(names, n => n.Name));
        }

        if (register.NewCoverage.Count > 0)
        {
            Add(
                batch,
                "insert into ledger.coverage (parcel, period, voucher_id) select c.parcel, daterange(c.first, c.last, '[]'), c.voucher from unnest($1::text[], $2::date[], $3::date[], $4::uuid[]) as c(parcel, first, last, voucher)",
                Array(register.NewCoverage, c => c.Parcel),
                Array(register.NewCoverage, c => c.Period.First.ToDateOnly()),
                Array(register.NewCoverage, c => c.Period.Last.ToDateOnly()),
                Array(register.NewCoverage, c => c.Voucher.Value));
        }
    }

    private static void AddPrivateNames(NpgsqlBatch batch, BatchDecision decision)
    {
        if (decision.PrivateNames.Count > 0)
        {
            Add(
                batch,
                "insert into ledger.private_names (id, salt, name) select * from unnest($1::uuid[], $2::bytea[], $3::text[])",
                Array(decision.PrivateNames, n => n.Id),
                Array(decision.PrivateNames, n => n.Salt),
                Array(decision.PrivateNames, n => n.Name));
        }

        if (decision.ErasedNames.Count > 0)
        {
            Add(batch, "delete from ledger.private_names where id = any($1)", Array(decision.ErasedNames, id => id));
        }
    }

    private static void AddClaims(NpgsqlBatch batch, Register register)
    {
        if (register.VacatedClaims.Count > 0)
        {
            Add(batch, "delete from ledger.claimed_kilograms where claim_id = any($1)", Array(register.VacatedClaims.ToArray(), c => c.Value));
        }

        if (register.NewlyClaimed.Count > 0)
        {
            Add(
                batch,
                "insert into ledger.claimed_kilograms (retirement_id, kilograms, claim_id) select c.retirement, int8range(c.first, c.last, '[]'), c.claim from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::uuid[]) as c(retirement, first, last, claim)",
                Array(register.NewlyClaimed, c => c.Part.Retirement.Value),
                Array(register.NewlyClaimed, c => c.Part.First),
                Array(register.NewlyClaimed, c => c.Part.Last),
                Array(register.NewlyClaimed, c => c.Claim.Value));
        }
    }

    /// <summary>Which vouchers back which claims, so that a revocation finds them (C6).</summary>
    private static void AddClaimVouchers(NpgsqlBatch batch, Register register, IReadOnlyList<RecordedEvent> events)
    {
        if (register.VacatedClaims.Count > 0)
        {
            Add(batch, "delete from ledger.claim_vouchers where claim_id = any($1)", Array(register.VacatedClaims.ToArray(), c => c.Value));
        }

        var backed = register.ChangedStates.OfType<ClaimState>()
            .Where(c => c.Status != ClaimStatus.Withdrawn)
            .SelectMany(c => c.Parts.SelectMany(p => p.Units).Select(u => u.Voucher).Distinct(), (c, voucher) => (Voucher: voucher, c.Claim, Flagged: c.Flags.Any(f => f.Voucher == voucher)))
            .ToArray();
        if (backed.Length > 0)
        {
            // Of what comes to back a claim in this batch; a row that is there keeps its position.
            var since = new Dictionary<(ClaimId, VoucherId), long>();
            foreach (var e in events)
            {
                foreach (var voucher in PartsOf(e.Fact).SelectMany(p => p.Units).Select(u => u.Voucher))
                {
                    since.TryAdd((new ClaimId(e.Fact.Stream), voucher), e.LogIndex);
                }
            }

            Add(
                batch,
                """
                insert into ledger.claim_vouchers as c (voucher_id, claim_id, flagged, backed_index) select * from unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::bigint[])
                on conflict (claim_id, voucher_id) do update set flagged = excluded.flagged, due = false where c.flagged <> excluded.flagged
                """,
                Array(backed, b => b.Voucher.Value),
                Array(backed, b => b.Claim.Value),
                Array(backed, b => b.Flagged),
                Array(backed, b => since.GetValueOrDefault((b.Claim, b.Voucher))));
        }

        var revoked = events.Select(e => e.Fact).OfType<VoucherEvent.VoucherRevoked>().ToArray();
        if (revoked.Length > 0)
        {
            // After the flags of this command: what is left here is for the next steps, also after a crash.
            Add(batch, "update ledger.claim_vouchers set due = true where voucher_id = any($1) and not flagged", Array(revoked, e => e.Voucher.Value));
        }
    }

    private static IReadOnlyList<ClaimPart> PartsOf(LedgerEvent fact) => fact switch
    {
        ClaimEvent.ClaimDrafted e => e.Parts,
        ClaimEvent.ClaimToppedUp e => e.Parts,
        _ => [],
    };

    private static NpgsqlParameter Array<TItem, TValue>(IReadOnlyList<TItem> items, Func<TItem, TValue> value)
    {
        var values = new TValue[items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(items[i]);
        }

        return new NpgsqlParameter<TValue[]> { TypedValue = values };
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }
}
