using CarbonLedger.Core.Log;
using CarbonLedger.Core.Vouchers;
using Npgsql;
using NpgsqlTypes;

namespace CarbonLedger.Server.Projections;

/// <summary>Balances per account and voucher: a row for every change, so that any past position can be read.</summary>
public sealed class BalanceBook : Projection
{
    /// <summary>Balances kept in memory, some 30 MB; beyond it they are read again.</summary>
    private const int KeptMax = 200_000;

    private readonly Dictionary<(Guid Account, Guid Voucher), Balance> kept = [];
    private readonly List<(Guid Account, Guid Voucher, long LogIndex, Balance Balance)> rows = [];
    private bool keepsAll;

    public override string Name => "BalanceBook:All";

    public override IReadOnlyList<string> Tables => ["balances"];

    public override bool KeysLate => true;

    public override async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<RecordedEvent> events, CancellationToken stop)
    {
        await LoadAsync(connection, events, stop);
        rows.Clear();
        foreach (var recorded in events)
        {
            if (recorded.Fact is VoucherEvent fact)
            {
                Apply(recorded.LogIndex, fact);
            }
        }

        await WriteAsync(connection, stop);
    }

    public override void Forget()
    {
        kept.Clear();
        keepsAll = false;
    }

    public override void BeginRebuild()
    {
        kept.Clear();
        keepsAll = true;
    }

    private void Apply(long logIndex, VoucherEvent fact)
    {
        switch (fact)
        {
            case VoucherEvent.VoucherIssued e:
                Change(logIndex, e.Holder, e.Voucher, owned: e.Kilograms.Value, pledged: 0);
                break;
            case VoucherEvent.UnitsTransferred e:
                var moved = e.Serials.Kilograms.Value;
                Change(logIndex, e.From, e.Voucher, -moved, 0);
                Change(logIndex, e.To, e.Voucher, moved, 0);
                break;
            case VoucherEvent.UnitsPledged e:
                Change(logIndex, e.Holder, e.Voucher, 0, e.Serials.Kilograms.Value);
                break;
            case VoucherEvent.UnitsReleased e:
                Change(logIndex, e.Holder, e.Voucher, 0, -e.Serials.Kilograms.Value);
                break;
            case VoucherEvent.UnitsRetired e:
                Change(logIndex, e.Holder, e.Voucher, -e.Serials.Kilograms.Value, 0);
                break;
            default:
                throw new InvalidOperationException($"No arm for {fact.GetType().Name}.");
        }
    }

    private void Change(long logIndex, AccountId account, VoucherId voucher, long owned, long pledged)
    {
        ref var balance = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(kept, (account.Value, voucher.Value), out _);
        balance = new Balance(balance.Owned + owned, balance.Pledged + pledged);
        rows.Add((account.Value, voucher.Value, logIndex, balance));
    }

    /// <summary>Brings the balances that the events touch and that are not in memory.</summary>
    private async Task LoadAsync(NpgsqlConnection connection, IReadOnlyList<RecordedEvent> events, CancellationToken stop)
    {
        if (keepsAll)
        {
            return;
        }

        if (kept.Count > KeptMax)
        {
            kept.Clear();
        }

        var missing = new HashSet<(Guid Account, Guid Voucher)>();
        foreach (var recorded in events)
        {
            foreach (var key in KeysOf(recorded.Fact))
            {
                if (!kept.ContainsKey(key))
                {
                    missing.Add(key);
                }
            }
        }

        if (missing.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            "select k.a, k.v, b.owned, b.pledged from unnest($1::uuid[], $2::uuid[]) as k(a, v) cross join lateral (select owned, pledged from balances where account_id = k.a and voucher_id = k.v order by log_index desc limit 1) b",
            connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. missing.Select(k => k.Account)] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. missing.Select(k => k.Voucher)] });
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            kept[(reader.GetGuid(0), reader.GetGuid(1))] = new Balance(reader.GetInt64(2), reader.GetInt64(3));
        }
    }

    private static IEnumerable<(Guid Account, Guid Voucher)> KeysOf(LedgerEvent fact)
    {
        switch (fact)
        {
            case VoucherEvent.UnitsTransferred e:
                yield return (e.From.Value, e.Voucher.Value);
                yield return (e.To.Value, e.Voucher.Value);
                break;
            case VoucherEvent.UnitsPledged e:
                yield return (e.Holder.Value, e.Voucher.Value);
                break;
            case VoucherEvent.UnitsReleased e:
                yield return (e.Holder.Value, e.Voucher.Value);
                break;
            case VoucherEvent.UnitsRetired e:
                yield return (e.Holder.Value, e.Voucher.Value);
                break;
            default:
                break; // an issued voucher has no balance yet; other events touch none
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        if (rows.Count == 0)
        {
            return;
        }

        await using var copy = await connection.BeginBinaryImportAsync(
            "copy balances (account_id, voucher_id, log_index, owned, held, pledged, frozen) from stdin (format binary)", stop);
        foreach (var (account, voucher, logIndex, balance) in rows)
        {
            // Synchronous: the values go into a buffer, and seven awaits a row would cost more than the row.
            copy.StartRow();
            copy.Write(account, NpgsqlDbType.Uuid);
            copy.Write(voucher, NpgsqlDbType.Uuid);
            copy.Write(logIndex, NpgsqlDbType.Bigint);
            copy.Write(balance.Owned, NpgsqlDbType.Bigint);
            copy.Write(0L, NpgsqlDbType.Bigint);
            copy.Write(balance.Pledged, NpgsqlDbType.Bigint);
            copy.Write(0L, NpgsqlDbType.Bigint);
        }

        await copy.CompleteAsync(stop);
    }

    private readonly record struct Balance(long Owned, long Pledged);
}
