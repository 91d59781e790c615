using CarbonLedger.Core.Accounts;

namespace CarbonLedger.Core.Retirements;

/// <summary>Erases the name of a retirement's beneficiary. The retirement stands; the log keeps the name's salted hash.</summary>
public sealed record EraseBeneficiary(RetirementId Retirement, ErasureReason Reason) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Retirement.Value);
        if (needs.Register.Knows(Retirement.Value) && needs.Register.Find<RetirementState>(Retirement.Value) is { } retirement)
        {
            needs.State(retirement.Account.Value);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<RetirementState>(Retirement.Value) is not { } retirement)
        {
            return new Refusal.RetirementNotFound(Retirement);
        }

        // A closed account is no obstacle: whoever held it answers for the name.
        if (!context.Actor.MayActFor(register.Find<AccountState>(retirement.Account.Value)!.Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Erasing a beneficiary's name", $"the holder of account {retirement.Account}");
        }

        if (retirement.Beneficiary.NameSha256 is null)
        {
            return new Refusal.BeneficiaryNotAName(Retirement);
        }

        if (retirement.NameErased)
        {
            return new Refusal.BeneficiaryErased(Retirement);
        }

        // From here the erasure must succeed.
        return Decision.Accept(Retirement.Value, new RetirementEvent.BeneficiaryErased(Retirement, Reason));
    }
}
