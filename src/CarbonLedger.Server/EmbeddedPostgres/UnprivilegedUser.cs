using System.ComponentModel;
using System.Runtime.InteropServices;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>The user PostgreSQL runs as when the server is root: PostgreSQL refuses to run as root.</summary>
internal sealed record UnprivilegedUser(string Name, uint UserId, uint GroupId)
{
    // PostgreSQL looks its own user up, so the user must exist in passwd; `nobody` always does.
    private static readonly string[] Preferred = ["postgres", "nobody"];

    /// <summary>The user to drop to, or null when the server is not root and nothing is dropped.</summary>
    public static UnprivilegedUser? ForThisProcess()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess) return null;
        foreach (var name in Preferred)
        {
            if (Find(name) is { } user) return user;
        }
        throw new EmbeddedPostgresException("PostgreSQL refuses to run as root and this machine has neither a user postgres nor nobody. "
            + "Create the user postgres, or run the server as an ordinary user.");
    }

    /// <summary>Gives one file or folder, or the link itself, to the user.</summary>
    public void TakeOwnership(string path)
    {
        if (ChangeOwner(path, UserId, GroupId) != 0)
            throw new EmbeddedPostgresException($"{path} cannot be given to user {Name}: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    /// <summary>Gives a folder and everything in it to the user.</summary>
    public void TakeOwnershipOfAll(string folder)
    {
        TakeOwnership(folder);
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", everything)) TakeOwnership(path);
    }

    /// <summary>Whether the user owns this path and can reach it.</summary>
    public Task<bool> OwnsAsync(string path, CancellationToken cancellation) => TestAsync("test -O \"$0\"", path, cancellation);

    /// <summary>Refuses, naming the closed folder and the remedy, when the user cannot reach <paramref name="folder"/>.</summary>
    public async Task RequireReachableAsync(string folder, CancellationToken cancellation)
    {
        if (await TestAsync("test -x \"$0\"", folder, cancellation)) return;

        var closed = folder;
        for (var parent = Path.GetDirectoryName(folder); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (await TestAsync("test -x \"$0\"", parent, cancellation)) break;
            closed = parent;
        }
        throw new EmbeddedPostgresException($"PostgreSQL runs as user {Name} (it refuses root), and {Name} cannot pass through {closed}. "
            + $"Choose a data folder outside it, such as /var/lib/carbonledger, or run: chmod o+x {closed}");
    }

    // The kernel answers as that user: modes, ACLs and mounts together, which reading mode bits would miss.
    private async Task<bool> TestAsync(string script, string path, CancellationToken cancellation)
    {
        try
        {
            return (await ChildProcess.RunAsync("/bin/sh", ["-c", script, path], this, "/", cancellation)).ExitCode == 0;
        }
        catch (Win32Exception e)
        {
            throw new EmbeddedPostgresException($"This process is root but may not start programs as user {Name}: {e.Message}. "
                + "Run the server as an ordinary user.", e);
        }
    }

    private static UnprivilegedUser? Find(string name)
    {
        var entry = GetPasswordEntry(name);
        if (entry == IntPtr.Zero) return null;
        // struct passwd starts alike on Linux and macOS: char *name, char *password, uid, gid.
        // Unchecked: macOS numbers nobody as −2.
        return unchecked(new UnprivilegedUser(name,
            UserId: (uint)Marshal.ReadInt32(entry, 2 * IntPtr.Size),
            GroupId: (uint)Marshal.ReadInt32(entry, 2 * IntPtr.Size + sizeof(uint))));
    }

    [DllImport("libc", EntryPoint = "getpwnam", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr GetPasswordEntry([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    // lchown, because chown would follow a link out of the data folder.
    [DllImport("libc", EntryPoint = "lchown", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ChangeOwner([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint userId, uint groupId);
}
