using System.Globalization;

namespace CarbonLedger.Benchmarks;

/// <summary>What to measure and for how long.</summary>
public sealed record Options
{
    public const string Usage = """
        Measures CarbonLedger against its budgets in one run: driver, server and PostgreSQL are processes of their own on this machine.

          --quick              2,000 vouchers and short points, to see that everything works
          --only NAMES         only these points, separated by commas (names as in the results)
          --grow N             repeat a point with N more events in the log (the budget speaks of 10000000)
          --connection TEXT    use this PostgreSQL server; databases bench_ledger and bench_floor are dropped and made anew there
          --folder PATH        where the private PostgreSQL keeps its data meanwhile (a new folder under the system's temporary one)
          --set NAME=VALUE     an extra setting of the private PostgreSQL; may come several times
          --out FILE           the results file (results/<date>-<commit>.md beside the project's sources)
        """;

    public bool Quick { get; private init; }

    public IReadOnlyList<string> Only { get; private init; } = [];

    public long Grow { get; private init; }

    public string? Connection { get; private init; }

    public string? Folder { get; private init; }

    public IReadOnlyList<string> Settings { get; private init; } = [];

    public string? Out { get; private init; }

    public int Vouchers => Quick ? 2_000 : 10_000;

    /// <summary>How often what is compared is measured in turn.</summary>
    public int Rounds => Quick ? 1 : 3;

    public TimeSpan WarmUp => TimeSpan.FromSeconds(Quick ? 1 : 3);

    public TimeSpan Measure => TimeSpan.FromSeconds(Quick ? 3 : 8);

    public static Options Parse(string[] args)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--quick" => options with { Quick = true },
                "--only" => options with { Only = Value(args, ref i).Split(',') },
                "--grow" => options with { Grow = long.Parse(Value(args, ref i), CultureInfo.InvariantCulture) },
                "--connection" => options with { Connection = Value(args, ref i) },
                "--folder" => options with { Folder = Value(args, ref i) },
                "--set" => options with { Settings = [.. options.Settings, Value(args, ref i)] },
                "--out" => options with { Out = Value(args, ref i) },
                _ => throw new ArgumentException($"Unknown argument {args[i]}. --help lists them."),
            };
        }

        return options;
    }

    public bool Wants(string point) => Only.Count == 0 || Only.Contains(point);

    private static string Value(string[] args, ref int i) =>
        ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");
}
