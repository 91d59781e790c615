using CarbonLedger.Core.Pledges;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Pledges;

/// <summary>What a tonne was worth when the units were pledged.</summary>
public sealed record ValuationWire
{
    /// <summary>CNY per tonne, at most four decimals.</summary>
    /// <example>41.94</example>
    public required PricePerTonne PricePerTonne { get; init; }

    /// <summary>Where the price comes from.</summary>
    /// <example>Trade LZ-2021-0001</example>
    public required string Source { get; init; }

    /// <summary>The price's date, not in the future.</summary>
    /// <example>2021-08-20</example>
    public required LocalDate Date { get; init; }
}

/// <summary>A pledge to register (Civil Code art. 427).</summary>
public sealed record PledgePost
{
    /// <summary>The account of the current holder, who pledges.</summary>
    public required AccountId PledgorAccountId { get; init; }

    /// <summary>The lender: an organization with the role bank.</summary>
    public required OrganizationId PledgeeId { get; init; }

    /// <summary>The units.</summary>
    public required IReadOnlyList<LineWire> Lines { get; init; }

    /// <summary>The secured amount in CNY, above 0.00.</summary>
    /// <example>300000.00</example>
    public required Money SecuredAmount { get; init; }

    /// <summary>The pledge contract's number, at most 64 characters.</summary>
    /// <example>PC-2021-001</example>
    public required string ContractNumber { get; init; }

    /// <summary>The 中登网 filing number.</summary>
    /// <example>ZD-2021-001</example>
    public string? FilingNumber { get; init; }

    /// <summary>First day of the debt's term.</summary>
    /// <example>2021-09-01</example>
    public required LocalDate TermFrom { get; init; }

    /// <summary>Last day of the debt's term.</summary>
    /// <example>2022-08-31</example>
    public required LocalDate TermTo { get; init; }

    /// <summary><c>exclusive</c> (alone on its units) or <c>ranked</c> (behind earlier ranked ones).</summary>
    /// <example>exclusive</example>
    public required PledgeMode Mode { get; init; }

    /// <summary>What a tonne is worth.</summary>
    public required ValuationWire Valuation { get; init; }

    /// <summary>Further lenders in this registration with equal rank, at most 7; only with mode <c>ranked</c>. They share pro rata.</summary>
    public IReadOnlyList<CoPledgePost>? EqualRankWith { get; init; }

    /// <summary>Given to reserve only, at most 30 days ahead: without registration the lien ends at this instant by itself.</summary>
    /// <example>2099-09-08T04:00:00Z</example>
    public Instant? ReserveUntil { get; init; }

    /// <summary>Who owes, when it is not the pledgor.</summary>
    public OrganizationId? DebtorId { get; init; }

    /// <summary>The kind of the secured claim, at most 200 characters.</summary>
    /// <example>working capital loan</example>
    public string? ClaimKind { get; init; }

    /// <summary>What of the debt is secured: <c>principal</c>, <c>interest</c>, <c>penalty</c>, <c>costs</c>; all of it when absent.</summary>
    public IReadOnlyList<SecuredPart>? Scope { get; init; }

    /// <summary>SHA-256 of the contract and its annexes, at most 20.</summary>
    public IReadOnlyList<string>? DocumentSha256s { get; init; }
}

/// <summary>A further lender of equal rank.</summary>
public sealed record CoPledgePost
{
    /// <summary>The lender: an organization with the role bank.</summary>
    public required OrganizationId PledgeeId { get; init; }

    /// <summary>Its secured amount in CNY, above 0.00.</summary>
    /// <example>195000.00</example>
    public required Money SecuredAmount { get; init; }

    /// <summary>Its pledge contract's number, at most 64 characters.</summary>
    /// <example>PC-2021-002</example>
    public required string ContractNumber { get; init; }

    /// <summary>Its 中登网 filing number.</summary>
    /// <example>ZD-2021-002</example>
    public string? FilingNumber { get; init; }
}

/// <summary>What turns a reservation into a registration.</summary>
public sealed record RegistrationPost
{
    /// <summary>The 中登网 filing number, at most 64 characters.</summary>
    /// <example>ZD-2021-001</example>
    public string? FilingNumber { get; init; }
}

/// <summary>Units that take the place of others under a pledge.</summary>
public sealed record SubstitutionPost
{
    /// <summary>Units of the pledgor that come under the pledge.</summary>
    public required IReadOnlyList<LineWire> In { get; init; }

