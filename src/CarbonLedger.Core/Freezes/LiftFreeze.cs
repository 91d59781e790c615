using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Freezes;

/// <summary>Lifts a freeze, on a document of the authority that ordered it. Other freezes and pledges on the same units stay.</summary>
public sealed record LiftFreeze(FreezeId Freeze, string Authority, string DocumentNumber, string? Reason) : Command
{
    public override void Collect(Needs needs)
    {
        if (needs.Found<FreezeState>(Freeze.Value) is { } freeze)
        {
            if (freeze.Account is { } account)
            {
                needs.State(account.Value);
            }

            foreach (var units in freeze.Units ?? [])
            {
                needs.Locked(units.Voucher, units.Serials);
            }
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Lifting a freeze", "the registrar, on the authority's document");
        }

        if (register.Find<FreezeState>(Freeze.Value) is not { } freeze)
        {
            return new Refusal.FreezeNotFound(Freeze);
        }

        if (freeze.LiftedBy is { } lifted)
        {
            return new Refusal.FreezeLifted(Freeze, lifted);
        }

        if (freeze.Authority != Authority)
        {
            return new Refusal.AuthorityDiffers(Freeze, freeze.Authority, Authority);
        }

        // From here the lifting must succeed.
        return Decision.Accept(
            Freeze.Value,
            [
                new FreezeEvent.FreezeLifted(Freeze, DocumentNumber, Reason),
                .. freeze.Account is { } account ? new LedgerEvent[] { new AccountEvent.AccountUnfrozen(account, Freeze) } : [],
                .. (freeze.Units ?? []).SelectMany(
                    u => Freezes.Freeze.ByHolder(register, u),
                    (u, held) => new VoucherEvent.UnitsUnfrozen(u.Voucher, Freeze, held.Holder, held.Serials)),
            ]);
    }
}
