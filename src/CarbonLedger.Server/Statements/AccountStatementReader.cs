using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Statements;

/// <summary>A period, and the log positions before its first event and at its last.</summary>
public sealed record StatedPeriod(Instant From, Instant To, long Opening, long Closing);

/// <summary>Makes statements of account from the balance projection. The cost is that of the account's own vouchers and entries, not of the log.</summary>
public sealed class AccountStatementReader(LedgerDatabase database, LogReader log, ThingReader things, ProjectionSet projections)
{
    private static readonly string Entries = SqlText.Read("statement_entries");

    private static readonly string Vouchers = SqlText.Read("statement_vouchers");

    private static readonly string Causes = SqlText.Read("statement_causes");

    private static readonly BalanceWire Zero = new() { Owned = 0, Free = 0, Held = 0, Pledged = 0, Frozen = 0 };

    /// <summary>The positions of a period. A later page has the first one's.</summary>
    public async Task<StatedPeriod> PeriodAsync(Instant from, Instant to, Instant now, ReadQuestion question)
    {
        var opening = await log.PositionAtAsync(from - Duration.FromTicks(10), CancellationToken.None); // a microsecond, the step of log time
        long? last = to < now ? await log.PositionAtAsync(to, CancellationToken.None) : null;
        last = question.UpTo is { } upTo ? Math.Min(upTo, last ?? upTo) : last;
        if (PageCursor.Of(question.Cursor) is not { } cursor)
        {
            var closing = await projections.Balances.PositionAsync(question with { UpTo = last });
            return new StatedPeriod(from, to, Math.Min(opening, closing), closing);
        }

        var end = last ?? await log.RefreshHeadAsync(CancellationToken.None);
        if (cursor.LogIndex > end || cursor.After > cursor.LogIndex || cursor.After < Math.Min(opening, cursor.LogIndex))
        {
            throw PageCursor.Malformed();
        }

        await projections.Balances.PositionAsync(question with { UpTo = cursor.LogIndex });
        return new StatedPeriod(from, to, Math.Min(opening, cursor.LogIndex), cursor.LogIndex);
    }

    /// <summary>Opening and closing of every voucher that had units at either end of the period, or entries in it.</summary>
    public Task<List<VoucherStatementWire>> VouchersAsync(AccountId account, StatedPeriod period) =>
        Command(Vouchers, account, period.Opening, period.Closing)
            .ListAsync(row => new VoucherStatementWire { VoucherId = new VoucherId(row.GetGuid(0)), Opening = BalanceOf(row, 1), Closing = BalanceOf(row, 6) });

    /// <summary>The sum over vouchers, and whether the account as a whole was frozen at the position.</summary>
    public async Task<StatedBalanceWire> TotalAsync(AccountId account, IEnumerable<BalanceWire> balances, long position)
    {
        var sum = balances.Aggregate(Zero, (a, b) => Combine(a, b, 1));
        await using var command = Command(
            "select exists (select from ledger.account_freezes where account_id = $1 and from_index <= $2 and (until_index is null or until_index > $2))", account, position);
        return new StatedBalanceWire
        {
            Owned = sum.Owned,
            Free = sum.Free,
            Held = sum.Held,
            Pledged = sum.Pledged,
            Frozen = sum.Frozen,
            AccountFrozen = (bool)(await command.ExecuteScalarAsync())!,
        };
    }

    /// <summary>The entries after a position, at most as many as wanted.</summary>
    public async Task<List<StatementEntryWire>> EntriesAsync(AccountId account, long after, long upTo, int wanted)
    {
        var rows = await RowsAsync(account, after, upTo, wanted);
        var vouchers = rows.Where(r => r.Voucher is not null).Select(r => r.Voucher!.Value).Distinct().ToArray();
        var serials = await SerialsAsync(vouchers);
        var reasons = await CausesAsync([.. rows.Select(r => (r.Cause, r.Event.LogIndex))]);
        var revocations = await RevocationsAsync([.. rows.Where(r => r.Event.Fact is VoucherEvent.UnitsCancelled { Cancellation: null }).Select(r => r.Voucher!.Value).Distinct()]);
        return [.. rows.Select((row, i) => EntryOf(row, serials, reasons[i], revocations))];
    }

