using System.ComponentModel;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>What a postmaster writes into its cluster's <c>postmaster.pid</c>: its process number, the folder, its start in Unix seconds.</summary>
internal sealed record PostmasterRecord(int Process, string Folder, long StartedAt)
{
    public const string FileName = "postmaster.pid";

    // Between the process's start and the record it writes lie some milliseconds; a number is not reused that fast.
    private static readonly TimeSpan StartTimeTolerance = TimeSpan.FromSeconds(10);

    /// <summary>Null when there is none, or nothing legible after a crash of the machine.</summary>
    public static PostmasterRecord? Read(string cluster)
    {
        string[] lines;
        try { lines = File.ReadAllText(Path.Combine(cluster, FileName)).Split('\n', StringSplitOptions.TrimEntries); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
        // Later lines change while the postmaster runs; these do not.
        return lines.Length >= 3 && int.TryParse(lines[0], out var process) && long.TryParse(lines[2], out var startedAt)
            ? new PostmasterRecord(process, lines[1], startedAt)
            : null;
    }

    /// <summary>Whether the postmaster that wrote this still runs.</summary>
    /// <remarks>
    /// Its number may meanwhile belong to anything, even to another cluster's postmaster, above all in containers, where numbers
    /// start over. Taking that one for ours would stop a stranger.
    /// </remarks>
    public bool IsAlive()
    {
        if (OperatingSystem.IsLinux())
        {
            // A postmaster's working folder is its cluster: there it has left the very same record.
            return IsPostgresOnLinux() && Read($"/proc/{Process}/cwd") == this;
        }
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(Process);
            return !found.HasExited && found.ProcessName is ("postgres" or "postmaster")
                && (found.StartTime.ToUniversalTime() - DateTimeOffset.FromUnixTimeSeconds(StartedAt)).Duration() < StartTimeTolerance;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Whether PostgreSQL itself judges this record rightly, so that it can stay.</summary>
    /// <remarks>Only Linux tells exactly which process a number means; elsewhere the record stays, and PostgreSQL may refuse to start.</remarks>
    public bool IsHarmless() => !OperatingSystem.IsLinux() || !Directory.Exists($"/proc/{Process}") || IsAlive();

    private bool IsPostgresOnLinux()
    {
        try
        {
            // Empty for a zombie: a dead postmaster nobody has collected counts as gone.
            var program = File.ReadAllText($"/proc/{Process}/cmdline").Split('\0')[0];
            return Path.GetFileName(program) is "postgres" or "postmaster";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
