using System.Data;
using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Freezes;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Vouchers;
using Npgsql;

namespace CarbonLedger.Server.Statements;

/// <summary>Makes lien statements: from the rows that decisions are made on, or, when the voucher has changed since the instant asked for, from its stream.</summary>
public sealed class LienStatementReader(LedgerDatabase database, HoldingsReader holdings, ThingReader things, IConfiguration configuration, IClock clock)
{
    /// <summary>Pieces read at a time.</summary>
    private const int PiecesMax = 1_000;

    private const string NameDefault = "CarbonLedger";

    /// <returns>The statement, and where it goes on when it does not cover the whole range.</returns>
    public async Task<(LienStatementWire Statement, PageCursor? Next)> ReadAsync(VoucherId voucher, long? first, long? last, Actor actor, ReadQuestion question)
    {
        var cursor = PageCursor.Of(question.Cursor);
        var upTo = cursor?.LogIndex ?? question.UpTo;
        if (cursor is { } c && (question.UpTo is { } asked && asked != c.LogIndex || await LeafAsync(c.LogIndex) is null))
        {
            throw PageCursor.Malformed();
        }

        var head = await VoucherEndpoints.HeadAsync(voucher, question with { UpTo = upTo });
        var range = RangeOf(head, first, last, cursor?.After);
        var (position, stretches) = await StretchesAsync(head, upTo, range, question.Limit + 1);
        var more = stretches.Count > question.Limit;
        if (more)
        {
            stretches.RemoveRange(question.Limit, stretches.Count - question.Limit);
            range = SerialRange.HalfOpen(range.First, stretches[^1].Range.EndExclusive);
        }

        var shown = Join(head, stretches, await PartiesAsync(stretches, position), actor);
        var (logTime, leafHash) = (await LeafAsync(position))!.Value;
        var statement = new LienStatementWire
        {
            Register = new RegisterWire { Name = configuration["Ledger:RegisterName"] ?? NameDefault, FirstLeafHash = (await LeafAsync(1))!.Value.Hash },
            VoucherId = voucher,
            PrintedNumber = head.PrintedNumber,
            First = range.First,
            Last = range.Last,
            Kilograms = range.Count,
            Serial = SerialText.Render(head.Serial, range),
            AsOf = question.AsOf,
            LogIndex = position,
            LogTime = logTime,
            LogLeafHash = leafHash,
            IssuedAt = RegistryCalendar.ToMicroseconds(clock.GetCurrentInstant()),
            IssuedTo = actor.ToString(),
            Revoked = await question.Get<RevocationReader>().FindAsync(voucher, question with { UpTo = position }) is not null,
            LienFree = shown.All(s => s.LienFree),
            Stretches = shown,
        };
        return (statement, more ? new PageCursor(position, range.Last) : null);
    }

    private static SerialRange RangeOf(VoucherState head, long? first, long? last, long? after)
    {
        var (from, to) = (first ?? 1, last ?? head.Kilograms.Value);
        if (first > last)
        {
            throw new BadInputException(EdgeProblem.RangeReversed, $"The range ends at {last}, before its first serial {first}.");
        }

        if (from > head.Kilograms.Value || to > head.Kilograms.Value)
        {
            throw new RefusedException(new Refusal.SerialsBeyondVoucher(head.Voucher, SerialRange.Inclusive(from, Math.Max(from, to)), head.Kilograms));
        }

        return after is null || (after >= from && after < to) ? SerialRange.Inclusive(after + 1 ?? from, to) : throw PageCursor.Malformed();
    }

    /// <summary>Stretches of the range with equal neighbours joined, as many as wanted; and the position they show.</summary>
    private async Task<(long Position, List<Piece> Stretches)> StretchesAsync(VoucherState head, long? upTo, SerialRange range, int wanted)
    {
        var stretches = new List<Piece>();
        await using var connection = await database.Readers.OpenConnectionAsync();
        await using (var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead))
        {
            var (position, newest) = await NewestAsync(connection, head.Voucher);
            if (upTo is null || upTo >= newest)
            {
                for (long? from = range.First; from <= range.Last && stretches.Count <= wanted;)
                {
                    from = await ReadPiecesAsync(connection, head.Voucher, from.Value, piece => Add(stretches, piece, range));
                }

                return (upTo ?? position, stretches);
            }
        }

