using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Pledges;

/// <summary>
/// <c>reserved → registered → partiallyReleased → released</c>, or <c>registered → defaultNotified → enforcing → enforced</c>;
/// <c>expired</c> from reserved only; <c>voided</c> by a court's order.
/// </summary>
public enum PledgeStatus
{
    Registered,
    PartiallyReleased,
    Released,
    Reserved,
    Expired,
    DefaultNotified,
    Enforcing,
    Enforced,
    Voided,
}

/// <summary>How a pledge stands beside others (P2).</summary>
public enum PledgeMode
{
    /// <summary>Alone: no other pledge lies on its units.</summary>
    Exclusive,

    /// <summary>Behind earlier ranked pledges, and before later ones.</summary>
    Ranked,
}

/// <summary>What of a debt a pledge secures (Civil Code art. 389).</summary>
public enum SecuredPart
{
    Principal,
    Interest,
    Penalty,
    Costs,
}

/// <summary>What the units were worth when they were pledged.</summary>
/// <param name="Source">Where the price comes from, such as a venue's trade.</param>
public sealed record Valuation(PricePerTonne PricePerTonne, string Source, LocalDate Date);

/// <summary>What a pledge contract says besides (Civil Code art. 427).</summary>
/// <param name="Debtor">Who owes; null when it is the pledgor.</param>
/// <param name="ClaimKind">The kind of the secured claim, such as a working-capital loan.</param>
/// <param name="Scope">What of the debt is secured; null for all of it.</param>
/// <param name="DocumentSha256s">SHA-256 of the contract and its annexes.</param>
public sealed record PledgeContract(OrganizationId? Debtor, string? ClaimKind, IReadOnlyList<SecuredPart>? Scope, IReadOnlyList<string>? DocumentSha256s);

/// <summary>Why units left a pledge (P1).</summary>
public enum ReleaseReason
{
    Repaid,
    Waived,
    Substituted,
    Enforced,
}

public abstract record PledgeEvent : LedgerEvent
{
    private PledgeEvent() { }

    public abstract PledgeId Pledge { get; init; }
    public override Guid Stream => Pledge.Value;

    /// <summary>A lien of a named lender came into force on exact serials (Civil Code art. 427).</summary>
    /// <param name="FilingNumber">The 中登网 filing number.</param>
    /// <param name="Mode">Absent for an exclusive pledge.</param>
    /// <param name="EqualRankWith">The first of the pledges that were registered in one command with equal rank.</param>
    /// <param name="ReservedUntil">Given when the lien is only reserved, until this instant, for the registration to follow.</param>
    public sealed record PledgeRegistered(
        PledgeId Pledge,
        AccountId Pledgor,
        OrganizationId Pledgee,
        IReadOnlyList<VoucherSerials> Units,
        Money SecuredAmount,
        string ContractNumber,
        string? FilingNumber,
        DatePeriod Term,
        Valuation Valuation,
        PledgeMode? Mode = null,
        PledgeId? EqualRankWith = null,
        Instant? ReservedUntil = null,
        PledgeContract? Contract = null) : PledgeEvent;

    /// <summary>A reserved pledge was registered; its rank is that of the reservation.</summary>
    public sealed record ReservationRegistered(PledgeId Pledge, string? FilingNumber) : PledgeEvent;

    /// <summary>Nobody registered the reserved pledge in time, and its units came free.</summary>
    public sealed record ReservationExpired(PledgeId Pledge) : PledgeEvent;

    /// <summary>The pledgee gave up its lien on some or all of the units, or another's enforcement ended it.</summary>
    /// <param name="Paid">What the pledgee got out of another's enforcement.</param>
    /// <param name="ToPrincipal">How much of that was principal; absent when all of it was, or no loan is recorded.</param>
    public sealed record PledgeReleased(
        PledgeId Pledge, IReadOnlyList<VoucherSerials> Units, ReleaseReason Reason, Money? Paid = null, Money? ToPrincipal = null) : PledgeEvent;

    /// <summary>Other units took the place of some or all.</summary>
    public sealed record PledgeSubstituted(PledgeId Pledge, IReadOnlyList<VoucherSerials> In, IReadOnlyList<VoucherSerials> Out, string? Reason) : PledgeEvent;

    /// <summary>The pledge became the security of a loan.</summary>
    public sealed record PledgeSecuredLoan(PledgeId Pledge, LoanId Loan) : PledgeEvent;

    /// <summary>The pledgee told debtor and pledgor of the default; enforcement may follow.</summary>
    public sealed record DefaultNotified(PledgeId Pledge, LocalDate Date, string Reason) : PledgeEvent;

