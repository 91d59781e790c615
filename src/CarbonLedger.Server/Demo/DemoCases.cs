namespace CarbonLedger.Server.Demo;

/// <summary>What <c>--demo</c> plays, one case after another, each through the public API and each as its own.</summary>
internal static class DemoCases
{
    private static readonly Func<Uri, TextWriter, Task>[] InOrder =
    [
        LanzhouDemo.PlayAsync,
        OfficeDemo.PlayAsync,
        PledgeDemo.PlayAsync,
    ];

    public static async Task PlayAsync(Uri server, TextWriter output)
    {
        foreach (var play in InOrder)
        {
            await play(server, output);
        }
    }
}
