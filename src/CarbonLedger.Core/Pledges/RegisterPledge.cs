using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Pledges;

/// <summary>Registers an exclusive pledge: the current holder gives a named lender a lien on free units.</summary>
public sealed record RegisterPledge(
    PledgeId Pledge,
    AccountId Pledgor,
    OrganizationId Pledgee,
    IReadOnlyList<Line> Lines,
    Money SecuredAmount,
    string ContractNumber,
    string? FilingNumber,
    DatePeriod Term,
    Valuation Valuation) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Pledgor.Value);
        needs.State(Pledgee.Value);
        foreach (var line in Lines)
        {
            needs.Line(Pledgor, line);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<AccountState>(Pledgor.Value) is not { } pledgor)
        {
            return new Refusal.AccountNotFound(Pledgor);
        }

        if (Organization.Lacks(register, Pledgee, Role.Bank) is { } pledgee)
        {
            return pledgee;
        }

        // The lender may file the registration itself, by the pledge contract, as it does at 中登网.
        if (!context.Actor.MayActFor(pledgor.Organization) && !context.Actor.MayActFor(Pledgee))
        {
            return new Refusal.NotAuthorized(context.Actor, "Registering a pledge", "the holder of the units or the lender");
        }

        if (Account.CannotGive(pledgor) is { } account)
        {
            return account;
        }

        if (Valuation.Date > context.Today)
        {
            return new Refusal.DateInFuture("The valuation date", Valuation.Date, context.Today);
        }

        var (taken, refusal) = FreeUnits.Take(register, Pledgor, Lines);
        if (refusal is not null)
        {
            return refusal;
        }

        // From here the pledge must succeed.
        var units = taken.Select(t => new PledgedUnits(t.Voucher, t.Serials)).ToArray();
        return Decision.Accept(
            Pledge.Value,
            [
                new PledgeEvent.PledgeRegistered(Pledge, Pledgor, Pledgee, units, SecuredAmount, ContractNumber, FilingNumber, Term, Valuation),
                .. units.Select(u => new VoucherEvent.UnitsPledged(u.Voucher, Pledge, Pledgor, u.Serials)),
            ]);
    }
}