    /// <summary>Pledged units were sold and the proceeds distributed (P3).</summary>
    /// <param name="Units">What was sold, under whatever pledges it lay.</param>
    /// <param name="Reference">The published price that a sale to the lender was held against.</param>
    /// <param name="Proceeds">price × tonnes of each voucher, rounded to the fen.</param>
    /// <param name="Costs">Paid first, out of the proceeds.</param>
    /// <param name="Distribution">Who got what, in the order of rank.</param>
    /// <param name="Surplus">What went to the pledgor.</param>
    public sealed record PledgeEnforced(
        PledgeId Pledge,
        IReadOnlyList<VoucherSerials> Units,
        EnforcementMethod Method,
        AccountId Buyer,
        PricePerTonne PricePerTonne,
        MarketPrice? Reference,
        Money Proceeds,
        Money Costs,
        IReadOnlyList<Payout> Distribution,
        Money Surplus,
        string? Reason) : PledgeEvent;

    /// <summary>A court's order ended the pledge.</summary>
    public sealed record PledgeVoided(PledgeId Pledge, string Authority, string DocumentNumber, string? Reason) : PledgeEvent;
}

/// <param name="Units">What is under the pledge now.</param>
/// <param name="Loan">The loan it secures, when there is one.</param>
/// <param name="Mode">Null for an exclusive pledge.</param>
/// <param name="Recovered">What the pledgee got out of enforcements.</param>
/// <param name="RecoveredPrincipal">How much of that was principal; null when all of it was, or no loan is recorded.</param>
public sealed record PledgeState(
    PledgeId Pledge,
    AccountId Pledgor,
    OrganizationId Pledgee,
    IReadOnlyList<VoucherSerials> Units,
    Money SecuredAmount,
    string ContractNumber,
    string? FilingNumber,
    DatePeriod Term,
    Valuation Valuation,
    PledgeStatus Status,
    LoanId? Loan,
    PledgeMode? Mode = null,
    PledgeId? EqualRankWith = null,
    Instant? ReservedUntil = null,
    PledgeContract? Contract = null,
    LocalDate? DefaultNotifiedOn = null,
    Money? Recovered = null,
    Money? RecoveredPrincipal = null) : State
{
    public override Guid Id => Pledge.Value;

    public override Instant? DueAt => Status == PledgeStatus.Reserved ? ReservedUntil : null;

    public override bool IsAtRest => !IsInForce;

    public Kilograms Kilograms => Units.Aggregate(Kilograms.Zero, (sum, u) => sum + u.Serials.Kilograms);

    /// <summary>True while the lien lies on its units.</summary>
    public bool IsInForce => Status is PledgeStatus.Registered or PledgeStatus.PartiallyReleased or PledgeStatus.DefaultNotified or PledgeStatus.Enforcing or PledgeStatus.Reserved;

    /// <summary>True once a reservation's time is over, whether or not its end is recorded.</summary>
    public bool HasLapsed(Instant now) => Status == PledgeStatus.Expired || DueAt <= now;

    /// <summary>True when it may become the security of a loan.</summary>
    public bool CanSecure => Status is PledgeStatus.Registered or PledgeStatus.PartiallyReleased;

    /// <summary>True when the pledgee may enforce it.</summary>
    public bool IsInDefault => Status is PledgeStatus.DefaultNotified or PledgeStatus.Enforcing;

    /// <summary>What is left of the secured amount: what enforcements brought of it, they do not bring again.</summary>
    public Money SecuredLeft => SecuredAmount - Money.Lesser(SecuredAmount, RecoveredPrincipal ?? Recovered ?? Money.Zero);

    public bool Secures(SecuredPart part) => Contract?.Scope is not { } scope || scope.Contains(part);
}

