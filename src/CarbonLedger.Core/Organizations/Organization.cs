namespace CarbonLedger.Core.Organizations;

/// <summary>What an organization may be in the register; it may be several things.</summary>
public enum Role
{
    Registrar,
    ProjectOwner,
    Verifier,
    Exchange,
    Bank,
    Insurer,
    Office,
    Auditor,
}

public abstract record OrganizationEvent : LedgerEvent
{
    private OrganizationEvent() { }

    /// <summary>An organization was entered. An organization is not a person; no personal name stands here.</summary>
    public sealed record OrganizationRegistered(OrganizationId Organization, string Name, string? RegistrationNumber, IReadOnlyList<Role> Roles)
        : OrganizationEvent
    {
        public override Guid Stream => Organization.Value;
    }
}

public sealed record OrganizationState(OrganizationId Organization, string Name, string? RegistrationNumber, IReadOnlyList<Role> Roles) : State
{
    public override Guid Id => Organization.Value;
}

public static class Organization
{
    public static void Evolve(Register register, OrganizationEvent fact)
    {
        switch (fact)
        {
            case OrganizationEvent.OrganizationRegistered e:
                register.Set(new OrganizationState(e.Organization, e.Name, e.RegistrationNumber, e.Roles));
                if (e.RegistrationNumber is { } number)
                {
                    register.Take(UniqueName.RegistrationNumber(number));
                }

                break;
            default:
                throw new InvalidOperationException($"No arm for {fact.GetType().Name}.");
        }
    }

    /// <summary>Why this organization cannot stand where a role is needed; null when it can.</summary>
    public static Refusal? Lacks(Register register, OrganizationId id, Role role)
    {
        if (register.Find<OrganizationState>(id.Value) is not { } organization)
        {
            return new Refusal.OrganizationNotFound(id);
        }

        return organization.Roles.Contains(role) ? null : new Refusal.OrganizationLacksRole(id, role);
    }
}
