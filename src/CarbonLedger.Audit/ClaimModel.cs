using System.Text.Json;

namespace CarbonLedger.Audit;

/// <summary>Which retired kilograms, and which vouchers, back which claims that are not withdrawn (C3, C6).</summary>
public sealed class ClaimModel : RowModel
{
    private readonly RowTable kilograms = new(
        "claimed_kilograms", 3, "select retirement_id, lower(kilograms), upper(kilograms) - 1, claim_id from ledger.claimed_kilograms");

    private readonly RowTable vouchers = new("claim_vouchers", 2, "select voucher_id, claim_id, flagged, due, backed_index from ledger.claim_vouchers");

    private readonly Dictionary<Guid, List<object?[]>> partsOf = [];
    private readonly Dictionary<Guid, Dictionary<Guid, long>> claimsOn = []; // since when
    private readonly HashSet<(Guid Voucher, Guid Claim)> flagged = [];

    public override IReadOnlyList<RowTable> Tables => [kilograms, vouchers];

    public override void Apply(long position, string type, JsonElement data)
    {
        switch (type)
        {
            case "claim_drafted" or "claim_topped_up":
                foreach (var part in data.GetProperty("parts").EnumerateArray())
                {
                    Back(position, data.GetProperty("claim").GetGuid(), part);
                }

                break;
            case "claim_withdrawn":
                Withdraw(data.GetProperty("claim").GetGuid());
                break;
            case "claim_flagged":
                var (voucher, claim) = (data.GetProperty("voucher").GetGuid(), data.GetProperty("claim").GetGuid());
                if (ClaimsOn(voucher).TryGetValue(claim, out var since) && flagged.Add((voucher, claim)))
                {
                    vouchers.Set(position, [voucher, claim], true, false, since);
                }

                break;
            case "voucher_revoked":
                var revoked = data.GetProperty("voucher").GetGuid();
                foreach (var (owed, backed) in ClaimsOn(revoked).Where(c => !flagged.Contains((revoked, c.Key))))
                {
                    vouchers.Set(position, [revoked, owed], false, true, backed);
                }

                break;
        }
    }

    private void Back(long position, Guid claim, JsonElement part)
    {
        object?[] key = [part.GetProperty("retirement").GetGuid(), part.GetProperty("first").GetInt64(), part.GetProperty("last").GetInt64()];
        kilograms.Set(position, key, claim);
        if (!partsOf.TryGetValue(claim, out var parts))
        {
            partsOf.Add(claim, parts = []);
        }

        parts.Add(key);
        foreach (var voucher in part.GetProperty("units").EnumerateArray().Select(u => u.GetProperty("voucher").GetGuid()))
        {
            if (ClaimsOn(voucher).TryAdd(claim, position))
            {
                vouchers.Set(position, [voucher, claim], false, false, position);
            }
        }
    }

    private void Withdraw(Guid claim)
    {
        if (partsOf.Remove(claim, out var parts))
        {
            parts.ForEach(kilograms.Remove);
        }

        foreach (var (voucher, claims) in claimsOn.Where(c => c.Value.ContainsKey(claim)))
        {
            claims.Remove(claim);
            flagged.Remove((voucher, claim));
            vouchers.Remove(voucher, claim);
        }
    }

    private Dictionary<Guid, long> ClaimsOn(Guid voucher)
    {
        if (!claimsOn.TryGetValue(voucher, out var claims))
        {
            claimsOn.Add(voucher, claims = []);
        }

        return claims;
    }
}
