using System.Diagnostics;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>The running <c>postgres</c>, our direct child: through <c>pg_ctl</c> a killed one lingered and blocked the restart.</summary>
internal sealed class PostmasterProcess
{
    private readonly TaskCompletionSource<int> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> errors;

    private PostmasterProcess(Process process)
    {
        Id = process.Id;
        process.StandardInput.Close();
        // Read to the end so that a full pipe never stops PostgreSQL; it ends when the log collector takes over.
        errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
    }

    public int Id { get; }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited => exited.Task;

    public static async Task<PostmasterProcess> StartAsync(
        PostgresBinaries binaries, Cluster cluster, EmbeddedPostgresOptions options, UnprivilegedUser? user, CancellationToken cancellation)
    {
        List<string> command = [binaries.Postgres, "-D", cluster.Folder, .. options.ExtraSettings.SelectMany(setting => new[] { "-c", setting })];
        if (OperatingSystem.IsLinux()) command.InsertRange(0, await WrappersAsync(options, user, cancellation));

        var start = ChildProcess.Describe(command[0], command.Skip(1), user, cluster.Folder);
        var started = new TaskCompletionSource<PostmasterProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own that lives as long as PostgreSQL: the kernel's parent-death signal is sent when the *thread* that
        // forked ends, and a pool thread may be retired at any time.
        new Thread(() => Run(start, started)) { IsBackground = true, Name = "postgres" }.Start();
        return await started.Task;
    }

    /// <summary>What PostgreSQL said before its log collector took over; it explains a start that failed.</summary>
    public async Task<string> EarlyErrorsAsync()
    {
        try { return await errors.WaitAsync(TimeSpan.FromSeconds(2)); }
        catch (TimeoutException) { return ""; }
    }

    /// <summary>Stops it in order; when that takes too long, at once.</summary>
    public async Task StopAsync(PostgresBinaries binaries, TimeSpan patience, Action<string> log)
    {
        if (exited.Task.IsCompleted) return;
        await Signals.SendAsync(Id, StopSignal.Fast, binaries);
        if (await EndsWithinAsync(patience)) return;

        log($"PostgreSQL (process {Id}) did not stop within {patience.TotalSeconds:0} s; telling it to quit at once.");
        await Signals.SendAsync(Id, StopSignal.Immediate, binaries);
        if (await EndsWithinAsync(patience)) return;
        log($"PostgreSQL (process {Id}) still runs; the next start will stop it.");
    }

    private async Task<bool> EndsWithinAsync(TimeSpan patience)
    {
        try { await exited.Task.WaitAsync(patience); }
        catch (TimeoutException) { return false; }
        return true;
    }

    private static void Run(ProcessStartInfo start, TaskCompletionSource<PostmasterProcess> started)
    {
        Process process;
        PostmasterProcess postmaster;
        try
        {
            process = Process.Start(start)!;
            postmaster = new PostmasterProcess(process);
        }
        catch (Exception e)
        {
            started.SetException(e);
            return;
        }
        started.SetResult(postmaster);
        using (process)
        {
            process.WaitForExit();
            postmaster.exited.SetResult(process.ExitCode);
        }
    }

    // Both programs replace themselves with the next, so postgres stays our child. Nothing depends on them being there.
    private static async Task<IEnumerable<string>> WrappersAsync(EmbeddedPostgresOptions options, UnprivilegedUser? user, CancellationToken cancellation)
    {
        List<string> wrappers = [];
        // A session of its own: Ctrl+C in a terminal reaches the whole process group, and PostgreSQL would go before the server
        // has answered what it accepted.
        if (ChildProcess.FindOnPath("setsid") is { } setsid) wrappers.Add(setsid);

        if (options.StopWithOwner && ChildProcess.FindOnPath("setpriv") is { } setpriv)
        {
            string[] whenParentDies = ["--pdeathsig", "INT", "--"];
            // Busybox has a setpriv without it.
            var probe = await ChildProcess.RunAsync(setpriv, [.. whenParentDies, "/bin/true"], user, "/", cancellation);
            if (probe.ExitCode == 0) wrappers.AddRange([setpriv, .. whenParentDies]);
        }
        return wrappers;
    }
}
