using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Factors;

public sealed class PublishEmissionFactorSpec
{
    [Fact]
    public void A_published_factor_is_used_from_then_on()
    {
        var ledger = Given().When(new PublishEmissionFactor(GansuNext)).ThenAccepted(new EmissionFactorEvent.EmissionFactorPublished(GansuNext));
        var used = FactorLookup.Find(ledger.Register.Find<FactorSeriesState>, "gridElectricity", "620000", 2023, Calibre.LocationBased)!;

        Assert.Equal((0.46m, FactorChoice.Exact), (used.Factor.KilogramsPerUnit, used.Choice));
    }

    [Fact]
    public void Of_two_publications_for_the_same_the_later_is_used()
    {
        var later = GansuNext with { KilogramsPerUnit = 0.45m, Publication = "correction" };
        var ledger = Given(Done(new PublishEmissionFactor(GansuNext))).When(new PublishEmissionFactor(later)).ThenAccepted();

        Assert.Equal(0.45m, FactorLookup.Find(ledger.Register.Find<FactorSeriesState>, "gridElectricity", "620000", 2023, Calibre.LocationBased)!.Factor.KilogramsPerUnit);
    }

    [Fact]
    public void A_publication_is_never_changed() =>
        Given(Done(new PublishEmissionFactor(GansuNext)))
            .When(new PublishEmissionFactor(GansuNext with { KilogramsPerUnit = 0.4m }))
            .ThenRefused(new Refusal.FactorAlreadyPublished("gridElectricity", "620000", 2023, "announcement"));

    [Fact]
    public void Nor_is_one_that_comes_with_the_program()
    {
        var row = FactorLibrary.All[0];
        Given().When(new PublishEmissionFactor(row with { KilogramsPerUnit = 1 })).ThenRefused(new Refusal.FactorAlreadyPublished(row.Activity, row.Region, row.Year, row.Publication));
    }

    [Fact]
    public void Only_the_registrar_publishes() =>
        Given().When(new PublishEmissionFactor(GansuNext), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Publishing an emission factor", "the registrar"));

    [Fact]
    public void The_activity_is_known() =>
        Given().When(new PublishEmissionFactor(GansuNext with { Activity = "steam" })).ThenRefused(new Refusal.ActivityUnknown("steam"));

    [Fact]
    public void The_unit_is_the_activitys_own() =>
        Given().When(new PublishEmissionFactor(GansuNext with { Unit = "GJ" })).ThenRefused(new Refusal.UnitNotConvertible("GJ", "kWh", "gridElectricity"));
}
