namespace CarbonLedger.Core.Factors;

/// <summary>Adds a publication to the factor library.</summary>
public sealed record PublishEmissionFactor(EmissionFactor Factor) : Command
{
    public override void Collect(Needs needs) => needs.State(Factor.Series);

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Publishing an emission factor", "the registrar");
        }

        if (Activity.Find(Factor.Activity) is not { } activity)
        {
            return new Refusal.ActivityUnknown(Factor.Activity);
        }

        if (!activity.Units.Contains(Factor.Unit))
        {
            return new Refusal.UnitNotConvertible(Factor.Unit, activity.Units[0], Factor.Activity);
        }

        if (FactorLibrary.Of(Factor.Series).Concat(register.Find<FactorSeriesState>(Factor.Series)?.Factors ?? []).Any(f => f.Id == Factor.Id))
        {
            return new Refusal.FactorAlreadyPublished(Factor.Activity, Factor.Region, Factor.Year, Factor.Publication);
        }

        // From here the publication must succeed.
        return Decision.Accept(Factor.Id.Value, new EmissionFactorEvent.EmissionFactorPublished(Factor));
    }
}
