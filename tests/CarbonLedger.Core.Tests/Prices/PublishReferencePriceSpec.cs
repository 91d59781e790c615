using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Prices;

public sealed class PublishReferencePriceSpec
{
    private static readonly ReferencePriceId Fresh = new(Id(0xA0, 1));

    [Fact]
    public void A_venue_publishes_the_price_of_a_date() =>
        Given()
            .When(Publish(), As(Exchange))
            .ThenAccepted(new ReferencePriceEvent.ReferencePricePublished(Fresh, Exchange, Today, Price(41.94m)));

    [Fact]
    public void The_registrar_may_publish_it() => Given().When(Publish()).ThenAccepted();

    [Fact]
    public void A_later_price_of_the_same_date_is_accepted() => Given(Done(Publish())).When(Publish(), As(Exchange)).ThenAccepted();

    [Fact]
    public void Another_organization_may_not_publish_it() =>
        Given().When(Publish(), As(Bank)).ThenRefused(new Refusal.NotAuthorized(As(Bank), "Publishing a reference price", "its venue"));

    [Fact]
    public void The_venue_exists() =>
        Given().When(Publish() with { Venue = NoOrganization }).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void The_venue_is_an_exchange() =>
        Given().When(Publish() with { Venue = Bank }, As(Bank)).ThenRefused(new Refusal.OrganizationLacksRole(Bank, Role.Exchange));

    [Fact]
    public void There_is_no_price_of_tomorrow() =>
        Given()
            .When(Publish() with { Date = Today.PlusDays(1) }, As(Exchange))
            .ThenRefused(new Refusal.DateInFuture("The price's date", Today.PlusDays(1), Today));

    private static PublishReferencePrice Publish() => new(Fresh, Exchange, Today, Price(41.94m));
}
