using System.Reflection;

namespace CarbonLedger.Core.Tests.Log;

/// <summary>No event is forgotten: not by the codec, not by the register.</summary>
public sealed class EventCoverageSpec
{
    private static readonly Type[] Kinds = [.. typeof(LedgerEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(LedgerEvent)) && !t.IsAbstract)];

    [Fact]
    public void The_codec_knows_every_event() =>
        Assert.Equal(
            Kinds.Select(k => k.Name).Order(StringComparer.Ordinal),
            EventExamples.All.Values.Select(e => e.GetType().Name).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void There_is_one_type_name_for_each_event() => Assert.Equal(Kinds.Length, EventCodec.TypeNames.Count);

    [Fact]
    public void Type_names_are_snake_case() => Assert.All(EventCodec.TypeNames, n => Assert.Matches("^[a-z]+(_[a-z]+)*$", n));

    [Fact]
    public void Every_event_is_a_sealed_record_in_a_closed_base() =>
        Assert.All(Kinds, k =>
        {
            Assert.True(k.IsSealed && k.IsNested, k.Name);
            Assert.All(k.BaseType!.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public).Where(c => c.GetParameters().Length == 0), c => Assert.True(c.IsPrivate, k.Name));
        });

    [Fact]
    public void Every_events_stream_has_a_type() =>
        Assert.All(EventExamples.All.Values, e =>
        {
            Assert.NotEqual(Guid.Empty, e.Stream);
            Assert.Matches("^[a-z_]+$", EventCodec.StreamTypeOf(e));
        });

    /// <summary>The register applies one of each in an order in which they can happen; an event without an arm would throw.</summary>
    [Fact]
    public void The_register_applies_every_event()
    {
        var issued = (VoucherEvent.VoucherIssued)EventExamples.All["voucher_issued"];
        var units = Serials((1, 10), (21, 3_885_080));
        string[] first = ["organization_registered", "account_opened", "project_registered", "application_drafted", "application_issued", "loan_opened", "pledge_registered", "freeze_ordered", "account_frozen", "retirement_recorded"];
        LedgerEvent[] byHand =
        [
            issued,
            new VoucherEvent.UnitsTransferred(FirstVoucher, null, Deal, Owner, Buyer, units, null),
            new VoucherEvent.UnitsPledged(FirstVoucher, Lien, Buyer, units),
            new VoucherEvent.UnitsReleased(FirstVoucher, Lien, Buyer, units),
            new VoucherEvent.UnitsHeld(FirstVoucher, Deal, Buyer, units),
            new VoucherEvent.UnitsFrozen(FirstVoucher, Stop, Buyer, units),
            new VoucherEvent.UnitsUnfrozen(FirstVoucher, Stop, Buyer, units),
            new VoucherEvent.HoldEnded(FirstVoucher, Deal, Buyer, units),
            new VoucherEvent.UnitsHeld(FirstVoucher, Deal, Buyer, units),
            new VoucherEvent.UnitsDelivered(FirstVoucher, Deal, Buyer, Owner, units),
            new VoucherEvent.UnitsTransferred(FirstVoucher, null, Deal, Owner, Buyer, units, null),
            new VoucherEvent.UnitsRetired(FirstVoucher, Use, Buyer, Serials((1, 5))),
            new VoucherEvent.UnitsCancelled(FirstVoucher, Removal, Buyer, Serials((6, 10))),
            new VoucherEvent.UnitsExpired(FirstVoucher, Bonus, Buyer, Serials((21, 30)), Today),
            new VoucherEvent.VoucherRevoked(FirstVoucher, "forged", new Paper("D-3", null)),
        ];
        LedgerEvent[] facts =
        [
            .. first.Select(n => EventExamples.All[n]),
            .. byHand,
            .. EventExamples.All.Where(e => !first.Contains(e.Key) && !e.Key.Contains('.')).Select(e => e.Value).Where(e => e is not VoucherEvent && e is not LoanEvent.LoanRepaid),
            new LoanEvent.LoanRepaid(Debt, Today, Money.Zero, Yuan(1)),
        ];
        var register = new Register { Complete = true };
        Assert.All(facts, register.Apply);
        Assert.Equal(Kinds.Length, facts.Select(f => f.GetType()).Distinct().Count());
    }

    [Fact]
    public void An_event_that_no_noun_knows_stops_the_program() =>
        Assert.Throws<InvalidOperationException>(() => new Register { Complete = true }.Apply(new Unheard()));

    private sealed record Unheard : LedgerEvent
    {
        public override Guid Stream => Guid.Empty;
    }
}
