using System.Text.Json;
using CarbonLedger.Core.Values;

namespace CarbonLedger.Audit;

/// <summary>When each lock came to lie on which serials and when it left them, taken from the events' JSON alone.</summary>
/// <remarks>The projection's rows may be cut differently; what came and what left at each position must be the same.</remarks>
public sealed class LienModel
{
    private readonly Dictionary<LienKey, Dictionary<long, LienStep>> came = [];
    private readonly Dictionary<LienKey, Dictionary<long, SerialRanges>> left = [];
    private readonly Dictionary<(Guid Account, Guid Freeze), (long From, long? Until)> accountFreezes = [];

    /// <summary>What came and left, by voucher and lock.</summary>
    public IReadOnlyDictionary<LienKey, Dictionary<long, LienStep>> Came => came;

    public IReadOnlyDictionary<LienKey, Dictionary<long, SerialRanges>> Left => left;

    /// <summary>Freezes of whole accounts, with the positions at which they came and left.</summary>
    public IReadOnlyDictionary<(Guid Account, Guid Freeze), (long From, long? Until)> AccountFreezes => accountFreezes;

    public void Apply(long position, string type, JsonElement data)
    {
        switch (type)
        {
            case "units_pledged":
                Come(position, data, "pledge", data.TryGetProperty("mode", out var mode) ? mode.GetString()! : "exclusive");
                break;
            case "units_held":
                Come(position, data, "trade", "hold");
                break;
            case "units_frozen":
                Come(position, data, "freeze", "freeze");
                break;
            case "units_released":
                Leave(position, data, "pledge");
                break;
            case "hold_ended" or "units_delivered":
                Leave(position, data, "trade");
                break;
            case "units_unfrozen":
                Leave(position, data, "freeze");
                break;
            case "account_frozen":
                accountFreezes[FreezeKey(data)] = (position, null);
                break;
            case "account_unfrozen":
                accountFreezes[FreezeKey(data)] = (accountFreezes[FreezeKey(data)].From, position);
                break;
        }
    }

    private void Come(long position, JsonElement data, string of, string kind)
    {
        Guid? with = data.TryGetProperty("equalRankWith", out var other) ? other.GetGuid() : null;
        Of(came, data, of)[position] = new LienStep(kind, with, data.GetProperty("holder").GetGuid(), SerialsOf(data));
    }

    private void Leave(long position, JsonElement data, string of) => Of(left, data, of)[position] = SerialsOf(data);

    private static Dictionary<long, T> Of<T>(Dictionary<LienKey, Dictionary<long, T>> steps, JsonElement data, string of)
    {
        var key = new LienKey(data.GetProperty("voucher").GetGuid(), data.GetProperty(of).GetGuid());
        if (!steps.TryGetValue(key, out var found))
        {
            steps.Add(key, found = []);
        }

        return found;
    }

    private static (Guid Account, Guid Freeze) FreezeKey(JsonElement data) => (data.GetProperty("account").GetGuid(), data.GetProperty("freeze").GetGuid());

    private static SerialRanges SerialsOf(JsonElement data) => SerialRanges.Disjoint(
            data.GetProperty("serials").EnumerateArray().Select(r => SerialRange.Inclusive(r.GetProperty("first").GetInt64(), r.GetProperty("last").GetInt64())))
        ?? throw new FormatException("Its serials overlap.");
}

/// <summary>A lock on units of a voucher.</summary>
public readonly record struct LienKey(Guid Voucher, Guid Lock);

/// <summary>A lock came to lie on serials.</summary>
public sealed record LienStep(string Kind, Guid? EqualRankWith, Guid Account, SerialRanges Serials);
