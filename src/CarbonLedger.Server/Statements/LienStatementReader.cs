using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Freezes;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Trades;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Vouchers;

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
        var (shown, position, instant) = await ShowAsync(head, upTo, range, actor, question);
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
            IssuedAt = question.AsOf is null ? instant : RegistryCalendar.ToMicroseconds(clock.Now),
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
    /// <returns>Also the position they stand at, and the instant: the one asked for, else one after the position was read.</returns>
    private async Task<(List<LienStretchWire> Shown, long Position, Instant Instant)> ShowAsync(VoucherState head, long? upTo, SerialRange range, Actor actor, ReadQuestion question)
    {
        var (walk, shown, wanted) = (new StretchWalk(database, holdings, head, upTo, range), new List<LienStretchWire>(), question.Limit + 1);
        var instant = question.AsOf;
        for (var step = wanted; shown.Count < wanted && await walk.NextAsync(step) is { Count: > 0 } stretches; step = Math.Min(2 * step, StretchWalk.PiecesMax))
        {
            instant ??= RegistryCalendar.ToMicroseconds(clock.Now);
            Join(shown, head, stretches, new Seen(actor, await PartiesAsync(stretches, walk.Position), instant.Value));
        }

        return (shown, walk.Position, instant!.Value);
    }

    /// <summary>The accounts, trades, pledges, freezes and organizations behind the stretches, as they stood at the position.</summary>
    private async Task<Register> PartiesAsync(List<Piece> stretches, long position)
    {
        var register = new Register { Complete = true };
        var accounts = stretches.Select(s => s.Account.Value).Distinct().ToArray();
        var locks = stretches.SelectMany(s => s.Locks.Items).Select(l => l.Id).Distinct().ToArray();
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
    private static void Join(List<LienStretchWire> shown, VoucherState head, List<Piece> stretches, Seen seen)
    {
        foreach (var piece in stretches)
        {
            var view = StretchOf(head, piece, seen);
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

    private static LienStretchWire StretchOf(VoucherState head, Piece piece, Seen seen)
    {
        var (actor, parties, _) = seen;
        var account = parties.Find<AccountState>(piece.Account.Value)!;
        var party = actor.MayActFor(account.Organization)
            || piece.Locks.Pledges.Any(p => parties.Find<PledgeState>(p.Id)!.Pledgee == actor.Organization);
        var ofAccount = piece.Status == UnitStatus.Live ? account.Freezes ?? [] : [];
        IReadOnlyList<LienWire> locks =
        [
            .. piece.Locks.Items.Select(item => LienOf(item, piece.Locks, seen)),
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
            Locks = party ? locks : [.. locks.GroupBy(l => l.Kind).OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => new LienWire { Kind = k.Key, Lapsed = k.All(l => l.Lapsed == true) ? true : null })],
        };
    }

    private static LienWire LienOf(UnitLock item, Locks on, Seen seen) => item.Kind switch
    {
        LockKind.Hold => new LienWire { Kind = "hold", TradeId = item.Id, Lapsed = seen.Parties.Find<TradeState>(item.Id)!.HasLapsed(seen.At) ? true : null },
        LockKind.Freeze => FreezeOf(item.Id, seen.Parties),
        LockKind.Exclusive or LockKind.Ranked => PledgeOf(item, on, seen),
    };

    private static LienWire PledgeOf(UnitLock item, Locks on, Seen seen)
    {
        var parties = seen.Parties;
        var pledge = parties.Find<PledgeState>(item.Id)!;
        return new LienWire
        {
            Kind = "pledge",
            Rank = on.RankOf(pledge.Pledge),
            Mode = Locks.NameOf(item.Kind),
            Status = Names.Of(pledge.Status),
            ReservedUntil = pledge.Status == PledgeStatus.Reserved ? pledge.ReservedUntil : null,
            Lapsed = pledge.Status == PledgeStatus.Reserved && pledge.HasLapsed(seen.At) ? true : null,
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
    private Task<(Instant At, string Hash)?> LeafAsync(long position) =>
        database.Readers.CreateCommand("select e.timestamp, l.hash from mt_events e join ledger.leaves l using (seq_id) where e.seq_id = $1").With(position)
            .FindAsync<(Instant, string)?>(row => (row.InstantAt(0), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(1))));

    /// <summary>Who looks, who stands behind what is seen, and at which instant.</summary>
    private sealed record Seen(Actor Actor, Register Parties, Instant At);
}
