using System.Runtime.InteropServices;
using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>
/// Balances per account and voucher, each voucher's totals and retirements, and every lock that lies or lay on serials: a row for every change, so
/// that any past position can be read.
/// </summary>
public sealed class BalanceBook : Projection
{
    /// <summary>Balances kept in memory, some 40 MB; beyond it they are read again.</summary>
    private const int KeptMax = 200_000;

    private readonly Dictionary<(Guid Account, Guid Voucher), Balance> balances = [];
    private readonly Dictionary<Guid, Totals> totals = [];
    private readonly Dictionary<Guid, LockMap> locks = [];
    private readonly CopyRows balanceRows = new("balances", "account_id", "voucher_id", "log_index", "owned", "free", "held", "pledged", "frozen");
    private readonly CopyRows totalRows = new(
        "voucher_totals", "voucher_id", "log_index", "issued", "free", "held", "pledged", "frozen", "retired", "cancelled", "expired");
    private bool keepsAll;

    public override string Name => "BalanceBook:All";

    public override IReadOnlyList<string> Tables => ["balances", "voucher_totals", "liens", "account_freezes", "voucher_retirements"];

    public override IReadOnlyList<string> LateKeys => ["balances", "voucher_totals"];

    public override async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<RecordedEvent> events, CancellationToken stop)
    {
        await LoadAsync(connection, events, stop);
        balanceRows.Clear();
        totalRows.Clear();
        await using var pipeline = new StatementPipeline(connection);
        var liens = new LienRows(pipeline);
        foreach (var recorded in events)
        {
            if (recorded.Fact is VoucherEvent fact and not VoucherEvent.VoucherRevoked)
            {
                Apply(recorded.LogIndex, fact);
                await WriteLienAsync(liens, recorded.LogIndex, fact, stop);
            }

            if (StatementOf(recorded) is { } statement)
            {
                await pipeline.AddAsync(statement, stop);
            }
        }

        await liens.FlushAsync(stop);
        await pipeline.FlushAsync(stop);
        await balanceRows.WriteAsync(connection, stop);
        await totalRows.WriteAsync(connection, stop);
    }

    public override void Forget()
    {
        balances.Clear();
        totals.Clear();
        locks.Clear();
        keepsAll = false;
    }

    public override void BeginRebuild()
    {
        Forget();
        keepsAll = true;
    }

    private void Apply(long logIndex, VoucherEvent fact)
    {
        var voucher = fact.Voucher.Value;
        switch (fact)
        {
            case VoucherEvent.VoucherIssued e:
                var issued = e.Kilograms.Value;
                Change(logIndex, e.Holder, voucher, new Balance(issued, issued, 0, 0, 0));
                Change(logIndex, voucher, new Totals(issued, issued, 0, 0, 0, 0, 0, 0));
                break;
            case VoucherEvent.UnitsTransferred e:
                var moved = e.Serials.Kilograms.Value;
                Change(logIndex, e.From, voucher, new Balance(-moved, -moved, 0, 0, 0));
                Change(logIndex, e.To, voucher, new Balance(moved, moved, 0, 0, 0));
                break;
            case VoucherEvent.UnitsDelivered e:
                var delivered = e.Serials.Kilograms.Value;
                ChangeLocks(voucher, e.Serials, l => l.Remove(e.Trade.Value));
                Change(logIndex, e.From, voucher, new Balance(-delivered, 0, -delivered, 0, 0));
                Change(logIndex, e.To, voucher, new Balance(delivered, delivered, 0, 0, 0));
                Change(logIndex, voucher, new Totals(0, delivered, -delivered, 0, 0, 0, 0, 0));
                break;
            case VoucherEvent.UnitsRetired e:
                End(logIndex, e.Voucher, e.Holder, e.Serials.Kilograms.Value, new Totals(0, 0, 0, 0, 0, 1, 0, 0));
                break;
            case VoucherEvent.UnitsCancelled e:
                End(logIndex, e.Voucher, e.Holder, e.Serials.Kilograms.Value, new Totals(0, 0, 0, 0, 0, 0, 1, 0));
                break;
            case VoucherEvent.UnitsExpired e:
                End(logIndex, e.Voucher, e.Holder, e.Serials.Kilograms.Value, new Totals(0, 0, 0, 0, 0, 0, 0, 1));
                break;
            default:
                var (holder, serials, change) = LockChangeOf(fact);
                var locked = ChangeLocks(voucher, serials, change);
                Change(logIndex, holder, voucher, new Balance(0, -locked.Locked, locked.Held, locked.Pledged, locked.Frozen));
                Change(logIndex, voucher, new Totals(0, -locked.Locked, locked.Held, locked.Pledged, locked.Frozen, 0, 0, 0));
                break;
        }
    }

    private LockChange ChangeLocks(Guid voucher, SerialRanges serials, Func<Locks, Locks> change) =>
        serials.Aggregate(default(LockChange), (sum, range) => sum + MapOf(voucher).Change(range, change));

    /// <summary>Free units ended; <paramref name="fate"/> has a 1 where they are counted from now on.</summary>
    private void End(long logIndex, VoucherId voucher, AccountId holder, long kilograms, Totals fate)
    {
        Change(logIndex, holder, voucher.Value, new Balance(-kilograms, -kilograms, 0, 0, 0));
        Change(logIndex, voucher.Value, new Totals(0, -kilograms, 0, 0, 0, kilograms * fate.Retired, kilograms * fate.Cancelled, kilograms * fate.Expired));
    }

    private static (AccountId Holder, SerialRanges Serials, Func<Locks, Locks> Change) LockChangeOf(VoucherEvent fact) => fact switch
    {
        VoucherEvent.UnitsPledged e => (e.Holder, e.Serials, l => l.Add(Voucher.LockOf(e))),
        VoucherEvent.UnitsReleased e => (e.Holder, e.Serials, l => l.Remove(e.Pledge.Value)),
        VoucherEvent.UnitsHeld e => (e.Holder, e.Serials, l => l.Add(new UnitLock(LockKind.Hold, e.Trade.Value))),
        VoucherEvent.HoldEnded e => (e.Holder, e.Serials, l => l.Remove(e.Trade.Value)),
        VoucherEvent.UnitsFrozen e => (e.Holder, e.Serials, l => l.Add(new UnitLock(LockKind.Freeze, e.Freeze.Value))),
        VoucherEvent.UnitsUnfrozen e => (e.Holder, e.Serials, l => l.Remove(e.Freeze.Value)),
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    private static Task WriteLienAsync(LienRows liens, long logIndex, VoucherEvent fact, CancellationToken stop) => fact switch
    {
        VoucherEvent.UnitsPledged e => liens.OpenAsync(logIndex, e.Voucher, Voucher.LockOf(e), e.Holder, e.Serials, stop),
        VoucherEvent.UnitsHeld e => liens.OpenAsync(logIndex, e.Voucher, new UnitLock(LockKind.Hold, e.Trade.Value), e.Holder, e.Serials, stop),
        VoucherEvent.UnitsFrozen e => liens.OpenAsync(logIndex, e.Voucher, new UnitLock(LockKind.Freeze, e.Freeze.Value), e.Holder, e.Serials, stop),
        VoucherEvent.UnitsReleased e => liens.CloseAsync(logIndex, e.Voucher, e.Pledge.Value, e.Serials, stop),
        VoucherEvent.HoldEnded e => liens.CloseAsync(logIndex, e.Voucher, e.Trade.Value, e.Serials, stop),
        VoucherEvent.UnitsDelivered e => liens.CloseAsync(logIndex, e.Voucher, e.Trade.Value, e.Serials, stop),
        VoucherEvent.UnitsUnfrozen e => liens.CloseAsync(logIndex, e.Voucher, e.Freeze.Value, e.Serials, stop),
        _ => Task.CompletedTask,
    };

    /// <summary>The few rows that are written one by one; the others are gathered or copied in.</summary>
    private static NpgsqlBatchCommand? StatementOf(RecordedEvent recorded) => recorded.Fact switch
    {
        VoucherEvent.UnitsRetired e => StatementPipeline.Statement(
            "insert into voucher_retirements (voucher_id, log_index, retirement_id, kilograms) values ($1, $2, $3, $4)",
            e.Voucher.Value, recorded.LogIndex, e.Retirement.Value, e.Serials.Kilograms.Value),
        AccountEvent.AccountFrozen e => StatementPipeline.Statement(
            "insert into account_freezes (account_id, freeze_id, from_index) values ($1, $2, $3)", e.Account.Value, e.Freeze.Value, recorded.LogIndex),
        AccountEvent.AccountUnfrozen e => StatementPipeline.Statement(
            "update account_freezes set until_index = $3 where account_id = $1 and freeze_id = $2", e.Account.Value, e.Freeze.Value, recorded.LogIndex),
        _ => null,
    };

    private void Change(long logIndex, AccountId account, Guid voucher, Balance change)
    {
        ref var balance = ref CollectionsMarshal.GetValueRefOrAddDefault(balances, (account.Value, voucher), out _);
        balance += change;
        balanceRows.Row().Value(account.Value).Value(voucher).Value(logIndex)
            .Value(balance.Owned).Value(balance.Free).Value(balance.Held).Value(balance.Pledged).Value(balance.Frozen);
    }

    private void Change(long logIndex, Guid voucher, Totals change)
    {
        ref var total = ref CollectionsMarshal.GetValueRefOrAddDefault(totals, voucher, out _);
        total += change;
        totalRows.Row().Value(voucher).Value(logIndex)
            .Value(total.Issued).Value(total.Free).Value(total.Held).Value(total.Pledged).Value(total.Frozen)
            .Value(total.Retired).Value(total.Cancelled).Value(total.Expired);
    }

    private LockMap MapOf(Guid voucher)
    {
        if (!locks.TryGetValue(voucher, out var map))
        {
            locks.Add(voucher, map = new LockMap());
        }

        return map;
    }

    /// <summary>Brings what the events touch and what is not in memory.</summary>
    private async Task LoadAsync(NpgsqlConnection connection, IReadOnlyList<RecordedEvent> events, CancellationToken stop)
    {
        if (keepsAll)
        {
            return;
        }

        if (balances.Count + locks.Count > KeptMax)
        {
            Forget();
        }

        var missing = new HashSet<(Guid Account, Guid Voucher)>();
        var missingTotals = new HashSet<Guid>();
        var missingLocks = new HashSet<Guid>();
        foreach (var fact in events.Select(e => e.Fact).OfType<VoucherEvent>())
        {
            if (fact is VoucherEvent.VoucherIssued or VoucherEvent.VoucherRevoked)
            {
                continue; // nothing was there before the one, and the other changes no balance
            }

            var voucher = fact.Voucher.Value;
            foreach (var account in AccountsOf(fact))
            {
                if (!balances.ContainsKey((account.Value, voucher)))
                {
                    missing.Add((account.Value, voucher));
                }
            }

            if (fact is VoucherEvent.UnitsTransferred)
            {
                continue;
            }

            if (!totals.ContainsKey(voucher))
            {
                missingTotals.Add(voucher);
            }

            if (fact is not (VoucherEvent.UnitsRetired or VoucherEvent.UnitsCancelled or VoucherEvent.UnitsExpired) && !locks.ContainsKey(voucher))
            {
                missingLocks.Add(voucher);
            }
        }

        await LoadBalancesAsync(connection, missing, stop);
        await LoadTotalsAsync(connection, missingTotals, stop);
        await LoadLocksAsync(connection, missingLocks, stop);
    }

    private static AccountId[] AccountsOf(VoucherEvent fact) => fact switch
    {
        VoucherEvent.UnitsTransferred e => [e.From, e.To],
        VoucherEvent.UnitsDelivered e => [e.From, e.To],
        VoucherEvent.UnitsRetired e => [e.Holder],
        VoucherEvent.UnitsCancelled e => [e.Holder],
        VoucherEvent.UnitsExpired e => [e.Holder],
        _ => [LockChangeOf(fact).Holder],
    };

    private async Task LoadBalancesAsync(NpgsqlConnection connection, HashSet<(Guid Account, Guid Voucher)> missing, CancellationToken stop)
    {
        if (missing.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            """
            select k.a, k.v, b.owned, b.free, b.held, b.pledged, b.frozen from unnest($1::uuid[], $2::uuid[]) as k(a, v)
            cross join lateral (select * from balances where account_id = k.a and voucher_id = k.v order by log_index desc limit 1) b
            """,
            connection)
            .With<Guid[]>([.. missing.Select(k => k.Account)]).With<Guid[]>([.. missing.Select(k => k.Voucher)]);
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            balances[(reader.GetGuid(0), reader.GetGuid(1))] =
                new Balance(reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6));
        }
    }

    private async Task LoadTotalsAsync(NpgsqlConnection connection, HashSet<Guid> missing, CancellationToken stop)
    {
        if (missing.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            """
            select v, t.issued, t.free, t.held, t.pledged, t.frozen, t.retired, t.cancelled, t.expired from unnest($1::uuid[]) as v
            cross join lateral (select * from voucher_totals where voucher_id = v order by log_index desc limit 1) t
            """,
            connection)
            .With<Guid[]>([.. missing]);
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            totals[reader.GetGuid(0)] = new Totals(
                reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8));
        }
    }

    private async Task LoadLocksAsync(NpgsqlConnection connection, HashSet<Guid> missing, CancellationToken stop)
    {
        if (missing.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            """
            select voucher_id, first_serial, end_serial, kind, lock_id, equal_rank_with from liens
            where voucher_id = any($1) and until_index is null order by voucher_id, since_index
            """,
            connection)
            .With<Guid[]>([.. missing]);
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            var item = new UnitLock(Locks.KindOf(reader.GetString(3)), reader.GetGuid(4), reader.IsDBNull(5) ? null : reader.GetGuid(5));
            MapOf(reader.GetGuid(0)).Change(SerialRange.HalfOpen(reader.GetInt64(1), reader.GetInt64(2)), l => l.Add(item));
        }
    }

    private readonly record struct Balance(long Owned, long Free, long Held, long Pledged, long Frozen)
    {
        public static Balance operator +(Balance a, Balance b) =>
            new(a.Owned + b.Owned, a.Free + b.Free, a.Held + b.Held, a.Pledged + b.Pledged, a.Frozen + b.Frozen);
    }

    private readonly record struct Totals(long Issued, long Free, long Held, long Pledged, long Frozen, long Retired, long Cancelled, long Expired)
    {
        public static Totals operator +(Totals a, Totals b) => new(
            a.Issued + b.Issued, a.Free + b.Free, a.Held + b.Held, a.Pledged + b.Pledged, a.Frozen + b.Frozen, a.Retired + b.Retired, a.Cancelled + b.Cancelled, a.Expired + b.Expired);
    }
}
