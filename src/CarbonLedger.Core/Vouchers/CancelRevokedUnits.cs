using CarbonLedger.Core.Claims;

namespace CarbonLedger.Core.Vouchers;

/// <summary>One further step of a revocation: cancels what has become free of a revoked voucher and flags claims built on it, a bounded number of each.</summary>
public sealed record CancelRevokedUnits(VoucherId Voucher) : Command
{
    /// <summary>It looks at every holder, more than a batch can keep up to date.</summary>
    public override bool Alone => true;

    public override void Collect(Needs needs)
    {
        needs.State(Voucher.Value);
        needs.Sweep(new Sweep.OfVoucher(Voucher));
        needs.ClaimsOn(Voucher);
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Cancelling a revoked voucher's units", "the registrar");
        }

        if (register.Find<VoucherState>(Voucher.Value) is not { } voucher)
        {
            return new Refusal.VoucherNotFound(Voucher);
        }

        if (voucher.Revoked is not { } revocation)
        {
            return new Refusal.VoucherNotRevoked(Voucher);
        }

        LedgerEvent[] facts = [.. Cancelled(register, Voucher), .. FlagClaim.OfRevoked(register, Voucher, revocation)];
        if (facts.Length == 0)
        {
            return new Refusal.NothingToCancel(Voucher);
        }

        // From here the step must succeed.
        return Decision.Accept(Voucher.Value, facts);
    }

    /// <summary>The voucher's free units, up to the bound, by the account that holds them.</summary>
    internal static VoucherEvent.UnitsCancelled[] Cancelled(Register register, VoucherId voucher) =>
    [
        .. register.Swept(new Sweep.OfVoucher(voucher))
            .Take(Sweep.PiecesMax)
            .GroupBy(p => p.Piece.Account, p => p.Piece.Range)
            .Select(held => new VoucherEvent.UnitsCancelled(voucher, null, held.Key, SerialRanges.Of(held))),
    ];
}
