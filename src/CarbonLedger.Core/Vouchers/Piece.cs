namespace CarbonLedger.Core.Vouchers;

/// <summary>What has become of a kilogram. Everything but <see cref="Live"/> is for ever (D5).</summary>
public enum UnitStatus
{
    Live = 0,
    Retired = 1,
    Cancelled = 2,
    Expired = 3,
}

/// <summary>A stretch of serials with one holder, one status and the same locks.</summary>
/// <param name="Account">The holder; for a terminal unit the last one.</param>
/// <param name="Holds">Settlement holds on it.</param>
/// <param name="Pledges">Pledges on it.</param>
/// <param name="Freezes">Freezes on it. Locks are orthogonal to status and to each other (D4).</param>
/// <param name="Pledge">The pledge of first rank, when there is one.</param>
public readonly record struct Piece(
    SerialRange Range, AccountId Account, UnitStatus Status, short Holds, short Pledges, short Freezes, PledgeId? Pledge)
{
    /// <summary>True when any lock lies on it.</summary>
    public bool IsLocked => Holds + Pledges + Freezes > 0;

    /// <summary>Free = owned − locked (D4).</summary>
    public bool IsFree => Status == UnitStatus.Live && !IsLocked;
}
