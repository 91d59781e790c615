using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Claims;

/// <summary>Takes retired kilograms that back no claim yet.</summary>
public static class ClaimableUnits
{
    /// <summary>Names the retirements, and with them their vouchers and accounts.</summary>
    public static void Collect(Needs needs, IReadOnlyList<RetirementId> retirements)
    {
        foreach (var id in retirements)
        {
            needs.State(id.Value);
            if (!needs.Register.Knows(id.Value) || needs.Register.Find<RetirementState>(id.Value) is not { } retirement)
            {
                continue;
            }

            needs.State(retirement.Account.Value);
            foreach (var unit in retirement.Units)
            {
                needs.State(unit.Voucher.Value);
            }
        }
    }

    /// <summary>The lowest free kilograms of the retirements in the order in which they are named, no more than are wanted. Those of revoked vouchers are passed over (C6).</summary>
    public static (IReadOnlyList<ClaimPart> Parts, Refusal? Refusal) Take(
        Register register, Context context, OrganizationId organization, DatePeriod period, IReadOnlyList<RetirementId> retirements, Kilograms wanted)
    {
        var parts = new List<ClaimPart>();
        for (var i = 0; i < retirements.Count; i++)
        {
            var id = retirements[i];
            if (retirements.Take(i).Contains(id))
            {
                return ([], new Refusal.DuplicateRetirement(id));
            }

            if (register.Find<RetirementState>(id.Value) is not { } retirement)
            {
                return ([], new Refusal.RetirementNotFound(id));
            }

            if (Unusable(register, context, organization, period, retirement) is { } refusal)
            {
                return ([], refusal);
            }

            var free = retirement.FreeParts(wanted.Value - parts.Sum(p => p.Kilograms.Value), voucher => IsRevoked(register, voucher));
            parts.AddRange(free.Select(f => new ClaimPart(id, f.First, f.Last, retirement.UnitsOf(f.First, f.Last))));
        }

        return (parts, null);
    }

    private static Refusal? Unusable(Register register, Context context, OrganizationId organization, DatePeriod period, RetirementState retirement)
    {
        var holder = register.Find<AccountState>(retirement.Account.Value)!.Organization;
        var isNamed = retirement.Beneficiary.Organization is null;
        // A name outside the register cannot act. Whoever retired for it speaks for it, or the registrar does; from the first claim on the surplus stays there.
        var isTheirs = retirement.ClaimedFor is { } first ? first == organization
            : isNamed ? holder == organization || context.Actor.IsRegistrar
            : retirement.Beneficiary.Organization == organization;
        if (!isTheirs)
        {
            return new Refusal.RetirementOfAnotherBeneficiary(retirement.Retirement, organization);
        }

        foreach (var unit in retirement.Units)
        {
            var vintageEnds = register.Find<VoucherState>(unit.Voucher.Value)!.MonitoringPeriod.Last;
            if (vintageEnds > period.Last)
            {
                return new Refusal.VintageAfterClaimPeriod(retirement.Retirement, unit.Voucher, vintageEnds, period.Last);
            }
        }

        if (retirement.FreeParts(1, _ => false).Count == 0)
        {
            return new Refusal.RetirementAlreadyClaimed(retirement.Retirement);
        }

        return retirement.FreeParts(1, voucher => IsRevoked(register, voucher)).Count == 0
            ? new Refusal.RetirementOfRevokedVoucher(retirement.Retirement, retirement.Units.First(u => IsRevoked(register, u.Voucher)).Voucher)
            : null;
    }

    private static bool IsRevoked(Register register, VoucherId voucher) => register.Find<VoucherState>(voucher.Value)!.Revoked is not null;
}
