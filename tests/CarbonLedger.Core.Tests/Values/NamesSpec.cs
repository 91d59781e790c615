using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Trades;

namespace CarbonLedger.Core.Tests.Values;

public sealed class NamesSpec
{
    [Fact]
    public void A_word_is_found_as_it_was_given_and_to_the_letter()
    {
        Assert.All(Enum.GetValues<PledgeStatus>(), s => Assert.Equal(s, Names.Find<PledgeStatus>(Names.Of(s))));
        Assert.Equal(["registered", "settled", "voided", "expired"], Names.All<TradeStatus>());
        Assert.Equal("partiallyReleased", Names.Of(PledgeStatus.PartiallyReleased));
        Assert.All(["PartiallyReleased", "partiallyreleased", " released", "1", ""], word => Assert.Null(Names.Find<PledgeStatus>(word)));
        Assert.Throws<KeyNotFoundException>(() => Names.Of((TradeStatus)99));
    }
}
