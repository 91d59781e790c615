using System.Diagnostics;
using System.Globalization;

namespace CarbonLedger.Benchmarks.Machine;

/// <summary>Processor cores used, as in 0.7 of one.</summary>
/// <param name="Total">By everything on the machine: where it is far above the sum of the others, somebody else worked too.</param>
/// <param name="Stolen">Of the total, what the machine below gave to others while something here was ready to run.</param>
public sealed record Cores(double Driver, double Servers, double? Postgres, double Total, double Stolen);

/// <summary>Reads processor time and memory of processes from <c>/proc</c>.</summary>
internal sealed class ProcessorTimes(IReadOnlyList<int> servers, int? postmaster)
{
    private const double TicksPerSecond = 100;

    private readonly long started = Stopwatch.GetTimestamp();
    private readonly (double Driver, double Servers, double Postgres, double Total, double Stolen) before = Read(servers, postmaster);

    public Cores SinceStart()
    {
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var now = Read(servers, postmaster);
        return new Cores(
            (now.Driver - before.Driver) / seconds,
            (now.Servers - before.Servers) / seconds,
            postmaster is null ? null : (now.Postgres - before.Postgres) / seconds,
            (now.Total - before.Total) / seconds,
            (now.Stolen - before.Stolen) / seconds);
    }

    /// <summary>The greatest resident memory of a process so far, in megabytes.</summary>
    public static double PeakMegabytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private static (double Driver, double Servers, double Postgres, double Total, double Stolen) Read(IReadOnlyList<int> servers, int? postmaster)
    {
        var machine = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].Select(f => double.Parse(f, CultureInfo.InvariantCulture) / TicksPerSecond).ToArray();
        var (user, nice, system, interrupts, stolen) = (machine[0], machine[1], machine[2], machine[5] + machine[6], machine[7]);
        return (
            OfProcess(Environment.ProcessId, withEnded: false),
            servers.Sum(s => OfProcess(s, withEnded: false)),
            postmaster is { } p ? OfProcess(p, withEnded: true) + ChildrenOf(p).Sum(c => OfProcess(c, withEnded: false)) : 0,
            user + nice + system + interrupts + stolen, // neither idle nor waiting
            stolen);
    }

    private static double OfProcess(int process, bool withEnded)
    {
        var fields = Stat(process);
        return fields is null ? 0 : fields[11..(withEnded ? 15 : 13)].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static IEnumerable<int> ChildrenOf(int parent) =>
        Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), out var id) ? id : 0)
            .Where(id => id > 0 && Stat(id) is { } fields && fields[1] == parent.ToString(CultureInfo.InvariantCulture));

    /// <summary>The fields of <c>stat</c> after the name: state, parent, …, with user and system time at 11 and 12.</summary>
    private static string[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null; // ended meanwhile
        }
    }
}