public static class Pledge
{
    public static PledgeState Evolve(PledgeState? state, PledgeEvent fact) => fact switch
    {
        PledgeEvent.PledgeRegistered e => new PledgeState(
            e.Pledge, e.Pledgor, e.Pledgee, e.Units, e.SecuredAmount, e.ContractNumber, e.FilingNumber, e.Term, e.Valuation,
            e.ReservedUntil is null ? PledgeStatus.Registered : PledgeStatus.Reserved, null, e.Mode, e.EqualRankWith, e.ReservedUntil, e.Contract),
        PledgeEvent.ReservationRegistered e => state! with { Status = PledgeStatus.Registered, FilingNumber = e.FilingNumber ?? state.FilingNumber, ReservedUntil = null },
        PledgeEvent.ReservationExpired => state! with { Status = PledgeStatus.Expired, Units = [] },
        PledgeEvent.PledgeReleased e => Release(state!, e),
        PledgeEvent.PledgeSubstituted e => state! with { Units = With(Without(state.Units, e.Out), e.In) },
        PledgeEvent.PledgeSecuredLoan e => state! with { Loan = e.Loan },
        PledgeEvent.DefaultNotified e => state! with { Status = PledgeStatus.DefaultNotified, DefaultNotifiedOn = e.Date },
        PledgeEvent.PledgeEnforced e => Enforce(state!, e),
        PledgeEvent.PledgeVoided => state! with { Status = PledgeStatus.Voided, Units = [] },
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <summary>Names what a decision about a pledge in force looks at: the pledge, its units, their vouchers.</summary>
    internal static PledgeState? Collect(Needs needs, PledgeId id)
    {
        var pledge = needs.Found<PledgeState>(id.Value);
        foreach (var units in pledge?.Units ?? [])
        {
            needs.Locked(units.Voucher, units.Serials);
        }

        return pledge;
    }

    /// <summary>The units of a pledge that lines name: all of them without lines, the lowest for a quantity.</summary>
    /// <param name="fit">Those of a voucher's pledged serials that a quantity is taken of first; null for all.</param>
    internal static (IReadOnlyList<VoucherSerials> Chosen, Refusal? Refusal) Choose(
        PledgeState pledge, IReadOnlyList<Line>? lines, Func<VoucherId, SerialRanges, SerialRanges>? fit = null)
    {
        if (lines is null)
        {
            return (pledge.Units, null);
        }

        var chosen = new List<VoucherSerials>(lines.Count);
        foreach (var line in lines)
        {
            if (chosen.Exists(c => c.Voucher == line.Voucher))
            {
                return ([], new Refusal.DuplicateVoucherLine(line.Voucher));
            }

            var pledged = pledge.Units.FirstOrDefault(u => u.Voucher == line.Voucher)?.Serials ?? SerialRanges.Empty;
            var serials = line.Ranges is { } ranges
                ? pledged.Contains(ranges) ? ranges : null
                : Lowest(line.Kilograms, fit?.Invoke(line.Voucher, pledged) ?? pledged, pledged);
            if (serials is null)
            {
                return ([], new Refusal.ReleaseExceedsPledge(pledge.Pledge, line.Voucher, line.Kilograms, pledged.Kilograms));
            }

            chosen.Add(new VoucherSerials(line.Voucher, serials));
        }

        return (chosen, null);
    }

    /// <summary>The lowest that fit, and the lowest others where those do not suffice; null where all together do not.</summary>
    private static SerialRanges? Lowest(Kilograms quantity, SerialRanges fit, SerialRanges all) =>
        fit.TakeLowest(quantity) is { } enough ? enough
        : all.Except(fit).TakeLowest(quantity - fit.Kilograms) is { } others ? SerialRanges.Of([.. fit, .. others]) : null;

    /// <summary>The events that take units from a pledge, in the vouchers' streams.</summary>
    internal static IEnumerable<LedgerEvent> Unlocked(PledgeState pledge, IEnumerable<VoucherSerials> units) =>
        units.Select(u => new VoucherEvent.UnitsReleased(u.Voucher, pledge.Pledge, pledge.Pledgor, u.Serials));

    private static PledgeState Release(PledgeState state, PledgeEvent.PledgeReleased e)
    {
        var left = Without(state.Units, e.Units);
        var status = left.Count == 0 ? PledgeStatus.Released : state.Status == PledgeStatus.Registered ? PledgeStatus.PartiallyReleased : state.Status;
        return (e.Paid is { } paid ? Recover(state, paid, e.ToPrincipal) : state) with { Units = left, Status = status };
    }

    private static PledgeState Enforce(PledgeState state, PledgeEvent.PledgeEnforced e)
    {
        var left = Without(state.Units, e.Units);
        var payout = e.Distribution.Single(p => p.Pledge == state.Pledge);
        return Recover(state, payout.Paid, payout.ToPrincipal) with { Units = left, Status = left.Count == 0 ? PledgeStatus.Enforced : PledgeStatus.Enforcing };
    }

    private static PledgeState Recover(PledgeState state, Money paid, Money? toPrincipal)
    {
        var before = state.Recovered ?? Money.Zero;
        var (recovered, principal) = (before + paid, (state.RecoveredPrincipal ?? before) + (toPrincipal ?? paid));
        return state with { Recovered = recovered, RecoveredPrincipal = principal == recovered ? null : principal };
    }

    private static IReadOnlyList<VoucherSerials> Without(IReadOnlyList<VoucherSerials> units, IReadOnlyList<VoucherSerials> gone) =>
        [.. units
            .Select(u => gone.FirstOrDefault(g => g.Voucher == u.Voucher) is { } g ? u with { Serials = u.Serials.Except(g.Serials) } : u)
            .Where(u => u.Serials.Count > 0)];

    private static IReadOnlyList<VoucherSerials> With(IReadOnlyList<VoucherSerials> units, IReadOnlyList<VoucherSerials> more) =>
        [.. units.Concat(more).GroupBy(u => u.Voucher, (voucher, all) => new VoucherSerials(voucher, SerialRanges.Of(all.SelectMany(u => u.Serials))))];
}
