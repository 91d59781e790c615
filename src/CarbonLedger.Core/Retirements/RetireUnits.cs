using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Retirements;

/// <summary>Uses free units for ever in favour of a beneficiary.</summary>
public sealed record RetireUnits(
    RetirementId Retirement,
    AccountId Account,
    IReadOnlyList<Line> Lines,
    Beneficiary Beneficiary,
    RetirementPurpose Purpose,
    DatePeriod ClaimPeriod,
    string? Statement,
    Statements? Statements = null) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Account.Value);
        if (Beneficiary.Organization is { } organization)
        {
            needs.State(organization.Value);
        }

        foreach (var line in Lines)
        {
            needs.Line(Account, line);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (Accounts.Account.CannotDispose(register, Account, context.Actor, "A retirement") is { } account)
        {
            return account;
        }

        if (Beneficiary.Organization is { } organization && register.Find<OrganizationState>(organization.Value) is null)
        {
            return new Refusal.OrganizationNotFound(organization);
        }

        if (Beneficiary.Consent is { } consent && consent.Date > context.Today)
        {
            return new Refusal.DateInFuture("beneficiary.consent.date", consent.Date, context.Today);
        }

        var (taken, refusal) = FreeUnits.Take(register, Account, Lines);
        if (refusal is not null)
        {
            return refusal;
        }

        // From here the retirement must succeed.
        var units = taken.Select(t => new VoucherSerials(t.Voucher, t.Serials)).ToArray();
        return Decision.Accept(
            Retirement.Value,
            [
                new RetirementEvent.RetirementRecorded(Retirement, Account, units, Beneficiary, Purpose, ClaimPeriod, Statement, Statements),
                .. units.Select(u => new VoucherEvent.UnitsRetired(u.Voucher, Retirement, Account, u.Serials)),
            ]);
    }
}