    private static StatementEntryWire EntryOf(Row row, Dictionary<Guid, SerialPrefix> serials, (string? Reason, string? TradeNumber) cause, Dictionary<Guid, string> revocations)
    {
        var wire = new StatementEntryWire
        {
            LogIndex = row.Event.LogIndex,
            At = row.Event.At,
            Actor = row.Event.Actor.ToString(),
            What = row.Event.Fact is AccountEvent.AccountFrozen ? "accountFrozen" : "accountUnfrozen",
            FreezeId = row.Event.Fact is AccountEvent ? new FreezeId(row.Cause!.Value) : null,
            Reason = cause.Reason,
        };
        if (row.Entry is not { } entry)
        {
            return wire;
        }

        return wire with
        {
            What = entry.What,
            VoucherId = new VoucherId(row.Voucher!.Value),
            Serials = [.. entry.Serials.Select(r => SerialText.Render(serials[row.Voucher.Value], r))],
            Kilograms = entry.Serials.Kilograms.Value * (entry.Sign == 0 ? 1 : entry.Sign),
            Change = Combine(row.After, row.Before, -1),
            Balance = row.After,
            CounterpartyAccountId = entry.Counterparty,
            TransferId = entry.Transfer?.Value,
            TradeId = entry.Trade?.Value,
            TradeNumber = cause.TradeNumber,
            PledgeId = entry.Pledge,
            FreezeId = entry.Freeze,
            RetirementId = entry.Retirement?.Value,
            CancellationId = entry.Cancellation?.Value,
            Reason = cause.Reason ?? (row.Event.Fact switch
            {
                VoucherEvent.UnitsTransferred e => e.Reason,
                VoucherEvent.UnitsCancelled e => revocations.GetValueOrDefault(e.Voucher.Value),
                VoucherEvent.UnitsExpired e => $"有效期至 {e.ValidUntil:uuuu-MM-dd} valid until {e.ValidUntil:uuuu-MM-dd}",
                _ => null,
            }),
        };
    }

    private async Task<List<Row>> RowsAsync(AccountId account, long after, long upTo, int wanted)
    {
        var entries = await Command(Entries, account, after, upTo).With(wanted).ListAsync(row =>
        {
            var recorded = EventCodec.Decode(row.GetFieldValue<byte[]>(12));
            var entry = AccountEntry.Of((VoucherEvent)recorded.Fact, account)
                ?? throw new InvalidOperationException($"The balance of account {account} names event {recorded.LogIndex}, which does not touch it.");
            return new Row(recorded, entry, row.GetGuid(0), entry.Cause, BalanceOf(row, 2), BalanceOf(row, 7));
        });
        var freezes = await Command(
            """
            select l.bytes, f.freeze_id from (
                select from_index as at, freeze_id from ledger.account_freezes where account_id = $1
                union all
                select until_index, freeze_id from ledger.account_freezes where account_id = $1) f
            join ledger.leaves l on l.seq_id = f.at
            where f.at > $2 and f.at <= $3 order by f.at limit $4
            """,
            account,
            after,
            upTo)
            .With(wanted).ListAsync(row => new Row(EventCodec.Decode(row.GetFieldValue<byte[]>(0)), null, null, row.GetGuid(1), Zero, Zero));
        return [.. entries.Concat(freezes).OrderBy(r => r.Event.LogIndex).Take(wanted)];
    }

    /// <summary>What the serial texts of each voucher have in common.</summary>
    private async Task<Dictionary<Guid, SerialPrefix>> SerialsAsync(Guid[] vouchers) =>
        (await log.FirstAsync(vouchers)).Select(e => (VoucherEvent.VoucherIssued)e.Fact).ToDictionary(e => e.Voucher.Value, e => e.Serial);

    /// <summary>Why, and under which trade number, for each entry that has a cause with a stream of its own.</summary>
    private async Task<(string? Reason, string? TradeNumber)[]> CausesAsync((Guid? Cause, long LogIndex)[] entries)
    {
        var found = new (string?, string?)[entries.Length];
        var asked = entries.Select((e, i) => (e.Cause, e.LogIndex, At: i)).Where(e => e.Cause is not null).ToArray();
        var causes = await database.Readers.CreateCommand(Causes)
            .With<Guid[]>([.. asked.Select(e => e.Cause!.Value)]).With<long[]>([.. asked.Select(e => e.LogIndex)])
            .ListAsync(row => (row.TextOrNull(0), row.TextOrNull(1)));
        foreach (var (e, cause) in asked.Zip(causes))
        {
            found[e.At] = cause;
        }

        return found;
    }

    /// <summary>Why vouchers were taken back: the reason of what was cancelled with them.</summary>
    private async Task<Dictionary<Guid, string>> RevocationsAsync(Guid[] vouchers) =>
        (await things.LoadAsync(vouchers, null)).Values.OfType<VoucherState>().ToDictionary(v => v.Id, v => v.Revoked!.Reason);

    private NpgsqlCommand Command(string sql, AccountId account, params long[] positions)
    {
        var command = database.Readers.CreateCommand(sql).With(account.Value);
        return positions.Aggregate(command, (c, position) => c.With(position));
    }

    private static BalanceWire BalanceOf(NpgsqlDataReader reader, int at) => new()
    {
        Owned = reader.GetInt64(at),
        Free = reader.GetInt64(at + 1),
        Held = reader.GetInt64(at + 2),
        Pledged = reader.GetInt64(at + 3),
        Frozen = reader.GetInt64(at + 4),
    };

    private static BalanceWire Combine(BalanceWire a, BalanceWire b, int sign) => new()
    {
        Owned = a.Owned + (sign * b.Owned),
        Free = a.Free + (sign * b.Free),
        Held = a.Held + (sign * b.Held),
        Pledged = a.Pledged + (sign * b.Pledged),
        Frozen = a.Frozen + (sign * b.Frozen),
    };

    /// <summary>An event of the account, with the voucher's balance after and before it; without entry and voucher for a freeze of the account.</summary>
    private sealed record Row(RecordedEvent Event, AccountEntry? Entry, Guid? Voucher, Guid? Cause, BalanceWire After, BalanceWire Before);
}
