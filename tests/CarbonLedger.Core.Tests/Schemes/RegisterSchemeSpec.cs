using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Schemes;

/// <summary>A scheme's rules, and what its buffer does to an issuance.</summary>
public sealed class RegisterSchemeSpec
{
    [Fact]
    public void A_scheme_with_a_buffer_designates_the_account() =>
        Given()
            .When(Enter(share: 0.1m, years: 10))
            .ThenAccepted(
                new SchemeEvent.SchemeRegistered(Bonus, "SLCT", "scheme", new SchemeBuffer(0.1m, Other), 10),
                new AccountEvent.BufferDesignated(Other, Bonus))
            .ThenStands<AccountState>(Other.Value, a => Assert.Equal(Bonus, a.BufferOf));

    [Fact]
    public void A_scheme_needs_neither_buffer_nor_lifetime() =>
        Given().When(Enter()).ThenAccepted(new SchemeEvent.SchemeRegistered(Bonus, "SLCT", "scheme", null, null));

    [Fact]
    public void The_buffers_share_of_an_issuance_is_rounded_up_and_has_the_highest_serials()
    {
        var ledger = Given(Done(Enter(share: 0.1m)), Filed(1, kilograms: 101)).When(new IssueVoucher(Form(1), FirstVoucher, Owner, null));
        ledger.ThenAccepted(at =>
            [
                new VoucherEvent.VoucherIssued(
                    FirstVoucher, Form(1), Woods, new SerialPrefix("620171", "SLCT", 1, 2020, 1), Kg(101), Year(2020), [.. Parcels.Select(p => p.Code)], Owner, null),
                new VoucherEvent.UnitsTransferred(FirstVoucher, TransferId.At(at + 1, FirstVoucher), null, Owner, Other, Serials((91, 101)), "Buffer of scheme SLCT"),
                new ApplicationEvent.ApplicationIssued(Form(1), FirstVoucher),
            ])
            .ThenHolds(Owner, 90, 90)
            .ThenHolds(Other, 11, 11);
    }

    [Theory]
    [InlineData(1, 0.0001, 1)]
    [InlineData(10, 0.1, 1)]
    [InlineData(11, 0.1, 2)]
    [InlineData(3_885_080, 0.125, 485_635)]
    [InlineData(9_999_999_999, 0.9999, 9_999_000_000)]
    public void A_share_is_never_less_than_the_scheme_says(long issued, double share, long set) =>
        Assert.Equal(Kg(set), new SchemeBuffer((decimal)share, Other).Of(Kg(issued)));

    [Fact]
    public void An_issuance_into_the_buffer_itself_moves_nothing() =>
        Given(Done(Enter(share: 0.1m)), Issued(100, to: Other)).ThenHolds(Other, 100, 100);

    [Fact]
    public void A_scheme_that_is_not_registered_keeps_no_buffer() => Given(Done(Enter("OTHER", 0.5m)), Issued(100)).ThenHolds(Owner, 100, 100);

    [Fact]
    public void The_share_goes_to_the_buffer_even_where_the_holders_account_is_frozen() =>
        Given(Done(Enter(share: 0.1m)), Done(FreezeAccount(Owner)), Issued(100)).ThenHolds(Owner, 90, 90).ThenHolds(Other, 10, 10);

    [Fact]
    public void What_stands_in_a_buffer_neither_moves_nor_is_pledged_retired_or_sold()
    {
        var ledger = Given(Done(Enter(share: 0.1m)), Issued(100));
        Command[] takings =
        [
            Transfer(Other, Buyer, All(1)), Retire(Other, All(1)), Encumber(Other, Bank, null, All(1)), Sell(Other, Buyer, All(1)), new CloseAccount(Other, null),
        ];
        Assert.All(takings, taking => ledger.When(taking).ThenRefused(new Refusal.BufferAccount(Other, Bonus)));
    }

    [Fact]
    public void A_scheme_is_registered_once_by_the_registrar()
    {
        Given(Done(Enter())).When(Enter(years: 5)).ThenRefused(new Refusal.SchemeRegistered(Bonus));
        Given().When(Enter(), As(Forest)).ThenRefused(new Refusal.NotAuthorized(As(Forest), "Registering a scheme", "the registrar"));
    }

    [Fact]
    public void A_buffer_account_is_open_and_keeps_one_buffer()
    {
        Given().When(Enter(share: 0.1m, buffer: NoAccount)).ThenRefused(new Refusal.AccountNotFound(NoAccount));
        Given(Closed(Buyer)).When(Enter(share: 0.1m, buffer: Buyer)).ThenRefused(new Refusal.AccountClosed(Buyer));
        Given(Done(Enter("OTHER", 0.1m))).When(Enter(share: 0.1m)).ThenRefused(new Refusal.BufferAccount(Other, SchemeId.Of("OTHER")));
    }

    [Fact]
    public void A_buffer_begins_empty_so_that_nobody_is_barred_from_what_it_holds()
    {
        Given(Issued(100, to: Other)).When(Enter(share: 0.1m)).ThenRefused(new Refusal.AccountNotEmpty(Other));
        Given(Issued(100, to: Other), Done(Encumber(Other, Bank, null, All(100)))).When(Enter(share: 0.1m)).ThenRefused(new Refusal.AccountNotEmpty(Other));
        Given(Issued(100, to: Other), Retired(Other, All(100))).When(Enter(share: 0.1m)).ThenAccepted();
        Trades.DeferredTrades.Held().When(Enter(share: 0.1m, buffer: Buyer)).ThenRefused(new Refusal.AccountAwaitsDelivery(Buyer));
        Assert.True(Enter(share: 0.1m).Alone && !Enter().Alone);
    }

    [Fact]
    public void A_schemes_id_is_its_short_name_and_leads_back_to_it()
    {
        Assert.All(["AB", "SLCT", "A1B2C3", "ABCDEFG", "ABCDEFGHIJKL"], code => Assert.Equal(code, SchemeId.Of(code).Code));
        Assert.Equal(5, new[] { "AB", "ABC", "BA", "AB0", "A0B" }.Select(SchemeId.Of).Distinct().Count());
        Assert.Null(new SchemeId(Id(1, 1)).Code);
        Assert.Null(default(SchemeId).Code);
        Assert.Throws<ArgumentException>(() => SchemeId.Of("slct"));
    }
}
