using FsCheck.Fluent;
using static CarbonLedger.Core.Tests.Values.Properties;

namespace CarbonLedger.Core.Tests.Values;

public sealed class DatePeriodSpec
{
    private static readonly LocalDate Epoch = new(2020, 2, 20);

    [Fact]
    public void Periods_overlap_when_they_share_a_day() =>
        ForAll(
            from a in Gen.Choose(0, 20) from b in Gen.Choose(0, 10) from c in Gen.Choose(0, 20) from d in Gen.Choose(0, 10) select (a, b, c, d),
            x => Days(x.a, x.b).Overlaps(Days(x.c, x.d)) == Enumerable.Range(x.a, x.b + 1).Intersect(Enumerable.Range(x.c, x.d + 1)).Any());

    [Fact]
    public void A_period_may_last_one_day() => Assert.True(Days(0, 0).Overlaps(Days(0, 0)));

    [Fact]
    public void A_period_never_ends_before_it_begins() => Assert.Throws<ArgumentOutOfRangeException>(() => new DatePeriod(Epoch, Epoch.PlusDays(-1)));

    [Fact]
    public void It_reads_like_two_dates() => Assert.Equal("2020-01-01–2020-12-31", Year(2020).ToString());

    [Theory]
    [InlineData("2021-09-14T15:59:59.999999Z", "2021-09-14")]
    [InlineData("2021-09-14T16:00:00Z", "2021-09-15")]
    [InlineData("9999-12-30T15:59:59Z", "9999-12-30")]
    [InlineData("9999-12-30T16:00:00Z", "9999-12-31")]
    [InlineData("9999-12-31T16:00:00Z", "9999-12-31")] // there is no later date
    [InlineData("9999-12-31T23:59:59.999999999Z", "9999-12-31")]
    public void Dates_are_those_of_Shanghai(string instant, string date) =>
        Assert.Equal(date, RegistryCalendar.DateOf(NodaTime.Text.InstantPattern.ExtendedIso.Parse(instant).Value).ToString("uuuu-MM-dd", null));

    [Fact]
    public void Instants_are_cut_to_microseconds() =>
        Assert.Equal(Instant.FromUnixTimeTicks(10), RegistryCalendar.ToMicroseconds(Instant.FromUnixTimeTicks(19).PlusNanoseconds(99)));

    private static DatePeriod Days(int start, int more) => new(Epoch.PlusDays(start), Epoch.PlusDays(start + more));
}
