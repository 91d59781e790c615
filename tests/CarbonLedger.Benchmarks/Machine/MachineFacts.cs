using System.Diagnostics;
using System.Globalization;

namespace CarbonLedger.Benchmarks.Machine;

/// <summary>What a figure depends on. No names of hosts and no paths.</summary>
internal sealed record MachineFacts(string Processor, int Cores, double MemoryGigabytes, string System, string Runtime, string Commit)
{
    public static MachineFacts Read() => new(
        Field("/proc/cpuinfo", "model name"),
        Environment.ProcessorCount,
        Math.Round(double.Parse(Field("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / 1024 / 1024, 1),
        $"Linux {Environment.OSVersion.Version}",
        $".NET {Environment.Version}",
        Git("rev-parse --short HEAD") + (Git("status --porcelain -- src") == "" ? "" : " with changes"));

    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";

    private static string Git(string arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
