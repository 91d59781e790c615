namespace CarbonLedger.Core.Organizations;

/// <summary>Enters an organization with its roles.</summary>
public sealed record RegisterOrganization(OrganizationId Organization, string Name, string? RegistrationNumber, IReadOnlyList<Role> Roles) : Command
{
    public override void Collect(Needs needs)
    {
        if (RegistrationNumber is { } number)
        {
            needs.Unique(UniqueName.RegistrationNumber(number));
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Registering an organization", "the registrar");
        }

        if (RegistrationNumber is { } number && register.IsTaken(UniqueName.RegistrationNumber(number)))
        {
            return new Refusal.RegistrationNumberTaken(number);
        }

        // From here the registration must succeed.
        return Decision.Accept(
            Organization.Value,
            new OrganizationEvent.OrganizationRegistered(Organization, Name, RegistrationNumber, Roles));
    }
}
