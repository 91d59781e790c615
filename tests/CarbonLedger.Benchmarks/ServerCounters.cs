using System.Globalization;

namespace CarbonLedger.Benchmarks;

/// <summary>What a server counted of its batches, read from <c>/metrics</c>.</summary>
internal sealed class ServerCounters(HttpClient http, Uri server)
{
    private readonly (double Batches, double Commands, double Seconds) before = Read(http, server);

    public (double Commands, double Milliseconds)? SinceStart()
    {
        var now = Read(http, server);
        var batches = now.Batches - before.Batches;
        return batches == 0 ? null : ((now.Commands - before.Commands) / batches, (now.Seconds - before.Seconds) * 1000 / batches);
    }

    private static (double Batches, double Commands, double Seconds) Read(HttpClient http, Uri server)
    {
        using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, new Uri(server, "/metrics")));
        using var reader = new StreamReader(answer.Content.ReadAsStream());
        var lines = reader.ReadToEnd().Split('\n');
        return (Value(lines, "carbonledger_batches_total"), Value(lines, "carbonledger_commands_total"), Value(lines, "carbonledger_batch_seconds_total"));
    }

    private static double Value(string[] lines, string name) =>
        lines.FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal)) is { } line ? double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture) : 0;
}
