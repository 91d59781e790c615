using static CarbonLedger.Core.Tests.Trades.DeferredTrades;

namespace CarbonLedger.Core.Tests.Trades;

/// <summary>Delivery against payment: the seller's units are held until the venue settles or voids, or the hold ends by itself.</summary>
internal static class DeferredTrades
{
    public static readonly Instant Until = Noon(Today) + Duration.FromDays(7);
    public static readonly TradeLine Sold = new(FirstVoucher, Serials((1, 60)), Price(41.94m), Yuan(2.52m));

    public static RegisterTrade Deferred(Instant? until = null) => Sell(Owner, Buyer, All(60)) with { HoldUntil = until ?? Until };

    public static Ledger Held(params Step[] then) => Ledger.Given([Issued(100), Done(Deferred(), As(Exchange)), .. then]);

    public static Ledger HeldUntilNow()
    {
        var ledger = Held();
        ledger.Now = Until;
        return ledger;
    }

    public static Refusal NotOpen(TradeStatus status, string act) => new Refusal.TradeNotOpen(Deal, status, act);
}

public sealed class DeferredTradeSpec
{
    [Fact]
    public void A_registration_holds_the_units() =>
        Ledger.Given(Issued(100))
            .When(Deferred(), As(Exchange))
            .ThenAccepted(
                new TradeEvent.TradeRegistered(Deal, Exchange, "T-1", Owner, Buyer, [Sold], Yuan(2.52m), Noon(Today), Until),
                new VoucherEvent.UnitsHeld(FirstVoucher, Deal, Owner, Serials((1, 60))))
            .ThenHolds(Owner, 100, 40)
            .ThenStands<TradeState>(Deal.Value, t => Assert.Equal((TradeStatus.Registered, Until), (t.Status, t.HoldUntil)))
            .When(Transfer(Owner, Other, All(41)))
            .ThenRefused(new Refusal.UnitsLocked(FirstVoucher, Kg(41), Kg(40)));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData((90 * 86_400) + 1)]
    public void A_hold_ends_ahead_of_now_and_within_ninety_days(long seconds)
    {
        var until = Noon(Today) + Duration.FromSeconds(seconds);
        Ledger.Given(Issued(100)).When(Deferred(until), As(Exchange)).ThenRefused(new Refusal.HoldTimeOutOfRange(until, Noon(Today)));
    }

    [Fact]
    public void Ninety_days_are_taken() =>
        Ledger.Given(Issued(100)).When(Deferred(Noon(Today) + RegisterTrade.HoldMax), As(Exchange)).ThenAccepted();

    [Fact]
    public void The_venues_number_stays_taken() =>
        Held(Done(new VoidTrade(Deal, null), As(Exchange)))
            .When(Deferred() with { Trade = new TradeId(Id(0x70, 2)) }, As(Exchange))
            .ThenRefused(new Refusal.TradeNumberTaken(Exchange, "T-1"));
}

public sealed class SettleTradeSpec
{
    [Fact]
    public void A_settlement_gives_the_units_to_the_buyer() =>
        Held()
            .When(new SettleTrade(Deal), As(Exchange))
            .ThenAccepted(
                new TradeEvent.TradeSettled(Deal, Exchange, "T-1", Owner, Buyer, [Sold], Yuan(2.52m), Noon(Today)),
                new VoucherEvent.UnitsDelivered(FirstVoucher, Deal, Owner, Buyer, Serials((1, 60))))
            .ThenHolds(Owner, 40, 40)
            .ThenHolds(Buyer, 60, 60)
            .ThenStands<TradeState>(Deal.Value, t => Assert.Equal((TradeStatus.Settled, Until), (t.Status, t.HoldUntil)));

    [Fact]
    public void Only_units_that_are_held_and_nothing_else_are_delivered()
    {
        var delivered = new VoucherEvent.UnitsDelivered(FirstVoucher, Deal, Owner, Buyer, Serials((1, 60)));

        Assert.Throws<InvalidOperationException>(() => Held(Done(FreezeUnits(null, Named(51, 70)))).Register.Apply(delivered));
        Assert.Throws<InvalidOperationException>(() => Held().Register.Apply(delivered with { From = Other }));
        Assert.Throws<InvalidOperationException>(() => Held().Register.Apply(delivered with { Serials = Serials((1, 61)) }));
    }

