using CarbonLedger.Core.Organizations;

namespace CarbonLedger.Core.Accounts;

/// <summary>Opens an account of an organization.</summary>
public sealed record OpenAccount(AccountId Account, OrganizationId Organization, string Name) : Command
{
    public override void Collect(Needs needs) => needs.State(Organization.Value);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<OrganizationState>(Organization.Value) is null)
        {
            return new Refusal.OrganizationNotFound(Organization);
        }

        if (!context.Actor.MayActFor(Organization))
        {
            return new Refusal.NotAuthorized(context.Actor, "Opening an account", "the organization it belongs to");
        }

        // From here the opening must succeed.
        return Decision.Accept(Account.Value, new AccountEvent.AccountOpened(Account, Organization, Name));
    }
}
