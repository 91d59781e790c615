using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Claims;

/// <summary>Marks a claim because a voucher behind it was cancelled or revoked (C6). Its kilograms of that voucher cover nothing from then on.</summary>
public sealed record FlagClaim(ClaimId Claim, VoucherId Voucher, string Reason) : Command
{
    /// <summary>The most claims that one step of a revocation flags: 100 retirements of 100 vouchers each make a claim's state up to 1 MB, and 200 of them still fit in memory.</summary>
    public const int ClaimsPerCommandMax = 200;

    public override void Collect(Needs needs) => needs.State(Claim.Value);

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Flagging a claim", "the registrar");
        }

        if (register.Find<ClaimState>(Claim.Value) is not { } claim)
        {
            return new Refusal.ClaimNotFound(Claim);
        }

        if (claim.Status == ClaimStatus.Withdrawn)
        {
            return new Refusal.ClaimNotInState(Claim, claim.Status, "flagging");
        }

        if (!IsBacked(claim, Voucher))
        {
            return new Refusal.VoucherNotInClaim(Claim, Voucher);
        }

        // From here the flag must succeed.
        return Decision.Accept(Claim.Value, EventsOf(claim, Voucher, Reason));
    }

    /// <summary>True when units of the voucher back the claim and are not flagged.</summary>
    public static bool IsBacked(ClaimState claim, VoucherId voucher) =>
        claim.Parts.Any(p => p.Units.Any(u => u.Voucher == voucher)) && claim.Flags.All(f => f.Voucher != voucher);

    /// <summary>The claims among these that a voucher's revocation has to flag: the first of them, by id, and one more than one command flags.</summary>
    public static IReadOnlyList<ClaimId> OwedIn(IEnumerable<ClaimState> claims, VoucherId voucher) =>
        [.. claims.Where(c => c.Status != ClaimStatus.Withdrawn && IsBacked(c, voucher)).Select(c => c.Claim).OrderBy(c => c.Value).Take(ClaimsPerCommandMax + 1)];

    /// <summary>The flags of a revoked voucher's claims, up to the bound (C6).</summary>
    internal static LedgerEvent[] OfRevoked(Register register, VoucherId voucher, Revocation revocation) =>
    [
        .. register.ClaimsOn(voucher)
            .Take(ClaimsPerCommandMax)
            .SelectMany(claim => EventsOf(register.Find<ClaimState>(claim.Value)!, voucher, revocation.Reason)),
    ];

    /// <summary>What happens to one claim when a voucher falls away; a revocation appends these for each claim that it touches.</summary>
    public static LedgerEvent[] EventsOf(ClaimState claim, VoucherId voucher, string reason)
    {
        var flagged = claim with { Flags = [.. claim.Flags, new ClaimFlag(voucher, reason)] };
        return claim.Status == ClaimStatus.Published && !flagged.IsCovered
            ? [new ClaimEvent.ClaimFlagged(claim.Claim, voucher, reason), new ClaimEvent.ClaimUncovered(claim.Claim, claim.Emissions)]
            : [new ClaimEvent.ClaimFlagged(claim.Claim, voucher, reason)];
    }
}
