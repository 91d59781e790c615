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

    public LoadResult? Point(string name) => Points.Find(p => p.Name == name);

    public double? PerSecond(string name) => Point(name)?.PerSecond;

    /// <summary>The floor to be judged by: the fastest way.</summary>
    public double? Floor => Floors.Count == 0 ? null : Floors.GroupBy(f => f.Way).Max(w => w.Average(f => f.PerSecond));

    /// <summary>Uniform transfers at 256 connections, over all times that this was measured before any growth.</summary>
    public double? Uniform
    {
        get
        {
            var found = Points.Where(p => p.Name is "uniform-256" or "one-server-256").ToArray();
            return found.Length == 0 ? null : found.Average(p => p.PerSecond);
        }
    }

    /// <summary>Uniform transfers at 64 connections, before and after the other commands at as many.</summary>
    public double? Transfers64
    {
        get
        {
            var found = Points.Where(p => p.Name is "uniform-64" or "transfers-again-64").ToArray();
            return found.Length == 0 ? null : found.Average(p => p.PerSecond);
        }
    }

    public double? Megabytes => Points.Max(p => p.ServerMegabytes);
}
