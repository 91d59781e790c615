using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Trades;

public sealed class RegisterTradeSpec
{
    [Fact]
    public void An_immediate_trade_moves_the_units_at_once() =>
        Given(Issued(100))
            .When(Sell(Owner, Buyer, All(40)), As(Exchange))
            .ThenAccepted(
                new TradeEvent.TradeSettled(
                    Deal, Exchange, "T-1", Owner, Buyer, [new(FirstVoucher, Serials((1, 40)), Price(41.94m), Yuan(1.68m))], Yuan(1.68m), Noon(Today)),
                new VoucherEvent.UnitsTransferred(FirstVoucher, null, Deal, Owner, Buyer, Serials((1, 40)), null))
            .ThenHolds(Owner, 60, 60)
            .ThenHolds(Buyer, 40, 40);

    [Fact]
    public void Each_line_is_rounded_by_itself_half_away_from_zero()
    {
        // 5 kg at 1 CNY/t are 0.005 CNY: two such lines make 0.02, while their sum, 0.010, would make 0.01.
        var trade = Sell(Owner, Buyer, All(5), All(5, SecondVoucher)) with { Prices = [Price(1m), Price(1m)] };
        var ledger = Given(Issued(100), Issued(100, voucher: SecondVoucher)).When(trade, As(Exchange)).ThenAccepted();

        var settled = ledger.Log.Select(e => e.Fact).OfType<TradeEvent.TradeSettled>().Single();
        Assert.Equal([Yuan(0.01m), Yuan(0.01m)], settled.Lines.Select(l => l.Amount));
        Assert.Equal(Yuan(0.02m), settled.Amount);
    }

    [Fact]
    public void Each_line_has_its_own_price()
    {
        var trade = Sell(Owner, Buyer, All(1000, SecondVoucher), All(2000)) with { Prices = [Price(10m), Price(7.5001m)] };
        var ledger = Given(Issued(2000), Issued(1000, voucher: SecondVoucher)).When(trade, As(Exchange)).ThenAccepted();

        var settled = ledger.Log.Select(e => e.Fact).OfType<TradeEvent.TradeSettled>().Single();
        Assert.Equal([(SecondVoucher, Yuan(10m)), (FirstVoucher, Yuan(15m))], settled.Lines.Select(l => (l.Voucher, l.Amount)));
    }

    [Fact]
    public void The_registrar_may_register_it() => Given(Issued(100)).When(Sell(Owner, Buyer, All(1))).ThenAccepted();

    [Fact]
    public void The_seller_cannot_register_it() =>
        Given(Issued(100))
            .When(Sell(Owner, Buyer, All(1)), As(Forest))
            .ThenRefused(new Refusal.NotAuthorized(As(Forest), "Registering a trade", "its venue"));

    [Fact]
    public void The_venue_exists() =>
        Given(Issued(100)).When(Sell(Owner, Buyer, All(1)) with { Venue = NoOrganization }).ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void The_venue_is_an_exchange() =>
        Given(Issued(100)).When(Sell(Owner, Buyer, All(1)) with { Venue = Bank }, As(Bank)).ThenRefused(new Refusal.OrganizationLacksRole(Bank, Role.Exchange));

    [Fact]
    public void Nobody_buys_from_himself() =>
        Given(Issued(100)).When(Sell(Owner, Owner, All(1)), As(Exchange)).ThenRefused(new Refusal.SameAccount(Owner));

    [Fact]
    public void The_sellers_account_exists() =>
        Given(Issued(100)).When(Sell(NoAccount, Buyer, All(1)), As(Exchange)).ThenRefused(new Refusal.AccountNotFound(NoAccount));

    [Fact]
    public void The_buyers_account_exists() =>
        Given(Issued(100)).When(Sell(Owner, NoAccount, All(1)), As(Exchange)).ThenRefused(new Refusal.AccountNotFound(NoAccount));

    [Fact]
    public void A_closed_account_sells_nothing() =>
        Given(Issued(100), Closed(Buyer)).When(Sell(Buyer, Owner, All(1)), As(Exchange)).ThenRefused(new Refusal.AccountClosed(Buyer));

    [Fact]
    public void A_closed_account_buys_nothing() =>
        Given(Issued(100), Closed(Buyer)).When(Sell(Owner, Buyer, All(1)), As(Exchange)).ThenRefused(new Refusal.AccountClosed(Buyer));

    [Fact]
    public void A_trade_is_registered_after_it_was_made() =>
        Given(Issued(100))
            .When(Sell(Owner, Buyer, All(1)) with { TradedAt = Noon(Today).PlusNanoseconds(1000) }, As(Exchange))
            .ThenRefused(new Refusal.DateInFuture("The trade time's date", Today, Today));

    [Fact]
    public void A_time_later_today_is_not_said_to_lie_after_today() =>
        Assert.Equal("The trade time's date 2021-11-20 is today in Asia/Shanghai, but the time has not come yet.", new Refusal.DateInFuture("The trade time's date", new LocalDate(2021, 11, 20), new LocalDate(2021, 11, 20)).Detail);

    [Fact]
    public void A_trade_of_the_last_instant_is_refused_like_any_other_of_the_future() =>
        Given(Issued(100))
            .When(Sell(Owner, Buyer, All(1)) with { TradedAt = Instant.MaxValue }, As(Exchange))
            .ThenRefused(new Refusal.DateInFuture("The trade time's date", LocalDate.MaxIsoValue, Today));

