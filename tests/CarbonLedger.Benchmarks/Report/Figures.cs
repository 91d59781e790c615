using CarbonLedger.Benchmarks.Load;

namespace CarbonLedger.Benchmarks.Report;

/// <summary>What one run measured.</summary>
internal sealed class Figures
{
    /// <summary>Transfers per second of the floor, and its p99 in milliseconds, each time it was measured.</summary>
    public List<(string Way, double PerSecond, double P99Ms)> Floors { get; } = [];

    public List<LoadResult> Points { get; } = [];

    public List<(string Projection, long Events, double PerSecond)> Rebuilt { get; } = [];

    /// <summary>Events added by SQL between the two growth points.</summary>
    public long Grown { get; set; }

    /// <summary>Events in the log at the end.</summary>
    public long Events { get; set; }

    public double? FirstStartSeconds { get; set; }

    /// <summary>What must never happen and did.</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>The mean over all times that a point was measured; null when it was not.</summary>
    public double? Mean(string point, Func<LoadResult, double> figure)
    {
        var found = Points.Where(p => p.Name == point).ToArray();
        return found.Length == 0 ? null : found.Average(figure);
    }

    public double? PerSecond(string point) => Mean(point, p => p.PerSecond);

    /// <summary>The floor to be judged by: the fastest way.</summary>
    public double? Floor => Floors.Count == 0 ? null : Floors.GroupBy(f => f.Way).Max(w => w.Average(f => f.PerSecond));

    public double? Megabytes => Points.Max(p => p.ServerMegabytes);
}
