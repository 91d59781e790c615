using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Server.Http;

/// <summary>Consecutive serials, both ends inclusive.</summary>
public sealed record RangeWire
{
    /// <summary>The first serial, from 1.</summary>
    /// <example>1</example>
    [Range(1, SerialRange.SerialMax)]
    public required long First { get; init; }

    /// <summary>The last serial, inclusive.</summary>
    /// <example>1000</example>
    [Range(1, SerialRange.SerialMax)]
    public required long Last { get; init; }
}

/// <summary>First and last day, both inclusive, in the calendar of Asia/Shanghai.</summary>
public sealed record PeriodWire
{
    /// <summary>The first day.</summary>
    /// <example>2020-01-01</example>
    public required LocalDate First { get; init; }

    /// <summary>The last day, not before the first.</summary>
    /// <example>2020-12-31</example>
    public required LocalDate Last { get; init; }
}

/// <summary>Units of one voucher: a quantity, which takes the lowest free serials, or exact ranges.</summary>
public record LineWire
{
    /// <summary>The voucher.</summary>
    /// <example>0198f2c0-0000-7000-8000-000000000001</example>
    public required VoucherId VoucherId { get; init; }

    /// <summary>Whole kilograms of CO₂ equivalent, above 0. May be left out when ranges are given; otherwise it must equal their sum.</summary>
    /// <example>1000</example>
    [Range(1, SerialRange.SerialMax)]
    public long? Kilograms { get; init; }

    /// <summary>Exact serial ranges, disjoint, at most 100.</summary>
    public IReadOnlyList<RangeWire>? Ranges { get; init; }
}

/// <summary>Units of one voucher as they were moved, pledged, released or retired.</summary>
public sealed record UnitsWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>Kilograms of CO₂ equivalent; always the sum of the ranges.</summary>
    /// <example>1000</example>
    [Range(1, SerialRange.SerialMax)]
    public required long Kilograms { get; init; }

    /// <summary>The serial ranges, ascending and disjoint.</summary>
    public required IReadOnlyList<RangeWire> Ranges { get; init; }

    public static UnitsWire Of(VoucherId voucher, SerialRanges serials) =>
        new() { VoucherId = voucher, Kilograms = serials.Kilograms.Value, Ranges = RangesOf(serials) };

    public static IReadOnlyList<RangeWire> RangesOf(SerialRanges serials) => [.. serials.Select(r => new RangeWire { First = r.First, Last = r.Last })];
}

/// <summary>Why, in the words of whoever acts; kept with the event.</summary>
public sealed record ReasonWire
{
    /// <summary>The reason or legal basis, at most 1,000 characters.</summary>
    /// <example>Parcel map attached</example>
    public string? Reason { get; init; }
}

/// <summary>A command was accepted and is durable.</summary>
public sealed record AcceptedWire
{
    /// <summary>The id of what was made or changed.</summary>
    public required Guid Id { get; init; }

    /// <summary>The log position (<c>seq_id</c>) of the command's last event.</summary>
    /// <example>42</example>
    public required long LogIndex { get; init; }

    /// <summary>The state after it: when a trade is registered, settled or voided; a pledge registered, noticed as in default or voided; a freeze ordered or lifted; and when a claim's state changed. Else it is absent.</summary>
    public string? Status { get; init; }

    /// <summary>The units it took hold of, with their serial ranges.</summary>
    public IReadOnlyList<UnitsWire>? Lines { get; init; }

    /// <summary>The units that came free in exchange, where a substitution brought others.</summary>
    public IReadOnlyList<UnitsWire>? Released { get; init; }

    /// <summary>All pledges of a registration with several lenders of equal rank.</summary>
    public IReadOnlyList<PledgeId>? PledgeIds { get; init; }

    /// <summary>The amount in CNY, where money changed hands.</summary>
    /// <example>503280.00</example>
    public Money? Amount { get; init; }

    /// <summary>The emissions of an inventory in whole kilograms, rounded up once.</summary>
    /// <example>1088744</example>
    public long? Emissions { get; init; }

    public static byte[] Render(Guid id, IReadOnlyList<RecordedEvent> events) =>
        Bytes(new AcceptedWire { Id = id, LogIndex = events[^1].LogIndex });

    public static byte[] RenderUnits(Guid id, IReadOnlyList<RecordedEvent> events) =>
        Bytes(new AcceptedWire { Id = id, LogIndex = events[^1].LogIndex, Lines = LinesOf(events) });

    public static IReadOnlyList<UnitsWire> LinesOf(IReadOnlyList<RecordedEvent> events) =>
        [.. events.Select(e => e.Fact).OfType<VoucherEvent>().Where(e => e is not VoucherEvent.VoucherRevoked).Select(e => UnitsWire.Of(e.Voucher, SerialsOf(e)))];

    public static byte[] Bytes(AcceptedWire wire) => JsonSerializer.SerializeToUtf8Bytes(wire, WireJson.Default.AcceptedWire);

    public static SerialRanges SerialsOf(VoucherEvent fact) => fact switch
    {
        VoucherEvent.VoucherIssued e => SerialRanges.Of(SerialRange.Inclusive(1, e.Kilograms.Value)),
        VoucherEvent.UnitsTransferred e => e.Serials,
        VoucherEvent.UnitsPledged e => e.Serials,
        VoucherEvent.UnitsReleased e => e.Serials,
        VoucherEvent.UnitsHeld e => e.Serials,
        VoucherEvent.HoldEnded e => e.Serials,
        VoucherEvent.UnitsDelivered e => e.Serials,
        VoucherEvent.UnitsFrozen e => e.Serials,
        VoucherEvent.UnitsUnfrozen e => e.Serials,
        VoucherEvent.UnitsRetired e => e.Serials,
        VoucherEvent.UnitsCancelled e => e.Serials,
        VoucherEvent.UnitsExpired e => e.Serials,
        _ => throw new InvalidOperationException($"No serials in {fact.GetType().Name}."),
    };
}
