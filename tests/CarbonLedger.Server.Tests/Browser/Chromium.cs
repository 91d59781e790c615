using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CarbonLedger.Server.Tests.Browser;

/// <summary>Finds a Chromium on this machine: <c>CHROMIUM_PATH</c>, PATH, else what <c>tests/browser.sh</c> installs.</summary>
internal static class Chromium
{
    private static readonly Lazy<(string? Path, string Reason)> Found = new(Find);

    public static string? Path => Found.Value.Path;

    /// <summary>Why there is none.</summary>
    public static string Reason => Found.Value.Reason;

    private static (string? Path, string Reason) Find()
    {
        if (Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } named)
        {
            return File.Exists(named) ? (named, "") : (null, $"CHROMIUM_PATH names {named}, which does not exist.");
        }

        if (OnPath() is { } installed)
        {
            return (installed, "");
        }

        var reason = "This is not Linux; set CHROMIUM_PATH.";
        if (OperatingSystem.IsLinux())
        {
            reason = Install();
        }

        return OnPath() is { } path ? (path, "") : (null, $"No Chromium: {reason} Install one, or set CHROMIUM_PATH.");
    }

    private static string? OnPath() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
         from name in new[] { "chromium", "chromium-browser", "google-chrome", "google-chrome-stable" }
         let path = System.IO.Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();

    private static string Install([CallerFilePath] string here = "")
    {
        var script = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(here)!, "../../browser.sh"));
        using var process = Process.Start(new ProcessStartInfo("bash", [script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return $"{output.Result} {errors}".Trim().Split('\n')[^1];
    }
}

/// <summary>A fact that needs a browser; where there is none it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Chromium.Path is null ? Chromium.Reason : null;
}

/// <summary>A theory that needs a browser; where there is none it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Chromium.Path is null ? Chromium.Reason : null;
}
