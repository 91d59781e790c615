using System.Globalization;

namespace CarbonLedger.Core.Factors;

/// <summary>The factors that come with the program: <c>emission-factors.csv</c> beside this file, part of the assembly and the same for ever.</summary>
/// <remarks>A later publication does not go there: it is an event of the register, so that a past look-up can be repeated.</remarks>
public static class FactorLibrary
{
    public static IReadOnlyList<EmissionFactor> All { get; } = Read();

    private static readonly ILookup<Guid, EmissionFactor> BySeries = All.ToLookup(f => f.Series);

    public static IEnumerable<EmissionFactor> Of(Guid series) => BySeries[series];

    private static EmissionFactor[] Read()
    {
        using var reader = new StreamReader(typeof(FactorLibrary).Assembly.GetManifestResourceStream("emission-factors.csv")!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(Row)];
    }

    private static EmissionFactor Row(string line)
    {
        var cells = line.Split(';');
        return new EmissionFactor(
            cells[0],
            cells[3],
            cells[4].Length == 0 ? null : int.Parse(cells[4], CultureInfo.InvariantCulture),
            decimal.Parse(cells[5], CultureInfo.InvariantCulture),
            cells[6],
            cells[2],
            Enum.Parse<Calibre>(cells[1], ignoreCase: true),
            cells[7],
            cells[8],
            cells[9]);
    }
}
