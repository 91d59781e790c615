using CarbonLedger.Core.Cancellations;
using CarbonLedger.Core.Claims;

namespace CarbonLedger.Core.Vouchers;

/// <summary>Takes a whole voucher back: from now on its units cannot move, what is free of them is cancelled, and claims built on it are flagged (C6).</summary>
/// <remarks>
/// Retired units stay retired (D5). Locked units stay until their locks end and are then cancelled (<see cref="CancelRevokedUnits"/>), as is
/// what lies in more pieces, and what claims there are more, than one command takes.
/// </remarks>
public sealed record RevokeVoucher(VoucherId Voucher, string Reason, Paper Document) : Command
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
            return new Refusal.NotAuthorized(context.Actor, "Revoking a voucher", "the registrar");
        }

        if (register.Find<VoucherState>(Voucher.Value) is not { } voucher)
        {
            return new Refusal.VoucherNotFound(Voucher);
        }

        if (voucher.Revoked is not null)
        {
            return new Refusal.VoucherRevoked(Voucher);
        }

        // From here the revocation must succeed.
        return Decision.Accept(
            Voucher.Value,
            [
                new VoucherEvent.VoucherRevoked(Voucher, Reason, Document),
                .. CancelRevokedUnits.Cancelled(register, Voucher),
                .. FlagClaim.OfRevoked(register, Voucher, new Revocation(Reason, Document)),
            ]);
    }
}
