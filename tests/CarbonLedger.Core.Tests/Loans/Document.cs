using System.Globalization;

namespace CarbonLedger.Core.Tests.Loans;

/// <summary>The tables of a page under <c>docs/concepts/</c>, so that its figures are the test's.</summary>
internal static class Document
{
    /// <summary>The rows of a table under a heading of any level, cell by cell, without its head.</summary>
    /// <param name="number">Which of the tables under the heading; 1 is the first.</param>
    public static IReadOnlyList<string[]> Table(string page, string heading, int number = 1)
    {
        var rows = Section(page, heading);
        for (; number > 1; number--)
        {
            rows = rows.SkipWhile(l => !l.StartsWith('|')).SkipWhile(l => l.StartsWith('|'));
        }

        var table = rows
            .SkipWhile(l => !l.StartsWith('|'))
            .TakeWhile(l => l.StartsWith('|'))
            .Skip(2)
            .Select(l => l.Trim('|').Split('|').Select(c => c.Trim()).ToArray())
            .ToArray();
        Assert.NotEmpty(table);
        return table;
    }

    /// <summary>The lines between a heading and the next one.</summary>
    public static IEnumerable<string> Section(string page, string heading) => Lines(page)
        .SkipWhile(l => !l.StartsWith('#') || l.TrimStart('#') != " " + heading)
        .Skip(1)
        .TakeWhile(l => !l.StartsWith('#'));

    public static string[] Lines(string page) => File.ReadAllLines(Path.Combine(Root(), "docs", "concepts", page));

    public static decimal Figure(string cell) => decimal.Parse(cell, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    public static LocalDate Date(string cell) => NodaTime.Text.LocalDatePattern.Iso.Parse(cell).Value;

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CarbonLedger.sln")))
        {
            folder = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }

        return folder;
    }
}
