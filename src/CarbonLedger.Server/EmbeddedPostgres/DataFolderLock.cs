namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>
/// Held by the one server process that owns a data folder. The operating system releases it when the process ends, however it ends.
/// </summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream held;

    private DataFolderLock(FileStream held) => this.held = held;

    /// <exception cref="DataFolderInUseException">Another live server holds it.</exception>
    public static DataFolderLock Take(string dataFolder)
    {
        // The number stands in a file of its own: the locked one cannot be opened by the process that is refused.
        var ownerFile = Path.Combine(dataFolder, "server.pid");
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(dataFolder, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException io && !IsHeld(io)))
        {
            throw new EmbeddedPostgresException($"The data folder {dataFolder} cannot be written: {e.Message} "
                + "Start the server as the user who owns the folder, or choose another folder.", e);
        }
        catch (IOException e)
        {
            var owner = File.Exists(ownerFile) ? File.ReadAllText(ownerFile).Trim() : "unknown";
            throw new DataFolderInUseException($"The data folder {dataFolder} is in use by process {owner}. "
                + "Stop that server, or choose another data folder.", e);
        }
        File.WriteAllText(ownerFile, $"{Environment.ProcessId}\n");
        return new DataFolderLock(held);
    }

    // The runtime reports a file locked by another process with the system's own code.
    private static bool IsHeld(IOException e)
    {
        const int WindowsSharingViolation = unchecked((int)0x80070020);
        const int LinuxWouldBlock = 11;
        const int MacWouldBlock = 35;
        return e.HResult == (OperatingSystem.IsWindows() ? WindowsSharingViolation : OperatingSystem.IsMacOS() ? MacWouldBlock : LinuxWouldBlock);
    }

    public void Dispose() => held.Dispose();
}
