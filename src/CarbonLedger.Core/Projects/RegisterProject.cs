using CarbonLedger.Core.Organizations;

namespace CarbonLedger.Core.Projects;

/// <summary>Enters a project with its parcels.</summary>
public sealed record RegisterProject(
    ProjectId Project,
    string Name,
    string Scheme,
    OrganizationId Owner,
    string Region,
    string Methodology,
    IReadOnlyList<Parcel> Parcels) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Owner.Value);
        needs.State(NumberingState.TheId);
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.MayActFor(Owner))
        {
            return new Refusal.NotAuthorized(context.Actor, "Registering a project", "its owner");
        }

        if (Organization.Lacks(register, Owner, Role.ProjectOwner) is { } refusal)
        {
            return refusal;
        }

        // From here the registration must succeed.
        var number = (register.Find<NumberingState>(NumberingState.TheId)?.Projects ?? 0) + 1;
        return Decision.Accept(
            Project.Value,
            new ProjectEvent.ProjectRegistered(Project, number, Name, Scheme, Owner, Region, Methodology, Parcels));
    }
}
