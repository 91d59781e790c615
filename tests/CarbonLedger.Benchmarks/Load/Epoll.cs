using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CarbonLedger.Benchmarks.Load;

/// <summary>Waits for readable sockets with Linux's epoll: one thread, no allocation, no thread pool between socket and driver.</summary>
internal sealed class Epoll : IDisposable
{
    private const int Add = 1;
    private const int Readable = 1;

    // struct epoll_event is packed on x64 only: events, [padding], data (two words).
    private static readonly int Words = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 3 : 4;

    private readonly int handle = Create(0);
    private readonly int[] ready;

    public Epoll(int sockets) => ready = new int[sockets * Words];

    public void Watch(Socket socket, int number)
    {
        var one = new int[Words];
        one[0] = Readable;
        one[Words - 2] = number;
        if (Control(handle, Add, (int)socket.Handle, one) != 0)
        {
            throw new Win32Exception();
        }
    }

    /// <summary>The numbers of the readable sockets; none after the time.</summary>
    public int Wait(Span<int> numbers, int milliseconds)
    {
        var count = Wait(handle, ready, ready.Length / Words, milliseconds);
        for (var i = 0; i < count; i++)
        {
            numbers[i] = ready[(i * Words) + Words - 2];
        }

        return Math.Max(count, 0);
    }

    public void Dispose() => _ = Close(handle);

    [DllImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Create(int flags);

    [DllImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int epoll, int operation, int descriptor, int[] change);

    [DllImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Wait(int epoll, [In, Out] int[] ready, int most, int milliseconds);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
