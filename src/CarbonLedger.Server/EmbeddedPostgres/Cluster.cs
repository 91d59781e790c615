using System.Text;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>PostgreSQL's own folder (PGDATA) inside the data folder.</summary>
internal sealed class Cluster(string dataFolder, UnprivilegedUser? user)
{
    private const string UnfinishedPrefix = "postgres.unfinished-";

    public string Folder { get; } = Path.Combine(dataFolder, "postgres");

    /// <summary>The major version that made the cluster, or null when there is none yet.</summary>
    public int? MajorVersion
    {
        get
        {
            var file = Path.Combine(Folder, "PG_VERSION");
            return File.Exists(file) && int.TryParse(File.ReadAllText(file), out var version) ? version : null;
        }
    }

    /// <summary>The postmaster that runs on this folder, whoever started it, or null.</summary>
    public int? LivePostmaster() => PostmasterRecord.Read(Folder) is { } record && record.IsAlive() ? record.Process : null;

    /// <summary>Removes a lock file that PostgreSQL would respect though no postmaster stands behind it.</summary>
    public void ForgetDeadPostmaster()
    {
        // PostgreSQL checks the number itself, and takes any living process of its user for a postmaster.
        if (PostmasterRecord.Read(Folder) is { } record && record.IsHarmless()) return;
        File.Delete(Path.Combine(Folder, PostmasterRecord.FileName));
    }

    /// <summary>Makes the cluster unless it exists. A kill at any moment leaves none or a whole one.</summary>
    public async Task InitialiseAsync(PostgresBinaries binaries, CancellationToken cancellation)
    {
        foreach (var unfinished in Directory.EnumerateDirectories(dataFolder, UnfinishedPrefix + "*")) Directory.Delete(unfinished, recursive: true);
        if (Directory.Exists(Folder)) return;

        var work = Path.Combine(dataFolder, $"{UnfinishedPrefix}{Guid.NewGuid():N}");
        Folders.CreatePrivate(work, user);
        // --locale=C: it exists everywhere, sorts by bytes on every machine, and no upgrade of a C library reorders an index.
        // Write-ahead log in files of 4 MB: a new one is filled with zeros before it is used, and every commit waits for that. 16 MB of them take some 25 ms.
        var made = await ChildProcess.RunAsync(binaries.Initdb,
            ["-D", work, "--data-checksums", "--wal-segsize=4", "--encoding=UTF8", "--locale=C", $"--username={PostgresEndpoint.Owner}", .. PostgresEndpoint.InitdbArguments(dataFolder)],
            user, work, cancellation);
        if (made.ExitCode != 0)
        {
            Folders.TryDelete(work);
            throw new EmbeddedPostgresException($"initdb failed in {dataFolder}: {made.Errors}");
        }
        await File.AppendAllTextAsync(Path.Combine(work, "postgresql.conf"), $"\ninclude '{PostgresSettings.FileName}'\n", cancellation);
        Directory.Move(work, Folder);
    }

    /// <summary>Gives the cluster to the user it will run as; another user may have run it before.</summary>
    public async Task TakeOwnershipAsync(CancellationToken cancellation)
    {
        if (user is null || !Directory.Exists(Folder)) return;
        // Only when it is needed: root changing owners in a folder that others can write would follow their hard links.
        if (!await user.OwnsAsync(Folder, cancellation)) user.TakeOwnershipOfAll(Folder);
    }

    public void WriteSettings(PostgresEndpoint endpoint)
    {
        var file = Path.Combine(Folder, PostgresSettings.FileName);
        var work = file + ".new";
        File.WriteAllText(work, PostgresSettings.Compose(endpoint), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        user?.TakeOwnership(work);
        File.Move(work, file, overwrite: true);
    }

    /// <summary>The last fatal line of PostgreSQL's newest log file, to say why a start failed.</summary>
    public string? LastFatalLine()
    {
        var newest = new DirectoryInfo(Path.Combine(Folder, "log")) is { Exists: true } folder
            ? folder.EnumerateFiles("*.log").OrderByDescending(file => file.LastWriteTimeUtc).FirstOrDefault()
            : null;
        if (newest is null) return null;
        // PostgreSQL may still be writing to it.
        using var stream = new FileStream(newest.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n').LastOrDefault(line => line.Contains(" FATAL:", StringComparison.Ordinal) || line.Contains(" PANIC:", StringComparison.Ordinal));
    }
}
