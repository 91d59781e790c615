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

/// <summary>Makes lien statements: what <see cref="StretchWalk"/> finds, as far as whoever asks may see it.</summary>
public sealed class LienStatementReader(LedgerDatabase database, HoldingsReader holdings, ThingReader things, IConfiguration configuration, LogClock clock)
{
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
        var (shown, position) = await ShowAsync(head, upTo, range, actor, question.Limit + 1);
        var more = shown.Count > question.Limit;
        if (more)
        {
            shown.RemoveRange(question.Limit, shown.Count - question.Limit);
            range = SerialRange.Inclusive(range.First, shown[^1].Last);
        }

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
            IssuedAt = RegistryCalendar.ToMicroseconds(clock.Now),
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

        return after is null || (after >= from && after < to) ? SerialRange.Inclusive((after + 1) ?? from, to) : throw PageCursor.Malformed();
    }

    /// <summary>The first stretches as whoever asks may see them, at least as many as wanted if there are so many; all but the last of them are whole.</summary>
    /// <remarks>
    /// They are joined before they are counted: a page that ended within a stretch would show the public where one pledge ends and another begins. So a page may
    /// look at many stretches to show one, at most at all of the voucher, as every question about a past instant does.
    /// </remarks>
    private async Task<(List<LienStretchWire> Shown, long Position)> ShowAsync(VoucherState head, long? upTo, SerialRange range, Actor actor, int wanted)
    {
        var (walk, shown) = (new StretchWalk(database, holdings, head, upTo, range), new List<LienStretchWire>());
        for (var step = wanted; shown.Count < wanted && await walk.NextAsync(step) is { Count: > 0 } stretches; step = Math.Min(2 * step, StretchWalk.PiecesMax))
        {
            Join(shown, head, stretches, await PartiesAsync(stretches, walk.Position), actor);
        }

        return (shown, walk.Position);
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

    /// <summary>Adds what whoever asks may see, with neighbours joined that look the same to it.</summary>
    private static void Join(List<LienStretchWire> shown, VoucherState head, List<Piece> stretches, Register parties, Actor actor)
    {
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
            Status = Names.Of(piece.Status),
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
            Status = Names.Of(pledge.Status),
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

    /// <summary>Time and leaf hash of the event at a position; null when there is none.</summary>
    private async Task<(Instant At, string Hash)?> LeafAsync(long position)
    {
        await using var command = database.Readers.CreateCommand("select e.timestamp, l.hash from mt_events e join ledger.leaves l using (seq_id) where e.seq_id = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? (Instant.FromDateTimeUtc(reader.GetDateTime(0)), Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(1))) : null;
    }
}
