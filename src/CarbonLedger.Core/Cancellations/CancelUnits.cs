using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Schemes;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Cancellations;

/// <summary>Removes free units of an account for ever, without a claim. The registrar's act; an export is the holder's too.</summary>
public sealed record CancelUnits(CancellationId Cancellation, AccountId Account, IReadOnlyList<Line> Lines, CancellationReason Reason, CancellationGrounds Grounds) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Account.Value);
        foreach (var line in Lines)
        {
            needs.Line(Account, line);
            if (Reason == CancellationReason.Expiry
                && needs.Register.Knows(line.Voucher.Value) && needs.Register.Find<VoucherState>(line.Voucher.Value) is { } voucher)
            {
                needs.State(SchemeId.Of(voucher.Serial.Scheme).Value);
            }
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<AccountState>(Account.Value) is not { } account)
        {
            return new Refusal.AccountNotFound(Account);
        }

        var holderMay = Reason == CancellationReason.Exported;
        if (holderMay ? !context.Actor.MayActFor(account.Organization) : !context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(
                context.Actor, $"A cancellation for {Names.Of(Reason)}", holderMay ? $"the holder of account {Account}" : "the registrar");
        }

        // A buffer is there to be cancelled from, but not to be exported.
        if ((Cancellations.Cancellation.CannotRestOn(Reason, Grounds, context.Today)
            ?? Accounts.Account.CannotGive(holderMay ? account : account with { BufferOf = null })) is { } cannot)
        {
            return cannot;
        }

        var (taken, refusal) = FreeUnits.Take(register, Account, Lines);
        if ((refusal ?? ExpiresByItself(register, taken)) is { } reason)
        {
            return reason;
        }

        // From here the cancellation must succeed.
        var units = taken.Select(t => new VoucherSerials(t.Voucher, t.Serials)).ToArray();
        return Decision.Accept(
            Cancellation.Value,
            [
                Cancellations.Cancellation.Record(Cancellation, Account, units, Reason, Grounds, null),
                .. units.Select(u => new VoucherEvent.UnitsCancelled(u.Voucher, Cancellation, Account, u.Serials)),
            ]);
    }

    private Refusal? ExpiresByItself(Register register, IReadOnlyList<(VoucherId Voucher, SerialRanges Serials)> taken)
    {
        if (Reason != CancellationReason.Expiry)
        {
            return null;
        }

        foreach (var (voucher, _) in taken)
        {
            var scheme = SchemeId.Of(register.Find<VoucherState>(voucher.Value)!.Serial.Scheme);
            if (register.Find<SchemeState>(scheme.Value) is { LifetimeYears: { } years })
            {
                return new Refusal.SchemeHasLifetime(scheme, years);
            }
        }

        return null;
    }
}
