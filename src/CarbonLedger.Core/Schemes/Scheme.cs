namespace CarbonLedger.Core.Schemes;

/// <summary>The share of each issuance that is set aside, and the account where it stands.</summary>
/// <param name="Share">Above 0 and below 1, at most four decimals.</param>
public sealed record SchemeBuffer(decimal Share, AccountId Account)
{
    /// <summary>Kilograms set aside of an issuance: rounded up, so that a share is never less than the scheme says.</summary>
    public Kilograms Of(Kilograms issued) => Kilograms.FromKilograms((long)decimal.Ceiling(issued.Value * Share));
}

public abstract record SchemeEvent : LedgerEvent
{
    private SchemeEvent() { }

    /// <summary>A scheme was entered with its rules. Vouchers issued before have no buffer share; a lifetime is theirs too.</summary>
    /// <param name="LifetimeYears">Years after the last day of the monitoring period until which units are valid; absent for ever.</param>
    public sealed record SchemeRegistered(SchemeId Scheme, string Code, string Name, SchemeBuffer? Buffer, int? LifetimeYears) : SchemeEvent
    {
        public override Guid Stream => Scheme.Value;
    }
}

public sealed record SchemeState(SchemeId Scheme, string Code, string Name, SchemeBuffer? Buffer, int? LifetimeYears) : State
{
    public override Guid Id => Scheme.Value;
}

public static class Scheme
{
    /// <summary>The longest lifetime: beyond a century nobody plans.</summary>
    public const int LifetimeYearsMax = 100;

    public static SchemeState Evolve(SchemeEvent fact) => fact switch
    {
        SchemeEvent.SchemeRegistered e => new SchemeState(e.Scheme, e.Code, e.Name, e.Buffer, e.LifetimeYears),
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <summary>The last day on which units of a monitoring period are valid.</summary>
    public static LocalDate ValidUntil(DatePeriod monitoringPeriod, int lifetimeYears) => monitoringPeriod.Last.PlusYears(lifetimeYears);
}
