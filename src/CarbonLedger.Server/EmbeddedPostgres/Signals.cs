using System.Runtime.InteropServices;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>How a postmaster is told to stop.</summary>
internal enum StopSignal
{
    /// <summary>SIGINT: roll back, write a checkpoint, end.</summary>
    Fast = 2,

    /// <summary>SIGQUIT: end at once; the next start replays the log.</summary>
    Immediate = 3,
}

/// <summary>Signals postmasters, including those that a dead process of ours left behind.</summary>
internal static class Signals
{
    public static async Task SendAsync(int postmaster, StopSignal signal, PostgresBinaries binaries)
    {
        if (OperatingSystem.IsWindows())
        {
            // Windows has no signals; PostgreSQL listens on a named pipe that pg_ctl knows.
            var name = signal == StopSignal.Fast ? "INT" : "QUIT";
            await ChildProcess.RunAsync(binaries.PgCtl, ["kill", name, $"{postmaster}"], user: null, binaries.Folder, CancellationToken.None);
            return;
        }
        // A process that ended meanwhile is what was asked for, so the result is of no interest.
        _ = Kill(postmaster, (int)signal);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
