namespace CarbonLedger.Core.Accounts;

public abstract record AccountEvent : LedgerEvent
{
    private AccountEvent() { }

    public sealed record AccountOpened(AccountId Account, OrganizationId Organization, string Name) : AccountEvent
    {
        public override Guid Stream => Account.Value;
    }

    /// <summary>A freeze came to lie on the account: nothing leaves it until all its freezes are lifted.</summary>
    public sealed record AccountFrozen(AccountId Account, FreezeId Freeze) : AccountEvent
    {
        public override Guid Stream => Account.Value;
    }

    public sealed record AccountUnfrozen(AccountId Account, FreezeId Freeze) : AccountEvent
    {
        public override Guid Stream => Account.Value;
    }

    /// <summary>The account keeps a scheme's buffer from now on: what stands in it is there to make reversals good.</summary>
    public sealed record BufferDesignated(AccountId Account, SchemeId Scheme) : AccountEvent
    {
        public override Guid Stream => Account.Value;
    }

    public sealed record AccountClosed(AccountId Account, string? Reason) : AccountEvent
    {
        public override Guid Stream => Account.Value;
    }
}

/// <param name="Freezes">Freezes of the whole account; null without any.</param>
/// <param name="BufferOf">The scheme whose buffer it keeps; null for any other account.</param>
public sealed record AccountState(AccountId Account, OrganizationId Organization, string Name, bool IsOpen, IReadOnlyList<FreezeId>? Freezes = null, SchemeId? BufferOf = null) : State
{
    public override Guid Id => Account.Value;

    public bool IsFrozen => Freezes is { Count: > 0 };
}

public static class Account
{
    public static AccountState Evolve(AccountState? state, AccountEvent fact) => fact switch
    {
        AccountEvent.AccountOpened e => new AccountState(e.Account, e.Organization, e.Name, IsOpen: true),
        AccountEvent.AccountFrozen e => state! with { Freezes = [.. state.Freezes ?? [], e.Freeze] },
        AccountEvent.AccountUnfrozen e => state! with { Freezes = state.Freezes is { Count: > 1 } f ? [.. f.Where(x => x != e.Freeze)] : null },
        AccountEvent.BufferDesignated e => state! with { BufferOf = e.Scheme },
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

        return CannotGive(account);
    }

    /// <summary>Why nothing can leave this account; null when units can.</summary>
    public static Refusal? CannotGive(AccountState account)
    {
        if (!account.IsOpen)
        {
            return new Refusal.AccountClosed(account.Account);
        }

        if (account.IsFrozen)
        {
            return new Refusal.AccountFrozen(account.Account, account.Freezes![0]);
        }

        return account.BufferOf is { } scheme ? new Refusal.BufferAccount(account.Account, scheme) : null;
    }
}