    /// <summary>Units under the pledge that are released; a quantity takes the lowest.</summary>
    public required IReadOnlyList<LineWire> Out { get; init; }

    /// <summary>Why, at most 1,000 characters.</summary>
    /// <example>Agreed between lender and pledgor</example>
    public string? Reason { get; init; }
}

/// <summary>A default notice.</summary>
public sealed record DefaultNoticePost
{
    /// <summary>The date of the notice, today when absent; not in the future.</summary>
    /// <example>2022-09-15</example>
    public LocalDate? Date { get; init; }

    /// <summary>What the default is, at most 1,000 characters.</summary>
    /// <example>Principal not repaid at maturity</example>
    public required string Reason { get; init; }
}

/// <summary>A sale of pledged units.</summary>
public sealed record EnforcementPost
{
    /// <summary>Units to sell; all that are left under the pledge when absent.</summary>
    public IReadOnlyList<LineWire>? Lines { get; init; }

    /// <summary><c>agreement</c> (when absent), <c>auction</c>, <c>courtSale</c>, or <c>toLender</c> by agreement and not below the newest reference price.</summary>
    /// <example>auction</example>
    public EnforcementMethod? Method { get; init; }

    /// <summary>The buyer's account.</summary>
    public AccountId? BuyerAccountId { get; init; }

    /// <summary>CNY per tonne, above 0, at most four decimals.</summary>
    /// <example>38.50</example>
    public PricePerTonne? PricePerTonne { get; init; }

    /// <summary>Costs of the enforcement in CNY, paid first; 0.00 when absent.</summary>
    /// <example>1200.00</example>
    public Money? Costs { get; init; }

    /// <summary>Why or on which document, at most 1,000 characters.</summary>
    /// <example>Auction of 2022-10-01</example>
    public string? Reason { get; init; }
}

/// <summary>A court's order that ends a pledge.</summary>
public sealed record VoidPledgePost
{
    /// <summary>The court, at most 200 characters.</summary>
    /// <example>Lanzhou New Area People's Court</example>
    public required string Authority { get; init; }

    /// <summary>The number of its document, at most 64 characters.</summary>
    /// <example>(2022)甘0191民初1号</example>
    public required string DocumentNumber { get; init; }

    /// <summary>The reason, at most 1,000 characters.</summary>
    /// <example>The pledge contract is void</example>
    public string? Reason { get; init; }
}

/// <summary>What an enforcement brought, and who got it.</summary>
public sealed record EnforcementWire
{
    /// <summary>The pledge.</summary>
    public required Guid Id { get; init; }

    /// <summary>The log position of the command's last event.</summary>
    public required long LogIndex { get; init; }

    /// <summary>What was sold.</summary>
    public required IReadOnlyList<UnitsWire> Lines { get; init; }

    /// <summary>price × tonnes in CNY, each voucher rounded half away from zero to the fen.</summary>
    public required Money Proceeds { get; init; }

    /// <summary>Paid to costs.</summary>
    public required Money Costs { get; init; }

    /// <summary>Who got what, in the order of rank.</summary>
    public required IReadOnlyList<PayoutWire> Distribution { get; init; }

    /// <summary>What went to the pledgor. costs + payouts + surplus = proceeds.</summary>
    public required Money Surplus { get; init; }

    public static EnforcementWire Of(Guid id, long logIndex, PledgeEvent.PledgeEnforced e) => new()
    {
        Id = id,
        LogIndex = logIndex,
        Lines = [.. e.Units.Select(u => UnitsWire.Of(u.Voucher, u.Serials))],
        Proceeds = e.Proceeds,
        Costs = e.Costs,
        Distribution = [.. e.Distribution.Select(p => new PayoutWire { PledgeId = p.Pledge, Rank = p.Rank, Due = p.Due, Paid = p.Paid, Shortfall = p.Shortfall, LoanId = p.Loan })],
        Surplus = e.Surplus,
    };
}

/// <summary>What one pledge got.</summary>
public sealed record PayoutWire
{
    /// <summary>The pledge.</summary>
    public required PledgeId PledgeId { get; init; }

    /// <summary>Its best rank on the sold units.</summary>
    public required int Rank { get; init; }

    /// <summary>What it secured then, in CNY.</summary>
    public required Money Due { get; init; }