    [Fact]
    public void A_trade_that_is_settled_at_once_stands_as_settled() =>
        Ledger.Given(Issued(100), Done(Sell(Owner, Buyer, All(60))))
            .ThenStands<TradeState>(Deal.Value, t => Assert.Equal((TradeStatus.Settled, null), (t.Status, t.HoldUntil)))
            .When(new SettleTrade(Deal), As(Exchange)).ThenRefused(NotOpen(TradeStatus.Settled, "settling"));

    [Fact]
    public void At_its_instant_it_is_over_even_when_nobody_has_noticed()
    {
        HeldUntilNow().When(new SettleTrade(Deal), As(Exchange)).ThenRefused(new Refusal.HoldExpired(Deal, Until));
        HeldUntilNow().When(new VoidTrade(Deal, null), As(Exchange)).ThenRefused(new Refusal.HoldExpired(Deal, Until));
    }

    [Fact]
    public void Only_the_venue_settles_or_voids()
    {
        foreach (var actor in new[] { Registrar, AsBureau, As(Group), As(Forest), As(Stranger) })
        {
            Held().When(new SettleTrade(Deal), actor).ThenRefused(new Refusal.NotTheVenue(actor, Deal));
            Held().When(new VoidTrade(Deal, null), actor).ThenRefused(new Refusal.NotTheVenue(actor, Deal));
        }
    }

    [Fact]
    public void An_unknown_trade_is_not_found()
    {
        Ledger.Given().When(new SettleTrade(Deal), As(Exchange)).ThenRefused(new Refusal.TradeNotFound(Deal));
        Ledger.Given().When(new VoidTrade(Deal, null), As(Exchange)).ThenRefused(new Refusal.TradeNotFound(Deal));
        Ledger.Given().When(new ExpireTrade(Deal)).ThenRefused(new Refusal.TradeNotFound(Deal));
    }

    [Fact]
    public void Frozen_units_are_not_settled_but_voided() =>
        Held(Done(FreezeUnits(null, Named(51, 70))))
            .When(new SettleTrade(Deal), As(Exchange)).ThenRefused(new Refusal.UnitsFrozen(FirstVoucher, Kg(60), Kg(50)))
            .When(new VoidTrade(Deal, null), As(Exchange)).ThenAccepted()
            .ThenHolds(Owner, 100, 80);

    [Fact]
    public void A_frozen_seller_does_not_settle_but_voids() =>
        Held(Done(FreezeAccount(Owner)))
            .When(new SettleTrade(Deal), As(Exchange)).ThenRefused(new Refusal.AccountFrozen(Owner, Stop))
            .When(new VoidTrade(Deal, null), As(Exchange)).ThenAccepted();

    [Fact]
    public void A_revoked_voucher_does_not_settle_but_voids() =>
        Held(Done(Revoke()))
            .When(new SettleTrade(Deal), As(Exchange)).ThenRefused(new Refusal.VoucherRevoked(FirstVoucher))
            .When(new VoidTrade(Deal, null), As(Exchange)).ThenAccepted();

    [Fact]
    public void A_closed_buyer_receives_nothing() =>
        Held(ledger => ledger.Did(new CloseAccount(Buyer, null), new AccountEvent.AccountClosed(Buyer, null)))
            .When(new SettleTrade(Deal), As(Exchange)).ThenRefused(new Refusal.AccountClosed(Buyer));

    [Fact]
    public void A_buyers_account_stays_open_until_the_trade_has_an_end()
    {
        Held().When(new CloseAccount(Buyer, null)).ThenRefused(new Refusal.AccountAwaitsDelivery(Buyer));
        Held(Done(new VoidTrade(Deal, null), As(Exchange))).When(new CloseAccount(Buyer, null)).ThenAccepted();
        Held(Done(new SettleTrade(Deal), As(Exchange)), Transferred(Buyer, Owner, All(60))).When(new CloseAccount(Buyer, null)).ThenAccepted();
    }
}

