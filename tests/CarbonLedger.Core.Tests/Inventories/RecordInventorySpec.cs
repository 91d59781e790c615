using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Inventories;

public sealed class RecordInventorySpec
{
    private static readonly ActivityLine[] Bills =
        [Used("gridElectricity", 1_000_000, "kWh", "甘肃"), Used("purchasedHeat", 5_000, "GJ"), Used("naturalGas", 20_000, "m3")];

    private static readonly ActivityLine Power = Used("gridElectricity", 1_000_000, "kWh", "甘肃");

    [Fact]
    public void The_zero_carbon_office_comes_out_to_the_kilogram()
    {
        // 1,000,000 × 0.4955 + 5,000 × 110 + 20,000 × 2.1622 = 495,500 + 550,000 + 43,244
        var ledger = Given().When(Counted(Bills)).ThenAccepted();
        var content = ((InventoryEvent.InventoryRecorded)ledger.Log[^1].Fact).Content;

        Assert.Equal(["495500", "550000", "43244"], content.Lines.Select(l => l.Mass.ToString()));
        Assert.Equal(("43244", "1045500"), (Inventory.Result(content).Scope1.ToString(), Inventory.Result(content).Scope2LocationBased.ToString()));
        Assert.Equal(Kg(1_088_744), ledger.State<InventoryState>(Office.Value).Emissions);
    }

    [Fact]
    public void Emissions_round_up_once_at_the_end() =>
        // 3 × 0.4 = 1.2 → 2; rounded line by line it would be 3
        Emit(2, Emitted(0.4m), Emitted(0.4m), Emitted(0.4m));

    [Fact]
    public void Whole_kilograms_do_not_round() => Emit(1, Emitted(0.4m), Emitted(0.6m));

    [Fact]
    public void The_smallest_rest_rounds_up() => Emit(10_000_001, Emitted(10_000_000m), Emitted(0.000001m));

    [Fact]
    public void Nothing_emitted_is_nothing() => Emit(0, Emitted(0));

    [Fact]
    public void Other_units_are_converted() =>
        // 1 MWh × 1,000 × 0.4955 = 495.5; 1 tce × 29.3076 × 110 = 3,223.836; 100 L × 0.74 × 2.9251 = 216.4574; together 3,935.7934
        Emit(3_936, Used("gridElectricity", 1, "MWh", "620100"), Used("purchasedHeat", 1, "tce"), Used("petrol", 100, "L") with { Density = 0.74m });

    [Fact]
    public void A_line_keeps_the_factor_it_used_and_why()
    {
        var ledger = Given().When(Counted(Power with { Year = 2023 })).ThenAccepted();
        var line = ((InventoryEvent.InventoryRecorded)ledger.Log[^1].Fact).Content.Lines[0];

        Assert.Equal(("西北", 2023, 0.5543m, FactorChoice.RegionalFallback), (line.Factor.Factor.Region, line.Factor.Factor.Year, line.Factor.Factor.KilogramsPerUnit, line.Factor.Choice));
    }

    [Fact]
    public void A_factor_of_another_region_needs_a_reason() =>
        Refuses(new Refusal.FactorOfAnotherRegion("620000", "630000"), Power with { FactorRegion = "青海" });

    [Fact]
    public void With_a_reason_it_is_used_and_the_reason_kept()
    {
        var ledger = Given().When(Counted(Power with { FactorRegion = "青海", FactorReason = "a line of its own" })).ThenAccepted();
        var used = ((InventoryEvent.InventoryRecorded)ledger.Log[^1].Fact).Content.Lines[0].Factor;

        Assert.Equal((0.1326m, FactorChoice.StatedRegion, "a line of its own"), (used.Factor.KilogramsPerUnit, used.Choice, used.Reason));
    }

    [Fact]
    public void An_unknown_activity_is_refused() => Refuses(new Refusal.ActivityUnknown("steam"), Used("steam", 1, "GJ"));

    [Fact]
    public void An_unknown_unit_is_refused() => Refuses(new Refusal.UnitUnknown("barrel"), Used("petrol", 1, "barrel"));

