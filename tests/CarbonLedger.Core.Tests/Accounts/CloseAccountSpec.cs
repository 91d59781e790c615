using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Accounts;

public sealed class CloseAccountSpec
{
    [Fact]
    public void An_empty_account_is_closed_by_its_organization() =>
        Given()
            .When(new CloseAccount(Buyer, "merged"), As(Group))
            .ThenAccepted(new AccountEvent.AccountClosed(Buyer, "merged"))
            .ThenStands<AccountState>(Buyer.Value, a => Assert.False(a.IsOpen));

    [Fact]
    public void The_registrar_may_close_it() => Given().When(new CloseAccount(Buyer, null)).ThenAccepted();

    [Fact]
    public void A_stranger_may_not_close_it() =>
        Given()
            .When(new CloseAccount(Buyer, null), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Closing an account", $"the holder of account {Buyer}"));

    [Fact]
    public void The_account_exists() => Given().When(new CloseAccount(NoAccount, null)).ThenRefused(new Refusal.AccountNotFound(NoAccount));

    [Fact]
    public void An_account_is_closed_once() =>
        Given(Closed(Buyer)).When(new CloseAccount(Buyer, null)).ThenRefused(new Refusal.AccountClosed(Buyer));

    [Fact]
    public void An_account_that_holds_units_stays_open() =>
        Given(Issued(100)).When(new CloseAccount(Owner, null)).ThenRefused(new Refusal.AccountNotEmpty(Owner));

    [Fact]
    public void An_account_whose_units_are_all_pledged_is_not_empty() =>
        Given(Issued(100), Pledged(100, by: Owner, to: Bank)).When(new CloseAccount(Owner, null)).ThenRefused(new Refusal.AccountNotEmpty(Owner));

    [Fact]
    public void An_account_that_transferred_everything_closes() =>
        Given(Issued(100), Transferred(Owner, Buyer, All(100))).When(new CloseAccount(Owner, null)).ThenAccepted();

    [Fact]
    public void Retired_units_do_not_keep_an_account_open() =>
        Given(Issued(100), Retired(Owner, All(100))).When(new CloseAccount(Owner, null)).ThenAccepted();

    [Fact]
    public void Authority_is_told_before_a_closed_account() =>
        Given(Closed(Buyer))
            .When(new CloseAccount(Buyer, null), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Closing an account", $"the holder of account {Buyer}"));

    [Fact]
    public void It_is_decided_alone() => Assert.True(new CloseAccount(Buyer, null).Alone);
}
