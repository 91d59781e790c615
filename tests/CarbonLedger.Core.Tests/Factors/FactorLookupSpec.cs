namespace CarbonLedger.Core.Tests.Factors;

/// <summary>Expected values are those of the publications, typed by hand.</summary>
public sealed class FactorLookupSpec
{
    [Theory]
    [InlineData("620000", 2021, "0.4955", FactorChoice.Exact, false)]
    [InlineData("620000", 2022, "0.4772", FactorChoice.Exact, false)]
    [InlineData("620000", 2023, "0.5543", FactorChoice.RegionalFallback, false)] // 西北 2023
    [InlineData("620000", 2030, "0.5543", FactorChoice.RegionalFallback, true)]
    [InlineData("150000", 2023, "0.5306", FactorChoice.NationalFallback, false)] // two grid regions, so the nation
    [InlineData("540000", 2022, "0.5366", FactorChoice.NationalFallback, false)]
    [InlineData("CN", 2021, "0.5568", FactorChoice.Exact, false)]
    [InlineData("510000", 2022, "0.1404", FactorChoice.Exact, false)]
    public void The_nearest_row_of_the_newest_year_is_used(string region, int year, string factor, FactorChoice choice, bool earlier)
    {
        var used = FactorLookup.Find(_ => null, "gridElectricity", region, year, Calibre.LocationBased)!;

        Assert.Equal((decimal.Parse(factor), choice, earlier), (used.Factor.KilogramsPerUnit, used.Choice, used.EarlierYear));
    }

    [Fact]
    public void A_year_before_the_first_publication_has_no_row() => Assert.Null(FactorLookup.Find(_ => null, "gridElectricity", "620000", 2020, Calibre.LocationBased));

    [Fact]
    public void A_factor_without_a_year_is_for_any() =>
        Assert.Equal(110m, FactorLookup.Find(_ => null, "purchasedHeat", "CN", 1999, Calibre.LocationBased)!.Factor.KilogramsPerUnit);

    [Fact]
    public void A_calibre_is_never_mixed_with_another() =>
        Assert.Equal(0.8426m, FactorLookup.Find(_ => null, "gridElectricity", "620000", 2021, Calibre.FossilOnly)!.Factor.KilogramsPerUnit);

    [Theory]
    [InlineData("甘肃", "620000")]
    [InlineData("甘肃省", "620000")]
    [InlineData("620171", "620000")]
    [InlineData("内蒙古自治区", "150000")]
    [InlineData("新疆维吾尔自治区", "650000")]
    [InlineData("北京市", "110000")]
    [InlineData("西北", "西北")]
    [InlineData("全国", "CN")]
    [InlineData("Gansu", null)]
    [InlineData("990000", null)]
    [InlineData("", null)]
    public void Regions_are_read_from_codes_and_names(string text, string? region) => Assert.Equal(region, Region.Parse(text));

    [Fact]
    public void The_library_has_94_rows_with_distinct_ids_and_a_source_each()
    {
        Assert.Equal((94, 94), (FactorLibrary.All.Count, FactorLibrary.All.Select(f => f.Id).Distinct().Count()));
        Assert.All(FactorLibrary.All, f => Assert.True(f.Publication.Length > 0 && f.SourceGrade.Length > 0 && f.KilogramsPerUnit > 0 && Activity.Find(f.Activity)!.Units.Contains(f.Unit)));
    }

    [Theory]
    [InlineData("MWh", "kWh", null, "1000")]
    [InlineData("万kWh", "kWh", null, "10000")]
    [InlineData("kWh", "GJ", null, "0.0036")]
    [InlineData("MJ", "GJ", null, "0.001")]
    [InlineData("tce", "GJ", null, "29.3076")]
    [InlineData("t", "kg", null, "1000")]
    [InlineData("L", "kg", "0.74", "0.74")]
    [InlineData("L", "kg", null, null)]
    [InlineData("GJ", "kWh", null, null)] // 277.77…
    [InlineData("m3", "kg", null, null)]
    [InlineData("kg", "kWh", null, null)]
    [InlineData("tce", "kg", null, null)]
    public void Units_convert_exactly_or_not_at_all(string from, string to, string? density, string? ratio) =>
        Assert.Equal(ratio is null ? null : decimal.Parse(ratio), UnitOfMeasure.Ratio(from, to, density is null ? null : decimal.Parse(density)));
}