    [Fact]
    public void A_unit_of_another_kind_is_refused() => Refuses(new Refusal.UnitNotConvertible("m3", "kWh", "gridElectricity"), Used("gridElectricity", 1, "m3"));

    [Fact]
    public void Litres_need_a_density() => Refuses(new Refusal.UnitNotConvertible("L", "kg", "diesel"), Used("diesel", 1, "L"));

    [Fact]
    public void A_negative_quantity_is_refused() => Refuses(new Refusal.QuantityNegative(1, -0.1m), Emitted(1), Used("diesel", -0.1m, "kg"));

    [Fact]
    public void An_unknown_region_is_refused() => Refuses(new Refusal.RegionUnknown("Atlantis"), Used("gridElectricity", 1, "kWh", "Atlantis"));

    [Fact]
    public void A_year_without_a_factor_is_refused() =>
        Refuses(new Refusal.EmissionFactorNotFound("gridElectricity in 甘肃, 2019"), Power with { Year = 2019 });

    [Fact]
    public void The_world_emits_less_than_some_typing_errors() => Refuses(new Refusal.EmissionsOutOfRange(), Emitted(10_000_000_000_000.000001m));

    [Fact]
    public void The_organization_exists() =>
        Given().When(Counted(Emitted(1)) with { Organization = NoOrganization }).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void Only_the_organization_or_the_registrar_records() =>
        Given().When(Counted(Emitted(1)), As(Group)).ThenRefused(new Refusal.NotAuthorized(As(Group), "Recording an inventory", "its organization"));

    [Fact]
    public void Certificates_lower_the_market_based_figure_only()
    {
        var result = Inventory.Result(Content(Certified(Scope2Method.LocationBased, 400)));

        // 1,000,000 kWh less 400 × 1,000 kWh; no factor of 2021 is without contracts, so 0.4955 counts for both
        Assert.Equal(("495500", "297300", "495500"), (result.Scope2LocationBased.ToString(), result.Scope2MarketBased.ToString(), result.Total.ToString()));
        Assert.Equal("297300", Inventory.Result(Content(Certified(Scope2Method.MarketBased, 400))).Total.ToString());
    }

    [Fact]
    public void The_market_based_figure_uses_the_factor_without_contracts_where_there_is_one()
    {
        var result = Inventory.Result(Content(Counted(Power with { Year = 2022 })));

        Assert.Equal(("477200", "585600"), (result.Scope2LocationBased.ToString(), result.Scope2MarketBased.ToString()));
    }

    [Fact]
    public void Certificates_lower_no_heat()
    {
        var heat = Counted(Used("purchasedHeat", 5_000, "GJ"));
        Given().When(heat with { Draft = heat.Draft with { GreenCertificates = ["G-1"] } }).ThenRefused(new Refusal.CertificatesExceedElectricity(1, 0));
    }

    [Fact]
    public void No_more_certificates_than_electricity() =>
        Given().When(Certified(Scope2Method.MarketBased, 1_001)).ThenRefused(new Refusal.CertificatesExceedElectricity(1_001, 1_000_000));

    [Fact]
    public void A_certificate_counts_once_in_the_register() =>
        Given(Done(Certified(Scope2Method.MarketBased, 2)))
            .When(Certified(Scope2Method.MarketBased, 1) with { Inventory = new InventoryId(Id(0xB0, 2)) })
            .ThenRefused(new Refusal.CertificateCountedAlready("G-1"));

    private static RecordInventory Certified(Scope2Method method, int certificates)
    {
        var record = Counted(Power);
        return record with { Draft = record.Draft with { Scope2Method = method, GreenCertificates = [.. Enumerable.Range(1, certificates).Select(i => $"G-{i}")] } };
    }

    private static InventoryContent Content(RecordInventory record) => ((InventoryEvent.InventoryRecorded)Given().When(record).ThenAccepted().Log[^1].Fact).Content;

    private static void Emit(long kilograms, params ActivityLine[] lines) => Assert.Equal(Kg(kilograms), Given(Done(Counted(lines))).State<InventoryState>(Office.Value).Emissions);

    private static void Refuses(Refusal refusal, params ActivityLine[] lines) => Given().When(Counted(lines)).ThenRefused(refusal);
}
