using CarbonLedger.Core.Accounts;

namespace CarbonLedger.Core.Schemes;

/// <summary>Enters a scheme: its buffer, if it keeps one, and how long its units live, if not for ever.</summary>
public sealed record RegisterScheme(string SchemeCode, string Name, SchemeBuffer? Buffer, int? LifetimeYears) : Command
{
    public SchemeId Scheme => SchemeId.Of(SchemeCode);

    /// <summary>Whether the buffer's account is empty speaks of every voucher, more than a batch can keep up to date.</summary>
    public override bool Alone => Buffer is not null;

    public override void Collect(Needs needs)
    {
        needs.State(Scheme.Value);
        if (Buffer is { } buffer)
        {
            needs.State(buffer.Account.Value);
            needs.Empty(buffer.Account);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Registering a scheme", "the registrar");
        }

        if (Buffer is { } buffer)
        {
            if (Account.CannotReceive(register, buffer.Account) is { } refusal)
            {
                return refusal;
            }

            if (register.Find<AccountState>(buffer.Account.Value)!.BufferOf is { } other)
            {
                return new Refusal.BufferAccount(buffer.Account, other);
            }

            // Whoever has a lien or a claim on what stands there would be barred from it: nothing leaves a buffer.
            if (register.HoldsAny(buffer.Account))
            {
                return new Refusal.AccountNotEmpty(buffer.Account);
            }

            if (register.AwaitsDelivery(buffer.Account))
            {
                return new Refusal.AccountAwaitsDelivery(buffer.Account);
            }
        }

        if (register.Find<SchemeState>(Scheme.Value) is not null)
        {
            return new Refusal.SchemeRegistered(Scheme);
        }

        // From here the registration must succeed.
        return Decision.Accept(
            Scheme.Value,
            [
                new SchemeEvent.SchemeRegistered(Scheme, SchemeCode, Name, Buffer, LifetimeYears),
                .. Buffer is { } designated ? new LedgerEvent[] { new AccountEvent.BufferDesignated(designated.Account, Scheme) } : [],
            ]);
    }
}
