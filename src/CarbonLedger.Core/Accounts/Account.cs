namespace CarbonLedger.Core.Accounts;

public abstract record AccountEvent : LedgerEvent
{
    private AccountEvent() { }

    public sealed record AccountOpened(AccountId Account, OrganizationId Organization, string Name) : AccountEvent
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public override Guid Stream => Account.Value;
    }

    public sealed record AccountClosed(AccountId Account, string? Reason) : AccountEvent
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public override Guid Stream => Account.Value;
    }
}

public sealed record AccountState(AccountId Account, OrganizationId Organization, string Name, bool IsOpen) : State
{
    [System.Text.Json.Serialization.JsonIgnore]
    public override Guid Id => Account.Value;
}

public static class Account
{
    public static AccountState Evolve(AccountState? state, AccountEvent fact) => fact switch
    {
        AccountEvent.AccountOpened e => new AccountState(e.Account, e.Organization, e.Name, IsOpen: true),
        AccountEvent.AccountClosed => state! with { IsOpen = false },
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <summary>Why units cannot come to this account; null when they can.</summary>
    public static Refusal? CannotReceive(Register register, AccountId id)
    {
        if (register.Find<AccountState>(id.Value) is not { } account)
        {
            return new Refusal.AccountNotFound(id);
        }

        return account.IsOpen ? null : new Refusal.AccountClosed(id);
    }

    /// <summary>Why this actor cannot dispose of what stands in this account; null when it can.</summary>
    public static Refusal? CannotDispose(Register register, AccountId id, Actor actor, string act)
    {
        if (register.Find<AccountState>(id.Value) is not { } account)
        {
            return new Refusal.AccountNotFound(id);
        }

        if (!actor.MayActFor(account.Organization))
        {
            return new Refusal.NotAuthorized(actor, act, $"the holder of account {id}");
        }

        return account.IsOpen ? null : new Refusal.AccountClosed(id);
    }
}