public sealed class VoidTradeSpec
{
    [Fact]
    public void A_voided_trade_leaves_the_units_with_the_seller() =>
        Held()
            .When(new VoidTrade(Deal, "not paid"), As(Exchange))
            .ThenAccepted(new TradeEvent.TradeVoided(Deal, "not paid"), new VoucherEvent.HoldEnded(FirstVoucher, Deal, Owner, Serials((1, 60))))
            .ThenHolds(Owner, 100, 100)
            .ThenStands<TradeState>(Deal.Value, t => Assert.Equal(TradeStatus.Voided, t.Status));
}

public sealed class ExpireTradeSpec
{
    [Fact]
    public void At_its_instant_the_hold_ends() =>
        HeldUntilNow()
            .When(new ExpireTrade(Deal))
            .ThenAccepted(new TradeEvent.TradeExpired(Deal), new VoucherEvent.HoldEnded(FirstVoucher, Deal, Owner, Serials((1, 60))))
            .ThenHolds(Owner, 100, 100)
            .ThenStands<TradeState>(Deal.Value, t => Assert.Equal(TradeStatus.Expired, t.Status));

    [Fact]
    public void Not_a_moment_before()
    {
        var ledger = Held();
        ledger.Now = Until - Duration.FromMilliseconds(1);
        ledger.When(new ExpireTrade(Deal)).ThenRefused(NotOpen(TradeStatus.Registered, "ending its hold for its time"));
        ledger.When(new SettleTrade(Deal), As(Exchange)).ThenAccepted();
    }

    [Fact]
    public void What_has_ended_does_not_end_again()
    {
        Held(Done(new VoidTrade(Deal, null), As(Exchange))).When(new SettleTrade(Deal), As(Exchange)).ThenRefused(NotOpen(TradeStatus.Voided, "settling"));
        Held(Done(new SettleTrade(Deal), As(Exchange))).When(new VoidTrade(Deal, null), As(Exchange)).ThenRefused(NotOpen(TradeStatus.Settled, "voiding"));
        HeldUntilNow().When(new ExpireTrade(Deal)).ThenAccepted()
            .When(new VoidTrade(Deal, null), As(Exchange)).ThenRefused(new Refusal.HoldExpired(Deal, Until))
            .When(new ExpireTrade(Deal)).ThenRefused(NotOpen(TradeStatus.Expired, "ending its hold for its time"));
    }

    /// <summary>Settlement, voiding and expiry of one trade in every order and at every side of its end: exactly one takes effect.</summary>
    [Fact]
    public void Of_settle_void_and_expire_exactly_one_wins()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            var ledger = Held();
            Command[] racers = [new SettleTrade(Deal), new VoidTrade(Deal, null), new ExpireTrade(Deal), new SettleTrade(Deal), new ExpireTrade(Deal)];
            random.Shuffle(racers);
            ledger.Now = Until - Duration.FromSeconds(3);
            var won = new List<Command>();
            foreach (var racer in racers)
            {
                ledger.Now += Duration.FromSeconds(random.Next(0, 3));
                if (ledger.Try(racer, As(Exchange)) is Decision.Accepted)
                {
                    won.Add(racer);
                }
            }

            ledger.Now = Instant.Max(Until, ledger.Now);
            if (ledger.Try(new ExpireTrade(Deal), Registrar) is Decision.Accepted)
            {
                won.Add(new ExpireTrade(Deal));
            }

            Assert.True(won.Count == 1, $"seed {seed}: {string.Join(", ", won)}");
            var (expected, bought) = won[0] switch
            {
                SettleTrade => (TradeStatus.Settled, 60),
                VoidTrade => (TradeStatus.Voided, 0),
                _ => (TradeStatus.Expired, 0),
            };
            Assert.True(ledger.State<TradeState>(Deal.Value).Status == expected, $"seed {seed}");
            ledger.ThenHolds(Buyer, bought, bought).ThenHolds(Owner, 100 - bought, 100 - bought);
        }
    }
}
