using CarbonLedger.Server.Projections;

namespace CarbonLedger.Server.Statements;

/// <summary>What stood in an account, what happened to it, and what stands there after: opening + changes = closing, exactly.</summary>
public sealed record AccountStatementWire
{
    /// <summary>The account.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>The organization it belongs to.</summary>
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>The first instant of the period.</summary>
    public required Instant From { get; init; }

    /// <summary>The last instant of the period, inclusive; what has not happened yet is not in it.</summary>
    public required Instant To { get; init; }

    /// <summary>The past instant asked for; absent when the present was.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>The last log position before the period.</summary>
    public required long OpeningLogIndex { get; init; }

    /// <summary>The last log position of the period.</summary>
    public required long ClosingLogIndex { get; init; }

    /// <summary>The balance over all vouchers before the period.</summary>
    public required StatedBalanceWire Opening { get; init; }

    /// <summary>The balance over all vouchers at its end.</summary>
    public required StatedBalanceWire Closing { get; init; }

    /// <summary>Opening and closing per voucher that had units at either end, or entries; in the order of issuance. On the first page only.</summary>
    public IReadOnlyList<VoucherStatementWire>? Vouchers { get; init; }

    /// <summary>Every entry of the period that touches the account, in the order of the log.</summary>
    public required IReadOnlyList<StatementEntryWire> Entries { get; init; }

    /// <summary>Give this as <c>cursor</c>, with the same period, for the next entries; absent on the last page.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>Kilograms of an account at an instant. Freezes of serials count in <c>frozen</c>; that of the whole account is said beside.</summary>
public sealed record StatedBalanceWire : BalanceWire
{
    /// <summary>True when the account is frozen as a whole: then nothing of it is free, whatever <c>free</c> says of the serials.</summary>
    public required bool AccountFrozen { get; init; }
}

/// <summary>A voucher in the statement.</summary>
public sealed record VoucherStatementWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>Before the period.</summary>
    public required BalanceWire Opening { get; init; }

    /// <summary>At its end.</summary>
    public required BalanceWire Closing { get; init; }
}

/// <summary>An entry: one event that touches the account.</summary>
public sealed record StatementEntryWire
{
    /// <summary>The event's log position.</summary>
    /// <example>42</example>
    public required long LogIndex { get; init; }

    /// <summary>Its time, in UTC.</summary>
    public required Instant At { get; init; }

    /// <summary><c>issued</c>, <c>transferredIn</c>, <c>transferredOut</c>, <c>bought</c>, <c>sold</c>, <c>enforcedIn</c>, <c>enforcedOut</c>, <c>pledged</c>, <c>released</c>, <c>held</c>, <c>holdEnded</c>, <c>frozen</c>, <c>unfrozen</c>, <c>retired</c>, <c>cancelled</c>, <c>expired</c>, <c>accountFrozen</c> or <c>accountUnfrozen</c>.</summary>
    /// <example>sold</example>
    public required string What { get; init; }

    /// <summary>The voucher; absent for a freeze of the whole account.</summary>
    public VoucherId? VoucherId { get; init; }

    /// <summary>The canonical serial texts of the units concerned.</summary>
    public IReadOnlyList<string>? Serials { get; init; }

    /// <summary>Kilograms that came (positive) or left (negative); those concerned, without a sign, when only locks changed.</summary>
    /// <example>-1000</example>
    public long? Kilograms { get; init; }

    /// <summary>By how much the balance of the voucher changed; negative members for what it lost. Several locks may lie on one kilogram, so a second one changes nothing.</summary>
    public BalanceWire? Change { get; init; }

    /// <summary>The balance of the voucher after it.</summary>
    public BalanceWire? Balance { get; init; }

    /// <summary>The other account, when units changed hands.</summary>
    public AccountId? CounterpartyAccountId { get; init; }

    /// <summary>The transfer.</summary>
    public Guid? TransferId { get; init; }

    /// <summary>The trade.</summary>
    public Guid? TradeId { get; init; }

    /// <summary>The venue's number of the trade.</summary>
    public string? TradeNumber { get; init; }

    /// <summary>The pledge; of an enforcement the one that was enforced.</summary>
    public PledgeId? PledgeId { get; init; }

    /// <summary>The freeze.</summary>
    public FreezeId? FreezeId { get; init; }

    /// <summary>The retirement.</summary>
    public Guid? RetirementId { get; init; }

    /// <summary>The cancellation; absent when the voucher's revocation is why.</summary>
    public Guid? CancellationId { get; init; }

    /// <summary>The reason given; of a release or a retirement its kind, such as <c>repaid</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Who acted: an organization's id, or <c>registrar</c>.</summary>
    public required string Actor { get; init; }
}
