using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Freezes;

/// <summary>Whose stop it is.</summary>
public enum FreezeKind
{
    /// <summary>A court's (司法冻结).</summary>
    Judicial,

    /// <summary>A regulator's (行政冻结).</summary>
    Administrative,
}

public abstract record FreezeEvent : LedgerEvent
{
    private FreezeEvent() { }

    /// <summary>An authority stopped exact serials, or an account with all that stands in it.</summary>
    /// <param name="Account">The account that is frozen as a whole; absent when serials are.</param>
    /// <param name="Units">The serials; absent when an account is frozen.</param>
    /// <param name="Authority">The court or regulator, as its document names it.</param>
    /// <param name="DocumentNumber">The number of its document.</param>
    public sealed record FreezeOrdered(
        FreezeId Freeze,
        AccountId? Account,
        IReadOnlyList<VoucherSerials>? Units,
        FreezeKind Kind,
        string Authority,
        string DocumentNumber,
        string? Reason) : FreezeEvent
    {
        public override Guid Stream => Freeze.Value;
    }

    /// <summary>The same authority lifted its freeze.</summary>
    /// <param name="DocumentNumber">The number of the document that lifts it.</param>
    public sealed record FreezeLifted(FreezeId Freeze, string DocumentNumber, string? Reason) : FreezeEvent
    {
        public override Guid Stream => Freeze.Value;
    }
}

/// <param name="LiftedBy">The number of the document that lifted it; null while it is in force.</param>
public sealed record FreezeState(
    FreezeId Freeze,
    AccountId? Account,
    IReadOnlyList<VoucherSerials>? Units,
    FreezeKind Kind,
    string Authority,
    string DocumentNumber,
    string? Reason,
    string? LiftedBy) : State
{
    public override Guid Id => Freeze.Value;

    public override bool IsAtRest => LiftedBy is not null;
}

public static class Freeze
{
    public static FreezeState Evolve(FreezeState? state, FreezeEvent fact) => fact switch
    {
        FreezeEvent.FreezeOrdered e => new FreezeState(e.Freeze, e.Account, e.Units, e.Kind, e.Authority, e.DocumentNumber, e.Reason, null),
        FreezeEvent.FreezeLifted e => state! with { LiftedBy = e.DocumentNumber },
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <summary>The serials by the account that holds them. The voucher's units must be loaded.</summary>
    internal static IEnumerable<(AccountId Holder, SerialRanges Serials)> ByHolder(Register register, VoucherSerials units) =>
        register.Units(units.Voucher)!.Parts(units.Serials)
            .GroupBy(p => p.Piece.Account, p => p.Part)
            .Select(g => (g.Key, SerialRanges.Of(g)));
}
