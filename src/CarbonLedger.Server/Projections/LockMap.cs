using System.Runtime.InteropServices;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Server.Projections;

/// <summary>The locks on one voucher's serials, as far as there are any.</summary>
internal sealed class LockMap
{
    private readonly List<(long First, long End, Locks Locks)> stretches = [];

    /// <summary>Changes the locks on a range and returns what that means in kilograms.</summary>
    public LockChange Change(SerialRange range, Func<Locks, Locks> change)
    {
        var at = stretches.BinarySearch((range.First, 0, Locks.None), Comparer<(long First, long End, Locks Locks)>.Create((a, b) => a.First.CompareTo(b.First)));
        at = at < 0 ? ~at : at;
        if (at > 0 && stretches[at - 1].End > range.First)
        {
            at--;
        }

        var (end, total) = (at, default(LockChange));
        var changed = new List<(long First, long End, Locks Locks)>();
        for (var next = range.First; next < range.EndExclusive;)
        {
            var inside = end < stretches.Count && stretches[end].First <= next;
            var before = inside ? stretches[end].Locks : Locks.None;
            var until = Math.Min(range.EndExclusive, inside ? stretches[end].End : end < stretches.Count ? stretches[end].First : long.MaxValue);
            var after = change(before);
            if (inside)
            {
                Keep(changed, stretches[end].First, range.First, before);
            }

            Keep(changed, next, until, after);
            total += LockChange.Of(before, after, until - next);
            if (inside)
            {
                Keep(changed, range.EndExclusive, stretches[end].End, before);
                end++;
            }

            next = until;
        }

        stretches.Splice(at, end - at, CollectionsMarshal.AsSpan(changed));
        return total;
    }

    private static void Keep(List<(long First, long End, Locks Locks)> kept, long first, long end, Locks locks)
    {
        if (first >= end || !locks.Any)
        {
            return;
        }

        if (kept.Count > 0 && kept[^1].End == first && kept[^1].Locks.Equals(locks))
        {
            kept[^1] = (kept[^1].First, end, locks);
        }
        else
        {
            kept.Add((first, end, locks));
        }
    }
}

/// <summary>How many kilograms came under locks, or left them (negative). A kilogram under two pledges is pledged once.</summary>
internal readonly record struct LockChange(long Locked, long Held, long Pledged, long Frozen)
{
    public static LockChange Of(Locks before, Locks after, long kilograms) => new(
        kilograms * (Bit(after.Any) - Bit(before.Any)),
        kilograms * (Bit(after.IsHeld) - Bit(before.IsHeld)),
        kilograms * (Bit(after.FirstPledge is not null) - Bit(before.FirstPledge is not null)),
        kilograms * (Bit(after.IsFrozen) - Bit(before.IsFrozen)));

    public static LockChange operator +(LockChange a, LockChange b) =>
        new(a.Locked + b.Locked, a.Held + b.Held, a.Pledged + b.Pledged, a.Frozen + b.Frozen);

    private static int Bit(bool value) => value ? 1 : 0;
}
