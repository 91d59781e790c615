using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Log;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Tests.Store;

/// <summary>The newest events in memory: all that is asked for, or nothing.</summary>
public sealed class LogTailSpec
{
    [Fact]
    public void What_was_appended_without_a_gap_is_there()
    {
        var tail = new LogTail();
        Append(tail, 5, 3);
        Append(tail, 8, 2);
        Assert.Equal([5, 6, 7, 8, 9], Read(tail, 4, 9)!);
        Assert.Equal([7], Read(tail, 6, 7)!);
        Assert.Equal([], Read(tail, 9, 9)!);
        Assert.Null(Read(tail, 3, 9));
        Assert.Null(Read(tail, 4, 10));
        Assert.True(tail.TryRead(4, 9, ["account_closed"], out var others));
        Assert.Empty(others);
    }

    [Fact]
    public void After_a_gap_that_another_node_filled_what_was_before_is_not_there()
    {
        var tail = new LogTail();
        Append(tail, 1, 5);
        Append(tail, 8, 2);
        Assert.Null(Read(tail, 0, 9));
        Assert.Null(Read(tail, 4, 9));
        Assert.Null(Read(tail, 0, 5));
        Assert.Equal([8, 9], Read(tail, 7, 9)!);
    }

    [Fact]
    public void The_oldest_give_way()
    {
        var tail = new LogTail();
        for (var first = 1; first < 20_000; first += 100)
        {
            Append(tail, first, 100);
        }

        Assert.Null(Read(tail, 20_000 - LogTail.EventsMax - 1, 20_000));
        Assert.Equal(Enumerable.Range(20_001 - LogTail.EventsMax, LogTail.EventsMax), Read(tail, 20_000 - LogTail.EventsMax, 20_000)!);
    }

    /// <summary>Events whose bytes are their position.</summary>
    private static void Append(LogTail tail, int first, int count)
    {
        var events = Enumerable.Range(first, count)
            .Select(i => new RecordedEvent(i, 1, Instant.MinValue, Actor.Registrar, new AccountEvent.AccountClosed(new AccountId(Guid.Empty), null))).ToList();
        tail.Append(events, [.. events.Select(e => BitConverter.GetBytes((int)e.LogIndex))]);
    }

    private static IEnumerable<int>? Read(LogTail tail, long after, long upTo) =>
        tail.TryRead(after, upTo, [], out var events) ? events.Select(b => BitConverter.ToInt32(b)) : null;
}
