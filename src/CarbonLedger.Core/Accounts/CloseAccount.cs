namespace CarbonLedger.Core.Accounts;

/// <summary>Closes an account that holds nothing, and to which no trade will deliver anything. It receives nothing from then on; its history stays.</summary>
public sealed record CloseAccount(AccountId Account, string? Reason) : Command
{
    /// <summary>"Holds nothing" speaks of every voucher, more than a batch can keep up to date.</summary>
    public override bool Alone => true;

    public override void Collect(Needs needs)
    {
        needs.State(Account.Value);
        needs.Empty(Account);
    }

    public override Decision Decide(Register register, Context context)
    {
        if (Accounts.Account.CannotDispose(register, Account, context.Actor, "Closing an account") is { } refusal)
        {
            return refusal;
        }

        if (register.HoldsAny(Account))
        {
            return new Refusal.AccountNotEmpty(Account);
        }

        if (register.AwaitsDelivery(Account))
        {
            return new Refusal.AccountAwaitsDelivery(Account);
        }

        // From here the closing must succeed.
        return Decision.Accept(Account.Value, new AccountEvent.AccountClosed(Account, Reason));
    }
}
