namespace CarbonLedger.Core.Decisions;

/// <summary>Who acts. Recorded with every event (D8).</summary>
/// <param name="Organization">The acting organization; null is the registrar of the register itself.</param>
/// <param name="IsRegistrar">True for the registrar itself and for an organization with that role.</param>
public readonly record struct Actor(OrganizationId? Organization, bool IsRegistrar)
{
    public static readonly Actor Registrar = new(null, true);

    /// <summary>The registrar acts for everyone, except where a rule reserves an act to a party.</summary>
    public bool MayActFor(OrganizationId organization) => IsRegistrar || Organization == organization;

    /// <summary><c>registrar</c>, or the organization's id.</summary>
    public override string ToString() => Organization?.ToString() ?? "registrar";
}
