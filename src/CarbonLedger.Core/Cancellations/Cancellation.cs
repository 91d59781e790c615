using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Cancellations;

/// <summary>Why units are removed without a claim.</summary>
public enum CancellationReason
{
    /// <summary>They should never have been registered as they were.</summary>
    ErrorCorrection,

    /// <summary>More was issued than was removed from the air.</summary>
    OverIssuance,

    /// <summary>The removal was undone: fire, storm, felling.</summary>
    Reversal,

    /// <summary>They go on in another register.</summary>
    Exported,

    /// <summary>A court ordered it.</summary>
    CourtOrder,

    /// <summary>Their validity ended by a rule that the register does not compute.</summary>
    Expiry,
}

/// <summary>A paper that an act rests on.</summary>
/// <param name="Sha256">SHA-256 of the file, in hexadecimal.</param>
public sealed record Paper(string Number, string? Sha256);

/// <summary>Where exported units go on.</summary>
/// <param name="Reference">What the other register calls them.</param>
public sealed record Destination(string Register, string Reference);

/// <summary>What a cancellation rests on; which of these it needs hangs on its reason.</summary>
/// <param name="EventDate">The day of the fire or whatever else undid the removal.</param>
public sealed record CancellationGrounds(string? Explanation, Paper? Document, LocalDate? EventDate, Destination? Destination);

/// <summary>Kilograms of one voucher that a reversal struck and a buffer made good.</summary>
/// <param name="Serials">Which of them, where that is known.</param>
public sealed record StruckUnits(VoucherId Voucher, Kilograms Kilograms, SerialRanges? Serials);

public abstract record CancellationEvent : LedgerEvent
{
    private CancellationEvent() { }

    /// <summary>Units were removed for ever, without a claim.</summary>
    /// <param name="Account">The account that held them; the buffer account where a reversal is compensated.</param>
    /// <param name="CompensatedFor">What the reversal struck, where buffer units were cancelled instead.</param>
    public sealed record CancellationRecorded(
        CancellationId Cancellation,
        AccountId Account,
        IReadOnlyList<VoucherSerials> Units,
        CancellationReason Reason,
        string? Explanation,
        Paper? Document,
        LocalDate? EventDate,
        Destination? Destination,
        IReadOnlyList<StruckUnits>? CompensatedFor) : CancellationEvent
    {
        public override Guid Stream => Cancellation.Value;
    }
}

/// <summary>That there is such a cancellation: what a list goes by. The log has the rest.</summary>
public sealed record CancellationState(CancellationId Cancellation, CancellationReason Reason) : State
{
    public override Guid Id => Cancellation.Value;
}

public static class Cancellation
{
    public static CancellationState Evolve(CancellationEvent fact) => fact switch
    {
        CancellationEvent.CancellationRecorded e => new CancellationState(e.Cancellation, e.Reason),
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <summary>Why these grounds do not carry this reason; null when they do.</summary>
    internal static Refusal? CannotRestOn(CancellationReason reason, CancellationGrounds grounds, LocalDate today)
    {
        var missing = reason switch
        {
            CancellationReason.ErrorCorrection or CancellationReason.OverIssuance => grounds.Explanation is null ? "needs an explanation" : null,
            CancellationReason.Reversal => grounds.EventDate is null ? "needs the eventDate" : grounds.Document is null ? "needs a document" : null,
            CancellationReason.Exported => grounds.Destination is null ? "needs the destination: the other register and its reference" : null,
            CancellationReason.CourtOrder => grounds.Document is null ? "needs the court's document" : null,
            CancellationReason.Expiry => grounds.Document is null ? "needs the document with the rule" : null,
        };
        missing ??= grounds.EventDate is not null && reason != CancellationReason.Reversal ? "has no eventDate" : null;
        missing ??= grounds.Destination is not null && reason != CancellationReason.Exported ? "has no destination" : null;
        if (missing is not null)
        {
            return new Refusal.CancellationGrounds(reason, missing);
        }

        return grounds.EventDate > today ? new Refusal.DateInFuture("eventDate", grounds.EventDate.Value, today) : null;
    }

    internal static CancellationEvent.CancellationRecorded Record(
        CancellationId id, AccountId account, IReadOnlyList<VoucherSerials> units, CancellationReason reason, CancellationGrounds grounds, IReadOnlyList<StruckUnits>? compensatedFor) =>
        new(id, account, units, reason, grounds.Explanation, grounds.Document, grounds.EventDate, grounds.Destination, compensatedFor);
}