        foreach (var piece in await holdings.ReplayAsync(head, upTo.Value))
        {
            Add(stretches, piece, range);
        }

        return (upTo.Value, stretches);
    }

    /// <summary>The end of the log, and of this voucher's stream.</summary>
    private static async Task<(long Position, long Newest)> NewestAsync(NpgsqlConnection connection, VoucherId voucher)
    {
        await using var command = new NpgsqlCommand(
            "select log_index, (select seq_id from mt_events where stream_id = $1 order by version desc limit 1) from ledger.head", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = voucher.Value });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <returns>The serial to go on from; null after the last piece.</returns>
    private static async Task<long?> ReadPiecesAsync(NpgsqlConnection connection, VoucherId voucher, long from, Action<Piece> add)
    {
        await using var command = new NpgsqlCommand(
            """
            select coalesce(lag(last_serial) over (order by last_serial), (select max(last_serial) from ledger.pieces where voucher_id = $1 and last_serial < $2), 0) + 1,
                last_serial + 1, account_id, status, locks
            from (select * from ledger.pieces where voucher_id = $1 and last_serial >= $2 order by last_serial limit $3) p
            order by last_serial
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = voucher.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PiecesMax });
        await using var reader = await command.ExecuteReaderAsync();
        var (rows, end) = (0, from);
        while (await reader.ReadAsync())
        {
            var piece = PieceRow.Read(reader, 0);
            (rows, end) = (rows + 1, piece.Range.EndExclusive);
            add(piece);
        }

        return rows == PiecesMax ? end : null;
    }

    private static void Add(List<Piece> stretches, Piece piece, SerialRange range)
    {
        if (!piece.Range.Overlaps(range))
        {
            return;
        }

        var part = piece.Range.Common(range);
        if (stretches.Count > 0 && stretches[^1] is var before && before == piece with { Range = before.Range })
        {
            stretches[^1] = before with { Range = SerialRange.HalfOpen(before.Range.First, part.EndExclusive) };
        }
        else
        {
            stretches.Add(piece with { Range = part });
        }
    }

    /// <summary>The accounts, pledges, freezes and organizations behind the stretches, as they stood at the position.</summary>
    private async Task<Register> PartiesAsync(List<Piece> stretches, long position)
    {
        var register = new Register { Complete = true };
        var accounts = stretches.Select(s => s.Account.Value).Distinct().ToArray();
        var locks = stretches.SelectMany(s => s.Locks.Items).Where(l => l.Kind != LockKind.Hold).Select(l => l.Id).Distinct().ToArray();
        await things.ReplayAsync(register, [.. accounts, .. locks], position);
        var holders = accounts.Select(a => register.Find<AccountState>(a)!).ToArray();
        await things.ReplayAsync(
            register,
            [
                .. holders.Select(h => h.Organization.Value).Concat(locks.Select(register.Find<PledgeState>).OfType<PledgeState>().Select(p => p.Pledgee.Value)).Distinct(),
                .. holders.SelectMany(h => h.Freezes ?? []).Select(f => f.Value).Distinct(),
            ],
            position);
        return register;
    }

    /// <summary>What whoever asks may see, with neighbours joined that look the same to it.</summary>
    private static List<LienStretchWire> Join(VoucherState head, List<Piece> stretches, Register parties, Actor actor)
    {
        var shown = new List<LienStretchWire>();
        foreach (var piece in stretches)
        {
            var view = StretchOf(head, piece, parties, actor);
            if (shown.Count > 0 && shown[^1] is var before && SameView(before, view))
            {
                var range = SerialRange.Inclusive(before.First, view.Last);
                shown[^1] = before with { Last = range.Last, Kilograms = range.Count, Serial = SerialText.Render(head.Serial, range) };
            }
            else
            {
                shown.Add(view);
            }
        }

        return shown;
    }

    private static bool SameView(LienStretchWire a, LienStretchWire b) =>
        (a.Status, a.HolderAccountId, a.View) == (b.Status, b.HolderAccountId, b.View) && a.Locks.SequenceEqual(b.Locks);

    private static LienStretchWire StretchOf(VoucherState head, Piece piece, Register parties, Actor actor)
    {
        var account = parties.Find<AccountState>(piece.Account.Value)!;
        var party = actor.MayActFor(account.Organization)
            || piece.Locks.Pledges.Any(p => parties.Find<PledgeState>(p.Id)!.Pledgee == actor.Organization);
        var ofAccount = piece.Status == UnitStatus.Live ? account.Freezes ?? [] : [];
        IReadOnlyList<LienWire> locks =
        [
            .. piece.Locks.Items.Select(item => LienOf(item, piece.Locks, parties)),
            .. ofAccount.Select(freeze => FreezeOf(freeze.Value, parties) with { WholeAccount = true }),
        ];
        return new LienStretchWire
        {
            First = piece.Range.First,
            Last = piece.Range.Last,
            Kilograms = piece.Range.Count,
            Serial = SerialText.Render(head.Serial, piece.Range),
            Status = NameOf(piece.Status),
            HolderAccountId = piece.Account,
            HolderOrganizationId = account.Organization,
            HolderName = parties.Find<OrganizationState>(account.Organization.Value)!.Name,
            View = party ? "party" : "public",
            LienFree = locks.Count == 0,
            Locks = party ? locks : [.. locks.Select(l => l.Kind).Distinct().Order(StringComparer.Ordinal).Select(kind => new LienWire { Kind = kind })],
        };
    }

    private static LienWire LienOf(UnitLock item, Locks on, Register parties) => item.Kind switch
    {
        LockKind.Hold => new LienWire { Kind = "hold", TradeId = item.Id },
        LockKind.Freeze => FreezeOf(item.Id, parties),
        LockKind.Exclusive or LockKind.Ranked => PledgeOf(item, on, parties),
    };

    private static LienWire PledgeOf(UnitLock item, Locks on, Register parties)
    {
        var pledge = parties.Find<PledgeState>(item.Id)!;
        return new LienWire
        {
            Kind = "pledge",
            Rank = on.RankOf(pledge.Pledge),
            Mode = Locks.NameOf(item.Kind),
            Status = Pledge.NameOf(pledge.Status),
            ReservedUntil = pledge.Status == PledgeStatus.Reserved ? pledge.ReservedUntil : null,
            PledgeId = pledge.Pledge,
            PledgeeId = pledge.Pledgee,
            PledgeeName = parties.Find<OrganizationState>(pledge.Pledgee.Value)!.Name,
            ContractNumber = pledge.ContractNumber,
            FilingNumber = pledge.FilingNumber,
            SecuredAmount = pledge.SecuredAmount,
        };
    }

    private static LienWire FreezeOf(Guid id, Register parties)
    {
        var freeze = parties.Find<FreezeState>(id)!;
        return new LienWire { Kind = "freeze", FreezeId = freeze.Freeze, Authority = freeze.Authority, DocumentNumber = freeze.DocumentNumber };
    }

    private static string NameOf(UnitStatus status) => status switch
    {
        UnitStatus.Live => "live",
        UnitStatus.Retired => "retired",
        UnitStatus.Cancelled => "cancelled",
        UnitStatus.Expired => "expired",
    };

    /// <summary>Time and leaf hash of the event at a position; null when there is none.</summary>
    private async Task<(Instant At, string Hash)?> LeafAsync(long position)
    {
        await using var command = database.Readers.CreateCommand("select e.timestamp, l.hash from mt_events e join ledger.leaves l using (seq_id) where e.seq_id = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? (Instant.FromDateTimeUtc(reader.GetDateTime(0)), Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(1))) : null;
    }
}
