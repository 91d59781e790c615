namespace CarbonLedger.Core.Vouchers;

/// <summary>What one event on units means to one account: a line of its statement.</summary>
/// <param name="What">Such as <c>issued</c>, <c>transferredIn</c>, <c>sold</c>, <c>pledged</c>.</param>
/// <param name="Serials">The serials concerned.</param>
/// <param name="Sign">1 when they came to the account, −1 when they left it, 0 when they stayed.</param>
/// <param name="Counterparty">The other account, when units changed hands.</param>
/// <param name="Cause">The stream that tells why: of the trade, pledge, freeze or retirement.</param>
public sealed record AccountEntry(string What, SerialRanges Serials, int Sign, AccountId? Counterparty = null, Guid? Cause = null)
{
    public TransferId? Transfer { get; private init; }

    public TradeId? Trade { get; private init; }

    public PledgeId? Pledge { get; private init; }

    public FreezeId? Freeze { get; private init; }

    public RetirementId? Retirement { get; private init; }

    /// <summary>Absent when the voucher's revocation is why units were cancelled.</summary>
    public CancellationId? Cancellation { get; private init; }

    /// <summary>The entry of an account; null when the event does not touch it.</summary>
    public static AccountEntry? Of(VoucherEvent fact, AccountId account) => fact switch
    {
        VoucherEvent.VoucherIssued e => e.Holder == account ? new AccountEntry("issued", SerialRanges.Of(SerialRange.Inclusive(1, e.Kilograms.Value)), 1) : null,
        VoucherEvent.UnitsTransferred e => OfTransfer(e, account),
        VoucherEvent.UnitsDelivered e => OfTransfer(new VoucherEvent.UnitsTransferred(e.Voucher, null, e.Trade, e.From, e.To, e.Serials, null), account),
        VoucherEvent.UnitsPledged e => Stay("pledged", e.Holder, account, e.Serials, e.Pledge.Value) is { } entry ? entry with { Pledge = e.Pledge } : null,
        VoucherEvent.UnitsReleased e => Stay("released", e.Holder, account, e.Serials, e.Pledge.Value) is { } entry ? entry with { Pledge = e.Pledge } : null,
        VoucherEvent.UnitsHeld e => Stay("held", e.Holder, account, e.Serials, e.Trade.Value) is { } entry ? entry with { Trade = e.Trade } : null,
        VoucherEvent.HoldEnded e => Stay("holdEnded", e.Holder, account, e.Serials, e.Trade.Value) is { } entry ? entry with { Trade = e.Trade } : null,
        VoucherEvent.UnitsFrozen e => Stay("frozen", e.Holder, account, e.Serials, e.Freeze.Value) is { } entry ? entry with { Freeze = e.Freeze } : null,
        VoucherEvent.UnitsUnfrozen e => Stay("unfrozen", e.Holder, account, e.Serials, e.Freeze.Value) is { } entry ? entry with { Freeze = e.Freeze } : null,
        VoucherEvent.UnitsRetired e => e.Holder == account ? new AccountEntry("retired", e.Serials, -1, null, e.Retirement.Value) { Retirement = e.Retirement } : null,
        VoucherEvent.UnitsCancelled e => e.Holder == account ? new AccountEntry("cancelled", e.Serials, -1, null, e.Cancellation?.Value) { Cancellation = e.Cancellation } : null,
        VoucherEvent.UnitsExpired e => e.Holder == account ? new AccountEntry("expired", e.Serials, -1) : null,
        VoucherEvent.VoucherRevoked => null, // what it means for an account follows as cancellations
        _ => throw new InvalidOperationException($"No entry for {fact.GetType().Name}."),
    };

    private static AccountEntry? OfTransfer(VoucherEvent.UnitsTransferred e, AccountId account)
    {
        if (e.From != account && e.To != account)
        {
            return null;
        }

        var sign = e.To == account ? 1 : -1;
        var (came, went) = e.Enforcement is not null ? ("enforcedIn", "enforcedOut") : e.Trade is not null ? ("bought", "sold") : ("transferredIn", "transferredOut");
        return new AccountEntry(sign == 1 ? came : went, e.Serials, sign, sign == 1 ? e.From : e.To, e.Enforcement?.Value ?? e.Trade?.Value)
        {
            Transfer = e.Transfer,
            Trade = e.Trade,
            Pledge = e.Enforcement,
        };
    }

    private static AccountEntry? Stay(string what, AccountId holder, AccountId account, SerialRanges serials, Guid cause) =>
        holder == account ? new AccountEntry(what, serials, 0, null, cause) : null;
}
