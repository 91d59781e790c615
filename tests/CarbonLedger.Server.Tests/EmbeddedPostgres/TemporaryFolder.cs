using CarbonLedger.Server.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.EmbeddedPostgres;

/// <summary>A data folder for one test, removed with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        Directory.CreateDirectory(Path);
        // As root the server drops to another user, who has to pass through.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"carbonledger-test-{Guid.NewGuid():N}");

    /// <summary>Options as the product's own, except that fetched programs are fetched once for all tests.</summary>
    public EmbeddedPostgresOptions Options() =>
        new(Path) { FetchedBinariesFolder = System.IO.Path.Combine(EmbeddedPostgresOptions.DefaultDataFolderPath(), "postgres-binaries") };

    public void Dispose()
    {
        // A killed owner leaves its socket folder to the next start, and here there is none.
        if (!OperatingSystem.IsWindows()) PostgresEndpoint.For(Options(), Path).Remove();
        Directory.Delete(Path, recursive: true);
    }
}
