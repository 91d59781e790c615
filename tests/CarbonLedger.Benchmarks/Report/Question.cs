using System.Globalization;

namespace CarbonLedger.Benchmarks.Report;

/// <summary>A question with its budget, its goal and what was measured.</summary>
/// <param name="AtLeast">True when more is better.</param>
internal sealed record Question(string Text, double Budget, double Goal, double? Measured, string Unit, bool AtLeast = true)
{
    public static IReadOnlyList<Question> Of(Figures f) =>
    [
        new("Transfers over HTTP, 256 connections, all vouchers, against the fastest floor", 1.0, 2.0, f.PerSecond("transfers-256") / f.Floor, "×"),
        new("The same, all on one voucher, against all vouchers", 1.0, 1.3, f.PerSecond("one-voucher-256") / f.PerSecond("transfers-256"), "×"),
        new("Pledges and releases, 64 connections, against transfers", 0.7, 1.0, f.PerSecond("pledges-64") / f.PerSecond("transfers-64"), "×"),
        new("Deferred trades and settlements, 64 connections, against transfers", 0.7, 1.0, f.PerSecond("settlements-64") / f.PerSecond("transfers-64"), "×"),
        new("p99 at 64 connections, all vouchers", 25, 10, f.Mean("transfers-64", p => p.P99Ms), "ms", AtLeast: false),
        new($"Throughput with {f.Grown} more events in the log, against just before", 0.9, 1.0, f.PerSecond("after-growth-256") / f.PerSecond("before-growth-256"), "×"),
        new("Projection rebuild, the slowest projection", 100_000, 300_000, f.Rebuilt.Count == 0 ? null : f.Rebuilt.Min(r => r.PerSecond), "events/s"),
        new("Resident memory of the server under that load, at most", 400, 200, f.Megabytes, "MB", AtLeast: false),
        new("First start on an empty folder, database included, to ready", 15, 5, f.FirstStartSeconds, "s", AtLeast: false),
    ];

    public string Row => $"| {Text} | {Bound(Budget)} | {Bound(Goal)} | {(Measured is { } m ? Number(m) + " " + Unit : "–")} | {Verdict} |";

    private string Verdict => Measured switch
    {
        null => "not measured",
        { } m when Holds(m, Goal) => "goal reached",
        { } m when Holds(m, Budget) => "budget holds",
        _ => "**budget missed**",
    };

    private bool Holds(double measured, double bound) => AtLeast ? measured >= bound : measured <= bound;

    private string Bound(double bound) => $"{(AtLeast ? "≥" : "≤")} {Number(bound)} {Unit}";

    private static string Number(double number) => number >= 1000
        ? number.ToString("#,0", CultureInfo.InvariantCulture)
        : number.ToString(number >= 100 ? "0" : "0.0#", CultureInfo.InvariantCulture);
}
