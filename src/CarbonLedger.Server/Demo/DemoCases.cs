namespace CarbonLedger.Server.Demo;

/// <summary>What <c>--demo</c> plays, one case after another, each through the public API and each as its own.</summary>
internal static class DemoCases
{
    private static readonly Func<DemoClient, TextWriter, DemoCase>[] InOrder =
    [
        (client, output) => new LanzhouDemo(client, output),
        (client, output) => new OfficeDemo(client, output),
        (client, output) => new PledgeDemo(client, output),
    ];

    public static async Task PlayAsync(Uri server, TextWriter output)
    {
        foreach (var begin in InOrder)
        {
            using var client = new DemoClient(server); // one each: it knows whether any answer of its case was an earlier one
            await begin(client, output).PlayAsync(server);
        }
    }
}
