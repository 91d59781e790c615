using CarbonLedger.Core.Tests.Log;

namespace CarbonLedger.Core.Tests.Vouchers;

/// <summary>What an account's statement makes of each event on units.</summary>
public sealed class AccountEntrySpec
{
    private static readonly IReadOnlyList<VoucherEvent> Examples = [.. EventExamples.All.Values.OfType<VoucherEvent>().Where(e => e is not VoucherEvent.VoucherRevoked)];

    [Fact]
    public void A_revocation_is_an_entry_of_nobody_until_units_are_cancelled() =>
        Assert.All(new[] { Owner, Buyer }, account => Assert.Null(AccountEntry.Of((VoucherEvent)EventExamples.All["voucher_revoked"], account)));

    [Fact]
    public void Every_event_on_units_is_an_entry_of_some_account_and_of_no_stranger() => Assert.All(Examples, fact =>
    {
        Assert.Contains(new[] { Owner, Buyer }, account => AccountEntry.Of(fact, account) is not null);
        Assert.Null(AccountEntry.Of(fact, new AccountId(Id(0xFF, 1))));
    });

    [Fact]
    public void A_transfer_is_two_entries_that_cancel_out()
    {
        foreach (var fact in Examples.OfType<VoucherEvent.UnitsTransferred>())
        {
            var (gave, got) = (AccountEntry.Of(fact, Owner)!, AccountEntry.Of(fact, Buyer)!);
            Assert.Equal((-1, 1), (gave.Sign, got.Sign));
            Assert.Equal((Buyer, Owner), (gave.Counterparty, got.Counterparty));
            Assert.Equal(
                fact.Enforcement is not null ? ("enforcedOut", "enforcedIn") : fact.Trade is null ? ("transferredOut", "transferredIn") : ("sold", "bought"),
                (gave.What, got.What));
            Assert.Equal(fact.Enforcement, got.Pledge);
        }
    }

    [Fact]
    public void An_entry_names_its_cause() => Assert.All(
        Examples.Where(f => f is not (VoucherEvent.VoucherIssued or VoucherEvent.UnitsTransferred { Trade: null, Enforcement: null } or VoucherEvent.UnitsCancelled { Cancellation: null } or VoucherEvent.UnitsExpired)),
        fact => Assert.NotNull((AccountEntry.Of(fact, Buyer) ?? AccountEntry.Of(fact, Owner))!.Cause));
}
