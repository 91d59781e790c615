namespace CarbonLedger.Server.Store;

/// <summary>What time it is in the register: the clock's, or the log's while the clock is behind it.</summary>
/// <remarks>
/// Decisions take the later of the two, so that log time never goes back. Whoever answers or waits by the clock alone would contradict them once it was set
/// back: a loan valued before its last entry, an event that lies in the future. What other servers commit is known a fifth of a second later.
/// </remarks>
public sealed class LogClock(IClock clock, LogHead head)
{
    public Instant Now => Instant.Max(clock.GetCurrentInstant(), head.At);
}
