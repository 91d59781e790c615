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

    [Theory]
    [InlineData(1, 40_000)]
    [InlineData(2, 400_000)]
    [InlineData(3, LogTail.BytesMax)]
    public void What_is_there_is_what_was_appended_however_large(int seed, int sizeMax)
    {
        var (tail, random, appended) = (new LogTail(), new Random(seed), new List<byte[]>());
        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[random.Next(1, random.Next(2, sizeMax + 1))];
            random.NextBytes(bytes);
            appended.Add(bytes);
            tail.Append([Event(appended.Count)], [bytes]);
            var kept = Enumerable.Range(1, appended.Count).First(n => tail.TryRead(n - 1, appended.Count, [], out _));
            Assert.True(tail.TryRead(kept - 1, appended.Count, [], out var events));
            Assert.True(appended.Skip(kept - 1).Zip(events).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)), $"seed {seed}, event {appended.Count}");

            // Less is kept only where there is no room: the one before, the new one and what is left free at the ring's end.
            Assert.True(kept == 1 || appended.Skip(kept - 2).Sum(b => (long)b.Length) + sizeMax > LogTail.BytesMax, $"seed {seed}, event {appended.Count}");
        }
    }

    [Fact]
    public void An_event_larger_than_all_of_it_is_not_there_and_the_next_one_is()
    {
        var tail = new LogTail();
        Append(tail, 1, 5);
        tail.Append([Event(6)], [new byte[LogTail.BytesMax + 1]]);
        Append(tail, 7, 1);
        Assert.Null(Read(tail, 5, 7));
        Assert.Equal([7], Read(tail, 6, 7)!);
    }

    /// <summary>Events whose bytes are their position.</summary>
    private static void Append(LogTail tail, int first, int count)
    {
        var events = Enumerable.Range(first, count).Select(Event).ToList();
        tail.Append(events, [.. events.Select(e => BitConverter.GetBytes((int)e.LogIndex))]);
    }

    private static RecordedEvent Event(int logIndex) =>
        new(logIndex, 1, Instant.MinValue, Actor.Registrar, new AccountEvent.AccountClosed(new AccountId(Guid.Empty), null));

    private static IEnumerable<int>? Read(LogTail tail, long after, long upTo) =>
        tail.TryRead(after, upTo, [], out var events) ? events.Select(b => BitConverter.ToInt32(b)) : null;
}
