namespace CarbonLedger.Core.Pledges;

/// <summary><c>registered → partiallyReleased → released</c>.</summary>
public enum PledgeStatus
{
    Registered,
    PartiallyReleased,
    Released,
}

/// <summary>How a pledge stands beside others (P2).</summary>
public enum PledgeMode
{
    /// <summary>Alone: no other pledge lies on its units.</summary>
    Exclusive,

    /// <summary>Behind earlier ranked pledges, and before later ones.</summary>
    Ranked,
}

/// <summary>Units of one voucher under a pledge.</summary>
public sealed record PledgedUnits(VoucherId Voucher, SerialRanges Serials);

/// <summary>What the units were worth when they were pledged.</summary>
/// <param name="Source">Where the price comes from, such as a venue's trade.</param>
public sealed record Valuation(PricePerTonne PricePerTonne, string Source, LocalDate Date);

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

    /// <summary>A lien of a named lender came into force on exact serials (Civil Code art. 427).</summary>
    /// <param name="FilingNumber">The 中登网 filing number.</param>
    public sealed record PledgeRegistered(
        PledgeId Pledge,
        AccountId Pledgor,
        OrganizationId Pledgee,
        IReadOnlyList<PledgedUnits> Units,
        Money SecuredAmount,
        string ContractNumber,
        string? FilingNumber,
        DatePeriod Term,
        Valuation Valuation) : PledgeEvent
    {
        public override Guid Stream => Pledge.Value;
    }

    /// <summary>The pledgee gave up its lien on some or all of the units.</summary>
    public sealed record PledgeReleased(PledgeId Pledge, IReadOnlyList<PledgedUnits> Units, ReleaseReason Reason) : PledgeEvent
    {
        public override Guid Stream => Pledge.Value;
    }

    /// <summary>The pledge became the security of a loan.</summary>
    public sealed record PledgeSecuredLoan(PledgeId Pledge, LoanId Loan) : PledgeEvent
    {
        public override Guid Stream => Pledge.Value;
    }
}

/// <param name="Units">What is under the pledge now.</param>
/// <param name="Loan">The loan it secures, when there is one.</param>
public sealed record PledgeState(
    PledgeId Pledge,
    AccountId Pledgor,
    OrganizationId Pledgee,
    IReadOnlyList<PledgedUnits> Units,
    Money SecuredAmount,
    string ContractNumber,
    string? FilingNumber,
    DatePeriod Term,
    Valuation Valuation,
    PledgeStatus Status,
    LoanId? Loan) : State
{
    public override Guid Id => Pledge.Value;

    public Kilograms Kilograms => Units.Aggregate(Kilograms.Zero, (sum, u) => sum + u.Serials.Kilograms);
}

public static class Pledge
{
    public static PledgeState Evolve(PledgeState? state, PledgeEvent fact) => fact switch
    {
        PledgeEvent.PledgeRegistered e => new PledgeState(
            e.Pledge, e.Pledgor, e.Pledgee, e.Units, e.SecuredAmount, e.ContractNumber, e.FilingNumber, e.Term, e.Valuation, PledgeStatus.Registered, null),
        PledgeEvent.PledgeReleased e => Release(state!, e),
        PledgeEvent.PledgeSecuredLoan e => state! with { Loan = e.Loan },
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    public static string NameOf(PledgeStatus status) => status switch
    {
        PledgeStatus.Registered => "registered",
        PledgeStatus.PartiallyReleased => "partiallyReleased",
        PledgeStatus.Released => "released",
    };

    public static string NameOf(ReleaseReason reason) => reason switch
    {
        ReleaseReason.Repaid => "repaid",
        ReleaseReason.Waived => "waived",
        ReleaseReason.Substituted => "substituted",
        ReleaseReason.Enforced => "enforced",
    };

    private static PledgeState Release(PledgeState state, PledgeEvent.PledgeReleased e)
    {
        var left = state.Units
            .Select(u => e.Units.FirstOrDefault(r => r.Voucher == u.Voucher) is { } released
                ? u with { Serials = u.Serials.Except(released.Serials) }
                : u)
            .Where(u => u.Serials.Count > 0)
            .ToArray();
        return state with { Units = left, Status = left.Length == 0 ? PledgeStatus.Released : PledgeStatus.PartiallyReleased };
    }
}
