using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Projects;

public sealed class RegisterProjectSpec
{
    private static readonly ProjectId Fresh = new(Id(0x30, 50));

    [Fact]
    public void A_project_gets_the_next_number() =>
        Given()
            .When(Register(), As(Forest))
            .ThenAccepted(new ProjectEvent.ProjectRegistered(Fresh, 2, "Fresh", "SLCT", Forest, "620171", "GS-FORESTRY-01", Parcels))
            .ThenStands<NumberingState>(NumberingState.TheId, n => Assert.Equal(2, n.Projects));

    [Fact]
    public void The_first_project_has_number_one() => Given().ThenStands<ProjectState>(Woods.Value, p => Assert.Equal(1, p.Number));

    [Fact]
    public void The_registrar_may_enter_it() => Given().When(Register()).ThenAccepted();

    [Fact]
    public void A_stranger_may_not_enter_it() =>
        Given().When(Register(), As(Bank)).ThenRefused(new Refusal.NotAuthorized(As(Bank), "Registering a project", "its owner"));

    [Fact]
    public void The_owner_exists() =>
        Given().When(Register() with { Owner = NoOrganization }).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void The_owner_is_a_project_owner() =>
        Given().When(Register() with { Owner = Bank }, As(Bank)).ThenRefused(new Refusal.OrganizationLacksRole(Bank, Role.ProjectOwner));

    private static RegisterProject Register() => new(Fresh, "Fresh", "SLCT", Forest, "620171", "GS-FORESTRY-01", Parcels);
}
