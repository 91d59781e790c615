using System.Text.Json;

namespace CarbonLedger.Audit;

/// <summary>Who holds which serials, recomputed from the events' JSON alone.</summary>
/// <remarks>A voucher is a map from the first serial of each stretch to what stands there; a stretch ends where the next begins.</remarks>
public sealed class UnitModel
{
    private readonly Dictionary<Guid, SortedList<long, Stretch>> vouchers = [];

    // Where the event at hand is counted too; null past the projection's checkpoint.
    private BalanceModel? balances;

    public int VoucherCount => vouchers.Count;

    public long PieceCount => vouchers.Values.Sum(v => (long)Joined(v).Count);

    public IEnumerable<Guid> Vouchers => vouchers.Keys;

    /// <summary>Takes in one event. Returns what is wrong with it, or null.</summary>
    /// <param name="counted">Told of every stretch that changes; null when nobody counts.</param>
    public string? Apply(string type, JsonElement data, BalanceModel? counted)
    {
        balances = counted;
        return type switch
        {
            "voucher_issued" => Issue(data),
            "units_transferred" => Change(data, "from", s => s.IsFree, s => s with { Account = data.GetProperty("to").GetGuid() }),
            "units_pledged" when Text(data, "mode") == "ranked" => Lock(data, "ranked", "pledge", s => s.Locks.Split(' ').All(l => l is "" || l.StartsWith("ranked:", StringComparison.Ordinal))),
            "units_pledged" => Lock(data, "exclusive", "pledge", s => s.IsFree),
            "units_released" => Unlock(data, "pledge"),
            "units_held" => Lock(data, "hold", "trade", s => s.IsFree),
            "hold_ended" => Unlock(data, "trade"),
            "units_delivered" => Change(
                data, "from", s => s.Status == 0 && s.Locks == $"hold:{data.GetProperty("trade").GetGuid()}", s => s with { Account = data.GetProperty("to").GetGuid(), Locks = "" }),
            "units_frozen" => Lock(data, "freeze", "freeze", _ => true),
            "units_unfrozen" => Unlock(data, "freeze"),
            "units_retired" => Change(data, "holder", s => s.IsFree, s => s with { Status = 1 }),
            "units_cancelled" => Change(data, "holder", s => s.IsFree, s => s with { Status = 2 }),
            "units_expired" => Change(data, "holder", s => s.IsFree, s => s with { Status = 3 }),
            _ => null,
        };
    }

    /// <summary>The stretches of a voucher with equal neighbours joined: first serial, end (exclusive), what stands there.</summary>
    public IReadOnlyList<(long First, long End, Stretch Stretch)> Pieces(Guid voucher) => Joined(vouchers[voucher]);

    public bool Knows(Guid voucher) => vouchers.ContainsKey(voucher);

    private string? Issue(JsonElement data)
    {
        var (voucher, holder, kilograms) = (data.GetProperty("voucher").GetGuid(), data.GetProperty("holder").GetGuid(), data.GetProperty("kilograms").GetInt64());
        if (!vouchers.TryAdd(voucher, new SortedList<long, Stretch> { [1] = new(holder, 0, ""), [kilograms + 1] = Stretch.Closing }))
        {
            return "a voucher is issued twice";
        }

        balances?.Issue(voucher, holder, kilograms);
        return null;
    }

    private string? Lock(JsonElement data, string kind, string of, Func<Stretch, bool> allowed)
    {
        var with = Text(data, "equalRankWith") is { } other ? $"={other}" : "";
        var item = $"{kind}:{data.GetProperty(of).GetGuid()}{with}";
        return Change(data, "holder", s => s.Status == 0 && allowed(s), s => s with { Locks = s.Locks.Length == 0 ? item : $"{s.Locks} {item}" });
    }

    private string? Unlock(JsonElement data, string of)
    {
        var id = $":{data.GetProperty(of).GetGuid()}";
        return Change(
            data,
            "holder",
            s => s.Status == 0 && s.Locks.Contains(id, StringComparison.Ordinal),
            s => s with { Locks = string.Join(' ', s.Locks.Split(' ').Where(l => !l.Split('=')[0].EndsWith(id, StringComparison.Ordinal))) });
    }

    private static string? Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? value.GetString() : null;

    private string? Change(JsonElement data, string holder, Func<Stretch, bool> allowed, Func<Stretch, Stretch> change)
    {
        var voucher = data.GetProperty("voucher").GetGuid();
        if (!vouchers.TryGetValue(voucher, out var stretches))
        {
            return "units of a voucher that was never issued";
        }

        var account = data.GetProperty(holder).GetGuid();
        foreach (var range in data.GetProperty("serials").EnumerateArray())
        {
            var (first, end) = (range.GetProperty("first").GetInt64(), range.GetProperty("last").GetInt64() + 1);
            if (first < 1 || end <= first || end > stretches.Keys[^1])
            {
                return $"serials {first}–{end - 1} are not of this voucher";
            }

            Split(stretches, first);
            Split(stretches, end);
            for (var i = stretches.IndexOfKey(first); stretches.Keys[i] < end; i++)
            {
                if (stretches.Values[i].Account != account || !allowed(stretches.Values[i]))
                {
                    return $"serials from {stretches.Keys[i]} do not stand as the event says";
                }

                var (before, after) = (stretches.Values[i], change(stretches.Values[i]));
                stretches.SetValueAtIndex(i, after);
                balances?.Change(voucher, before, after, stretches.Keys[i + 1] - stretches.Keys[i]);
            }
        }

        return null;
    }

    private static void Split(SortedList<long, Stretch> stretches, long at)
    {
        var (low, high) = (0, stretches.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = stretches.Keys[middle] <= at ? (middle, high) : (low, middle - 1);
        }

        if (stretches.Keys[low] != at)
        {
            stretches.Add(at, stretches.Values[low]);
        }
    }

    private static List<(long First, long End, Stretch Stretch)> Joined(SortedList<long, Stretch> stretches)
    {
        var joined = new List<(long First, long End, Stretch Stretch)>();
        for (var i = 0; i + 1 < stretches.Count; i++)
        {
            if (joined.Count > 0 && joined[^1].Stretch == stretches.Values[i])
            {
                joined[^1] = (joined[^1].First, stretches.Keys[i + 1], stretches.Values[i]);
            }
            else
            {
                joined.Add((stretches.Keys[i], stretches.Keys[i + 1], stretches.Values[i]));
            }
        }

        return joined;
    }
}

/// <summary>What stands on a stretch of serials.</summary>
/// <param name="Status">0 live, 1 retired, 2 cancelled, 3 expired, 4 the closing mark.</param>
/// <param name="Locks">As in the pieces: <c>kind:id</c>, separated by blanks; empty without locks.</param>
public readonly record struct Stretch(Guid Account, short Status, string Locks)
{
    public static readonly Stretch Closing = new(Guid.Empty, 4, "");

    public bool IsFree => Status == 0 && Locks.Length == 0;

    public bool IsHeld => Locks.Contains("hold:", StringComparison.Ordinal);

    public bool IsPledged => Locks.Contains("exclusive:", StringComparison.Ordinal) || Locks.Contains("ranked:", StringComparison.Ordinal);

    public bool IsFrozen => Locks.Contains("freeze:", StringComparison.Ordinal);
}