    [Fact]
    public void A_line_is_worth_no_more_than_an_amount_can_be() =>
        Given(Issued(SerialRange.SerialMax))
            .When(Sell(Owner, Buyer, All(SerialRange.SerialMax)) with { Prices = [Price(999_999.9999m)] }, As(Exchange))
            .ThenRefused(new Refusal.AmountTooGreat("The trade's amount"));

    [Fact]
    public void The_lines_of_a_trade_are_worth_no_more_than_an_amount_can_be_together()
    {
        // A million tonnes make 999,999,999,900.00 CNY; 99.99 CNY are left to the greatest amount, a fen for each kilogram.
        static RegisterTrade Sold(long more) => Sell(Owner, Buyer, All(1_000_000_000), All(more, SecondVoucher)) with { Prices = [Price(999_999.9999m), Price(10m)] };
        var ledger = Given(Issued(1_000_000_000), Issued(10_000, voucher: SecondVoucher))
            .When(Sold(10_000), As(Exchange))
            .ThenRefused(new Refusal.AmountTooGreat("The trade's amount"))
            .When(Sold(9_999), As(Exchange))
            .ThenAccepted();

        Assert.Equal(Yuan(Money.AmountMax), ledger.Log.Select(e => e.Fact).OfType<TradeEvent.TradeSettled>().Single().Amount);
    }

    [Fact]
    public void The_refusal_of_an_amount_names_the_limit() =>
        Assert.StartsWith("The trade's amount would be more than 999,999,999,999.99 CNY", new Refusal.AmountTooGreat("The trade's amount").Detail);

    [Fact]
    public void A_venue_gives_a_trade_number_once() =>
        Given(Issued(100), Done(Sell(Owner, Buyer, All(1))))
            .When(Sell(Owner, Buyer, All(1)) with { Trade = new TradeId(Id(0x70, 2)) }, As(Exchange))
            .ThenRefused(new Refusal.TradeNumberTaken(Exchange, "T-1"));

    [Fact]
    public void A_venues_other_number_is_another_trade() =>
        Given(Issued(100), Done(Sell(Owner, Buyer, All(1))))
            .When(Sell(Owner, Buyer, All(1)) with { Trade = new TradeId(Id(0x70, 2)), VenueTradeNumber = "T-2" }, As(Exchange))
            .ThenAccepted();

    [Fact]
    public void Another_venue_may_use_the_same_number() =>
        Given(Issued(100), Done(Sell(Owner, Buyer, All(1))), Done(new RegisterOrganization(Organization(50), "another venue", null, [Role.Exchange])))
            .When(Sell(Owner, Buyer, All(1)) with { Trade = new TradeId(Id(0x70, 2)), Venue = Organization(50) }, As(Organization(50)))
            .ThenAccepted();

    [Fact]
    public void Nobody_sells_more_than_he_owns() =>
        Given(Issued(100)).When(Sell(Owner, Buyer, All(101)), As(Exchange)).ThenRefused(new Refusal.InsufficientUnits(FirstVoucher, Kg(101), Kg(100)));

    [Fact]
    public void Pledged_units_are_not_sold() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Sell(Owner, Buyer, All(100)), As(Exchange))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(100), Kg(40), Lien));

    [Fact]
    public void Retired_units_are_not_sold() =>
        Given(Issued(100), Retired(Owner, Named(1, 1)))
            .When(Sell(Owner, Buyer, Named(1, 1)), As(Exchange))
            .ThenRefused(new Refusal.UnitsNotHeld(FirstVoucher, Owner, Range(1, 1)));

    [Fact]
    public void Serials_end_with_the_voucher() =>
        Given(Issued(100))
            .When(Sell(Owner, Buyer, Named(1, 200)), As(Exchange))
            .ThenRefused(new Refusal.SerialsBeyondVoucher(FirstVoucher, Range(1, 200), Kg(100)));

    [Fact]
    public void The_voucher_exists() => Given().When(Sell(Owner, Buyer, All(1)), As(Exchange)).ThenRefused(new Refusal.VoucherNotFound(FirstVoucher));

    [Fact]
    public void A_voucher_stands_in_one_line_only() =>
        Given(Issued(100)).When(Sell(Owner, Buyer, All(1), All(1)), As(Exchange)).ThenRefused(new Refusal.DuplicateVoucherLine(FirstVoucher));

    [Fact]
    public void A_taken_number_is_told_before_missing_units() =>
        Given(Issued(100), Done(Sell(Owner, Buyer, All(1))))
            .When(Sell(Owner, Buyer, All(101)), As(Exchange))
            .ThenRefused(new Refusal.TradeNumberTaken(Exchange, "T-1"));

    [Fact]
    public void A_refused_trade_gives_no_number_away() =>
        Given(Issued(100))
            .When(Sell(Owner, Buyer, All(101)), As(Exchange))
            .When(Sell(Owner, Buyer, All(100)), As(Exchange))
            .ThenAccepted();

    [Fact]
    public void A_trade_over_several_vouchers_happens_whole_or_not_at_all() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher))
            .When(Sell(Owner, Buyer, All(100), All(51, SecondVoucher)), As(Exchange))
            .ThenRefused(new Refusal.InsufficientUnits(SecondVoucher, Kg(51), Kg(50)))
            .ThenHolds(Buyer, 0, 0);
}
