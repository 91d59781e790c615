using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Organizations;

public sealed class RegisterOrganizationSpec
{
    private static readonly OrganizationId Fresh = Organization(50);

    [Fact]
    public void The_registrar_enters_an_organization_with_its_roles() =>
        Given()
            .When(Register("91620100MA"))
            .ThenAccepted(new OrganizationEvent.OrganizationRegistered(Fresh, "城投", "91620100MA", [Role.Office, Role.Bank]))
            .ThenStands<OrganizationState>(Fresh.Value, o => Assert.Equal([Role.Office, Role.Bank], o.Roles));

    [Fact]
    public void An_organization_may_have_no_registration_number() =>
        Given(Done(Register(null))).When(Register(null) with { Organization = Organization(51) }).ThenAccepted();

    [Fact]
    public void Nobody_but_the_registrar_enters_one() =>
        Given().When(Register(null), As(Bank)).ThenRefused(new Refusal.NotAuthorized(As(Bank), "Registering an organization", "the registrar"));

    [Fact]
    public void A_registration_number_is_entered_once() =>
        Given(Done(Register("91620100MA")))
            .When(Register("91620100MA") with { Organization = Organization(51) })
            .ThenRefused(new Refusal.RegistrationNumberTaken("91620100MA"));

    [Fact]
    public void Authority_is_told_before_a_taken_number() =>
        Given(Done(Register("91620100MA")))
            .When(Register("91620100MA"), As(Bank))
            .ThenRefused(new Refusal.NotAuthorized(As(Bank), "Registering an organization", "the registrar"));

    [Theory]
    [InlineData(Role.Registrar, "registrar")]
    [InlineData(Role.ProjectOwner, "projectOwner")]
    [InlineData(Role.Verifier, "verifier")]
    [InlineData(Role.Exchange, "exchange")]
    [InlineData(Role.Bank, "bank")]
    [InlineData(Role.Insurer, "insurer")]
    [InlineData(Role.Office, "office")]
    [InlineData(Role.Auditor, "auditor")]
    public void Roles_have_names_for_ever(Role role, string name) => Assert.Equal(name, Names.Of(role));

    private static RegisterOrganization Register(string? number) => new(Fresh, "城投", number, [Role.Office, Role.Bank]);
}
