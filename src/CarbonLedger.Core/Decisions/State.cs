namespace CarbonLedger.Core.Decisions;

/// <summary>What decisions need to know of one thing, of bounded size. Kept as one row; the log stays the truth.</summary>
public abstract record State
{
    /// <summary>The id under which the state is kept.</summary>
    public abstract Guid Id { get; }

    /// <summary>The instant at which it ends by itself; null when it does not, or has ended.</summary>
    public virtual Instant? DueAt => null;

    /// <summary>True once nothing more is expected to happen to it, or so seldom that it is not worth its memory. It is not remembered then: whoever asks all the same looks it up.</summary>
    public virtual bool IsAtRest => false;
}

/// <summary>The numbers the registry gives out in sequence. There is one of it.</summary>
/// <param name="Projects">The number of the newest project.</param>
public sealed record NumberingState(int Projects) : State
{
    public static readonly Guid TheId = new("00000000-0000-8000-8000-000000000001");
    public override Guid Id => TheId;
}
