using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CarbonLedger.Audit;

/// <summary>The balances of accounts and the totals of vouchers after every event, counted from what <see cref="UnitModel"/> changes.</summary>
public sealed class BalanceModel
{
    private readonly Dictionary<BalanceKey, (Amounts Now, BalanceRows Rows)> kept = [];
    private readonly HashSet<BalanceKey> touched = [];

    /// <summary>The rows of each account and voucher; and of each voucher.</summary>
    public IReadOnlyDictionary<BalanceKey, (Amounts Now, BalanceRows Rows)> Kept => kept;

    public void Issue(Guid voucher, Guid holder, long kilograms)
    {
        var all = Amounts.Of(new Stretch(holder, 0, ""), kilograms);
        Add(new BalanceKey(holder, voucher), all);
        Add(BalanceKey.TotalsOf(voucher), all);
    }

    public void Change(Guid voucher, Stretch before, Stretch after, long kilograms)
    {
        var (was, now) = (Amounts.Of(before, kilograms), Amounts.Of(after, kilograms));
        Add(new BalanceKey(before.Account, voucher), default(Amounts) - was.ForAccount());
        Add(new BalanceKey(after.Account, voucher), now.ForAccount());
        if ((before.Status, before.Locks) != (after.Status, after.Locks))
        {
            Add(BalanceKey.TotalsOf(voucher), (now - was) with { Owned = 0 }); // of a voucher, what was issued stays issued
        }
    }

    /// <summary>The event at this position is over: whatever it touched has one more row, also when it came out as it was.</summary>
    public void Close(long position)
    {
        foreach (var key in touched)
        {
            ref var balance = ref CollectionsMarshal.GetValueRefOrNullRef(kept, key);
            balance.Rows = balance.Rows.With(position, balance.Now);
        }

        touched.Clear();
    }

    private void Add(BalanceKey key, Amounts change)
    {
        ref var balance = ref CollectionsMarshal.GetValueRefOrAddDefault(kept, key, out _);
        balance.Now += change;
        touched.Add(key);
    }
}

/// <summary>An account's balance in a voucher.</summary>
public readonly record struct BalanceKey(Guid Account, Guid Voucher)
{
    public bool IsTotals => Account == Guid.Empty;

    /// <summary>The voucher as a whole; no account has this id.</summary>
    public static BalanceKey TotalsOf(Guid voucher) => new(Guid.Empty, voucher);

    public override string ToString() => IsTotals ? $"totals of voucher {Voucher}" : $"balance of account {Account} in voucher {Voucher}";
}

/// <summary>Kilograms. Of a voucher, what is owned is what was issued; an account has none that ended.</summary>
public readonly record struct Amounts(long Owned, long Free, long Held, long Pledged, long Frozen, long Retired, long Cancelled, long Expired)
{
    /// <summary>What of it an account has.</summary>
    public Amounts ForAccount() => this with { Retired = 0, Cancelled = 0, Expired = 0 };

    public static Amounts Of(Stretch stretch, long kilograms)
    {
        long If(bool condition) => condition ? kilograms : 0;
        return new Amounts(
            If(stretch.Status == 0), If(stretch.IsFree), If(stretch.IsHeld), If(stretch.IsPledged), If(stretch.IsFrozen),
            If(stretch.Status == 1), If(stretch.Status == 2), If(stretch.Status == 3));
    }

    public static Amounts operator +(Amounts a, Amounts b) => new(
        a.Owned + b.Owned, a.Free + b.Free, a.Held + b.Held, a.Pledged + b.Pledged, a.Frozen + b.Frozen,
        a.Retired + b.Retired, a.Cancelled + b.Cancelled, a.Expired + b.Expired);

    public static Amounts operator -(Amounts a, Amounts b) => new(
        a.Owned - b.Owned, a.Free - b.Free, a.Held - b.Held, a.Pledged - b.Pledged, a.Frozen - b.Frozen,
        a.Retired - b.Retired, a.Cancelled - b.Cancelled, a.Expired - b.Expired);
}

/// <summary>Rows in the order of their positions, of any number: the amounts of the newest, and a digest over all of them, so that past ones cost no memory.</summary>
public readonly record struct BalanceRows(Amounts Newest, UInt128 Digest)
{
    private const int AmountsCount = 8;

    public BalanceRows With(long position, Amounts amounts)
    {
        Span<byte> text = stackalloc byte[16 + ((1 + AmountsCount) * sizeof(long))];
        BinaryPrimitives.WriteUInt128BigEndian(text, Digest);
        ReadOnlySpan<long> numbers =
            [position, amounts.Owned, amounts.Free, amounts.Held, amounts.Pledged, amounts.Frozen, amounts.Retired, amounts.Cancelled, amounts.Expired];
        MemoryMarshal.AsBytes(numbers).CopyTo(text[16..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return new BalanceRows(amounts, BinaryPrimitives.ReadUInt128BigEndian(hash));
    }
}
