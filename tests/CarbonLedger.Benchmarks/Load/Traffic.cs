namespace CarbonLedger.Benchmarks.Load;

/// <summary>What the connections of a point ask, one request after the other.</summary>
public abstract class Traffic(Seed.Seeded seeded)
{
    protected Seed.Seeded Seeded { get; } = seeded;

    /// <summary>The same sequence in every run.</summary>
    protected Random Random { get; } = new(20260101);

    /// <summary>Events that one good answer stands for, where all do for as many; 0 for reads.</summary>
    public abstract int EventsPerAnswer { get; }

    public int GoodStatus => EventsPerAnswer > 0 ? 201 : 200;

    /// <summary>Writes the next request of a connection and returns its length.</summary>
    public abstract int Next(int connection, Span<byte> buffer);

    /// <summary>Called with the body of each good answer; returns how many events it stands for.</summary>
    public virtual int Answered(int connection, ReadOnlySpan<byte> body) => EventsPerAnswer;
}
