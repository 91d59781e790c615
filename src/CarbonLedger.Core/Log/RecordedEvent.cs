namespace CarbonLedger.Core.Log;

/// <summary>An event with its place in the log. What a leaf of the log hashes is exactly this.</summary>
/// <param name="LogIndex">The position, dense, from 1 (<c>seq_id</c>).</param>
/// <param name="Version">The position in its stream, from 1.</param>
/// <param name="At">UTC, whole microseconds, never earlier than the event before.</param>
public sealed record RecordedEvent(long LogIndex, long Version, Instant At, Actor Actor, LedgerEvent Fact);
