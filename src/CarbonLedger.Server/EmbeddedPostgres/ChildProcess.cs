using System.Diagnostics;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>What a program said and how it ended.</summary>
internal sealed record Finished(int ExitCode, string Output, string Errors);

/// <summary>Starts other programs, as the unprivileged user where one is given.</summary>
internal static class ChildProcess
{
    /// <summary>How to start a program with all three streams in our hands.</summary>
    public static ProcessStartInfo Describe(string program, IEnumerable<string> arguments, UnprivilegedUser? user, string workingFolder)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The runtime itself drops user, group and supplementary groups between fork and exec, so neither setpriv nor su
        // needs to exist and the program stays our direct child.
        if (user is not null)
        {
            start.UserName = user.Name;
            start.Environment["HOME"] = "/";
        }
        // PGDATA, PGPORT, PGOPTIONS and their kin of the operator's shell are meant for another server.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        return start;
    }

    /// <summary>Runs a program to its end; it is killed with its children when the wait is cancelled.</summary>
    public static async Task<Finished> RunAsync(
        string program, IEnumerable<string> arguments, UnprivilegedUser? user, string workingFolder, CancellationToken cancellation)
    {
        using var process = Process.Start(Describe(program, arguments, user, workingFolder))!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return new Finished(process.ExitCode, await output, await errors);
    }

    /// <summary>The full path of a program on PATH, or null.</summary>
    public static string? FindOnPath(string program) =>
        PathFolders().Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    public static IEnumerable<string> PathFolders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted);
}
