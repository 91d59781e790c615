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
public readonly record struct Piece(SerialRange Range, AccountId Account, UnitStatus Status, Locks Locks) : IOrdered<long>
{
    /// <summary>Its first serial.</summary>
    public long Place => Range.First;

    /// <summary>True when any lock lies on it.</summary>
    public bool IsLocked => Locks.Any;

    /// <summary>Free = owned − locked (D4).</summary>
    public bool IsFree => Status == UnitStatus.Live && !IsLocked;

    /// <summary>Puts a lock on it.</summary>
    public Piece With(UnitLock item) => this with { Locks = Locks.Add(item) };

    /// <summary>Takes a lock from it.</summary>
    public Piece Without(Guid item) => this with { Locks = Locks.Remove(item) };
}