    /// <summary>What it got, in CNY.</summary>
    public required Money Paid { get; init; }

    /// <summary>What it secures after that and stays a debt: due − paid, less what another pledge brought of the same debt.</summary>
    public required Money Shortfall { get; init; }

    /// <summary>The loan that was paid with it.</summary>
    public LoanId? LoanId { get; init; }
}

/// <summary>A pledge that stands before another on some of its units.</summary>
public sealed record StandingBeforeWire
{
    /// <summary>The pledge.</summary>
    public required PledgeId PledgeId { get; init; }

    /// <summary>Its lender.</summary>
    public required OrganizationId PledgeeId { get; init; }

    /// <summary>Its secured amount in CNY.</summary>
    public required Money SecuredAmount { get; init; }

    /// <summary>Kilograms of this pledge that it lies on before it.</summary>
    public required long Kilograms { get; init; }
}

/// <summary>What the pledgee gives up.</summary>
public sealed record ReleasePost
{
    /// <summary>Units to release; all that are left under the pledge when absent. A quantity takes the lowest pledged serials.</summary>
    public IReadOnlyList<LineWire>? Lines { get; init; }

    /// <summary>Why: <c>repaid</c>, <c>waived</c>, <c>substituted</c> or <c>enforced</c>.</summary>
    /// <example>repaid</example>
    public required ReleaseReason Reason { get; init; }
}

/// <summary>A registered pledge.</summary>
public sealed record PledgeWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary><c>reserved</c>, <c>registered</c>, <c>partiallyReleased</c>, <c>released</c>, <c>defaultNotified</c>, <c>enforcing</c>, <c>enforced</c>, <c>expired</c> or <c>voided</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The account of the pledgor.</summary>
    public required AccountId PledgorAccountId { get; init; }

    /// <summary>The lender.</summary>
    public required OrganizationId PledgeeId { get; init; }

    /// <summary>How it stands beside others.</summary>
    public required PledgeMode Mode { get; init; }

    /// <summary>Its rank on the units where it stands worst; an exclusive pledge is first. Absent in lists for a ranked one, and when nothing is left under it.</summary>
    public int? Rank { get; init; }

    /// <summary>The first of the pledges registered with equal rank.</summary>
    public PledgeId? EqualRankWith { get; init; }

    /// <summary>The pledges that stand before it on some of its units.</summary>
    public IReadOnlyList<StandingBeforeWire>? StandingBefore { get; init; }

    /// <summary>When a reservation ends by itself.</summary>
    public Instant? ReservedUntil { get; init; }

    /// <summary>True when a reservation's time is over and its end, <c>expired</c>, is about to be recorded: it can be registered no more. Absent otherwise.</summary>
    public bool? Lapsed { get; init; }

    /// <summary>The date of the default notice.</summary>
    public LocalDate? DefaultNotifiedOn { get; init; }

    /// <summary>What the lender got out of enforcements, in CNY.</summary>
    public Money? Recovered { get; init; }

    /// <summary>Who owes, when it is not the pledgor.</summary>
    public OrganizationId? DebtorId { get; init; }

    /// <summary>The kind of the secured claim.</summary>
    public string? ClaimKind { get; init; }

    /// <summary>What of the debt is secured; all of it when absent.</summary>
    public IReadOnlyList<SecuredPart>? Scope { get; init; }

    /// <summary>SHA-256 of the contract and its annexes.</summary>
    public IReadOnlyList<string>? DocumentSha256s { get; init; }

    /// <summary>Kilograms under it now.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The units under it now.</summary>
    public required IReadOnlyList<UnitsWire> Lines { get; init; }

    /// <summary>The secured amount in CNY.</summary>
    public required Money SecuredAmount { get; init; }

    /// <summary>The pledge contract's number.</summary>
    public required string ContractNumber { get; init; }

    /// <summary>The 中登网 filing number.</summary>
    public string? FilingNumber { get; init; }

    /// <summary>First day of the debt's term.</summary>
    public required LocalDate TermFrom { get; init; }

    /// <summary>Last day of the debt's term.</summary>
    public required LocalDate TermTo { get; init; }

    /// <summary>The valuation at registration.</summary>
    public required ValuationWire Valuation { get; init; }

    /// <summary>The loan it secures.</summary>
    public LoanId? LoanId { get; init; }
}
