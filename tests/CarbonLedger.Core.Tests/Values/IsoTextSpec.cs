using NodaTime;

namespace CarbonLedger.Core.Tests.Values;

public sealed class IsoTextSpec
{
    [Theory]
    [InlineData("2026-01-31T16:00:00Z", true)]
    [InlineData("0001-01-01T00:00:00Z", true)]
    [InlineData("2026-01-31T16:00:00Z\0", false)]
    [InlineData("2026-01-31T16:00:00Z\0 or later", false)]
    [InlineData("2026-01-31T16:00:00+08:00", false)]
    [InlineData("0000-01-01T00:00:00Z", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_instant_is_read_to_its_last_character(string? text, bool isOne) => Assert.Equal(isOne, IsoText.InstantOf(text) is not null);

    [Theory]
    [InlineData("2026-01-31", true)]
    [InlineData("2026-01-31\0", false)]
    [InlineData("2026-01-31\0" + "2027-01-31", false)]
    [InlineData("0000-01-01", false)]
    [InlineData("2026-02-30", false)]
    [InlineData(null, false)]
    public void A_date_is_read_to_its_last_character(string? text, bool isOne) => Assert.Equal(isOne, IsoText.DateOf(text) is not null);

    [Theory]
    [InlineData("2026-01-31T16:00:00+08:00", true)]
    [InlineData("2026-01-31T16:00:00+08:00\0", false)]
    [InlineData("2026-01-31T16:00:00", false)]
    public void A_time_names_its_offset_and_is_read_to_its_last_character(string text, bool isOne) => Assert.Equal(isOne, IsoText.TimeOf(text) is not null);

    [Fact]
    public void What_is_read_is_what_was_written() =>
        Assert.Equal((Instant.FromUtc(2026, 1, 31, 16, 0), new LocalDate(2026, 1, 31)), (IsoText.InstantOf("2026-01-31T16:00:00Z"), IsoText.DateOf("2026-01-31")));
}
