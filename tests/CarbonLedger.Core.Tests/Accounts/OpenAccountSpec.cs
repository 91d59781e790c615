using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Accounts;

public sealed class OpenAccountSpec
{
    private static readonly AccountId Fresh = new(Id(0x20, 50));

    [Fact]
    public void An_organization_opens_an_account() =>
        Given()
            .When(new OpenAccount(Fresh, Group, "second"), As(Group))
            .ThenAccepted(new AccountEvent.AccountOpened(Fresh, Group, "second"))
            .ThenStands<AccountState>(Fresh.Value, a => Assert.Equal(new AccountState(Fresh, Group, "second", IsOpen: true), a));

    [Fact]
    public void The_registrar_opens_an_account_for_it() => Given().When(new OpenAccount(Fresh, Group, "second")).ThenAccepted();

    [Fact]
    public void A_stranger_opens_none_for_it() =>
        Given()
            .When(new OpenAccount(Fresh, Group, "second"), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Opening an account", "the organization it belongs to"));

    [Fact]
    public void The_organization_exists() =>
        Given().When(new OpenAccount(Fresh, NoOrganization, "x")).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void A_missing_organization_is_told_before_authority() =>
        Given().When(new OpenAccount(Fresh, NoOrganization, "x"), As(Group)).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));
}
