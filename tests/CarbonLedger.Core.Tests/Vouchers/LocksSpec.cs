namespace CarbonLedger.Core.Tests.Vouchers;

/// <summary>The locks on a kilogram: their text, their order, their rules (D4, P2).</summary>
public sealed class LocksSpec
{
    [Theory]
    [InlineData("hold")]
    [InlineData("exclusive")]
    [InlineData("ranked")]
    [InlineData("freeze")]
    public void Locks_are_read_back_as_they_are_written(string kind)
    {
        var one = Locks.None.Add(new UnitLock(Locks.KindOf(kind), Id(0x50, 1)));

        Assert.Equal($"{kind}:{Id(0x50, 1)}", one.ToString());
        Assert.Equal(one, Locks.Parse(one.ToString()));
        Assert.Equal(Locks.None, one.Remove(Id(0x50, 1)));
        Assert.Throws<InvalidOperationException>(() => one.Remove(Id(0x50, 2)));
        Assert.Throws<InvalidOperationException>(() => one.Add(new UnitLock(LockKind.Exclusive, Id(0x50, 2))));
        Assert.Throws<InvalidOperationException>(() => one.Add(new UnitLock(LockKind.Hold, Id(0x50, 2))));
    }

    [Fact]
    public void Rank_is_the_order_of_registration_equal_within_one_and_promoted_by_release()
    {
        static UnitLock Ranked(int number, int? with = null) => new(LockKind.Ranked, Id(0x50, number), with is { } w ? Id(0x50, w) : null);
        var locks = Locks.None.Add(Ranked(1)).Add(new UnitLock(LockKind.Freeze, Id(0xB0, 1))) is { } frozen && !frozen.TakesRankedPledge
            ? Locks.None.Add(Ranked(1)).Add(Ranked(2)).Add(Ranked(3, 2)).Add(Ranked(4))
            : throw new InvalidOperationException();
        int[] Ranks(Locks of) => [.. Enumerable.Range(1, 4).Select(n => of.RankOf(new PledgeId(Id(0x50, n))))];

        Assert.Equal([1, 2, 2, 3], Ranks(Locks.Parse(locks.ToString())));
        Assert.Equal([0, 1, 1, 2], Ranks(locks.Remove(Id(0x50, 1))));
        Assert.Equal([1, 0, 2, 3], Ranks(locks.Remove(Id(0x50, 2))));
        Assert.Equal([1, 4, 2, 3], Ranks(locks.Remove(Id(0x50, 2)).Add(Ranked(2)))); // who comes back has no equal any more
        Assert.Equal([1, 3, 2, 0], Ranks(locks.Remove(Id(0x50, 4)).Remove(Id(0x50, 2)).Add(Ranked(2))));
    }
}
