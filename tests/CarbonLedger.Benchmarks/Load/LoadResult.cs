namespace CarbonLedger.Benchmarks.Load;

/// <summary>What one point measured.</summary>
/// <param name="Answers">All good answers, the warm-up's and the last ones included; each must be in the log.</param>
/// <param name="Errors">How often each other status came.</param>
public sealed record LoadResult(
    string Name, int Connections, double PerSecond, double P50Ms, double P99Ms, double MaxMs, long Answers, long ExpectedEvents, IReadOnlyDictionary<int, long> Errors)
{
    /// <summary>Cores used while measuring, by driver, servers and PostgreSQL.</summary>
    public Machine.Cores? Cores { get; init; }

    /// <summary>Commands per committed batch, and milliseconds from its load to its commit.</summary>
    public (double Commands, double Milliseconds)? Batch { get; init; }

    /// <summary>The greatest resident memory of a server so far.</summary>
    public double? ServerMegabytes { get; init; }
}
