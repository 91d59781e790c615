using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Schemes;

/// <summary>One step of an expiry run: free units whose lifetime has ended become expired, the oldest vouchers first.</summary>
/// <remarks>Units under a lock, or in an account that is frozen as a whole, stay until the lock ends; the run after that takes them.</remarks>
/// <param name="On">Units that were valid until the day before this one at the latest expire.</param>
public sealed record ExpireUnits(SchemeId Scheme, LocalDate On) : Command
{
    /// <summary>It speaks of every voucher of the scheme, more than a batch can keep up to date.</summary>
    public override bool Alone => true;

    public override void Collect(Needs needs)
    {
        needs.State(Scheme.Value);
        if (needs.Register.Knows(Scheme.Value) && needs.Register.Find<SchemeState>(Scheme.Value) is { LifetimeYears: { } years } scheme)
        {
            needs.Sweep(Ended(scheme, years));
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "An expiry run", "the registrar");
        }

        if (register.Find<SchemeState>(Scheme.Value) is not { } scheme)
        {
            return new Refusal.SchemeNotFound(Scheme);
        }

        if (scheme.LifetimeYears is not { } years)
        {
            return new Refusal.SchemeHasNoLifetime(Scheme);
        }

        if (On > context.Today)
        {
            return new Refusal.DateInFuture("date", On, context.Today);
        }

        var ended = register.Swept(Ended(scheme, years))
            .Where(p => ValidUntil(p.Voucher) < On)
            .Take(Sweep.PiecesMax)
            .GroupBy(p => (p.Voucher, p.Piece.Account), p => p.Piece.Range)
            .ToArray();
        if (ended.Length == 0)
        {
            return new Refusal.NothingExpires(Scheme, On);
        }

        // From here the expiry must succeed.
        return Decision.Accept(
            Scheme.Value,
            [.. ended.Select(e => new VoucherEvent.UnitsExpired(e.Key.Voucher, Scheme, e.Key.Account, SerialRanges.Of(e), ValidUntil(e.Key.Voucher)))]);

        LocalDate ValidUntil(VoucherId voucher) => Schemes.Scheme.ValidUntil(register.Find<VoucherState>(voucher.Value)!.MonitoringPeriod, years);
    }

    // A leap day makes this one day too late at times, never too early; the decision looks at each voucher's own day.
    private Sweep.OfScheme Ended(SchemeState scheme, int years) => new(scheme.Code, On.PlusYears(-years));
}
