using System.Runtime.InteropServices;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>Folders whose mode and owner matter, because server and PostgreSQL may run as different users.</summary>
internal static class Folders
{
    private const UnixFileMode OpenMode = (UnixFileMode)0b111_101_101;
    private const uint PrivateMode = 0b111_000_000;

    /// <summary>Creates the folder so that other users can pass through it, whatever the umask; an existing one stays as it is.</summary>
    public static string CreateOpen(string path)
    {
        try
        {
            if (Directory.Exists(path)) return path;
            Directory.CreateDirectory(path);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, OpenMode);
            return path;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new EmbeddedPostgresException($"The folder {path} cannot be created: {e.Message} Choose another data folder.", e);
        }
    }

    /// <summary>Creates a folder only its owner can enter; fails when anything stands there already.</summary>
    public static void CreatePrivate(string path, UnprivilegedUser? owner)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        // mkdir(2) itself, because Directory.CreateDirectory accepts what another user may have planted at a predictable path in /tmp.
        if (MakeDirectory(path, PrivateMode) != 0)
            throw new EmbeddedPostgresException($"The folder {path} cannot be created: {Marshal.GetLastPInvokeErrorMessage()}. "
                + "If it belongs to another user, remove it.");
        owner?.TakeOwnership(path);
    }

    /// <summary>Removes the folder if it can be removed.</summary>
    public static void TryDelete(string path)
    {
        try { Directory.Delete(path, recursive: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { /* the next start tries again */ }
    }

    [DllImport("libc", EntryPoint = "mkdir", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeDirectory([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
