using System.Globalization;

namespace CarbonLedger.Core.Tests.Loans;

/// <summary>The tables of a page under <c>docs/concepts/</c>, so that its figures are the test's.</summary>
internal static class Document
{
    /// <summary>The rows of the table under a heading, cell by cell, without its head.</summary>
    public static IReadOnlyList<string[]> Table(string page, string heading)
    {
        var rows = Lines(page)
            .SkipWhile(l => l != "## " + heading)
            .Skip(1)
            .TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal))
            .Where(l => l.StartsWith('|'))
            .Skip(2)
            .Select(l => l.Trim('|').Split('|').Select(c => c.Trim()).ToArray())
            .ToArray();
        Assert.NotEmpty(rows);
        return rows;
    }

    public static string[] Lines(string page) => File.ReadAllLines(Path.Combine(Root(), "docs", "concepts", page));

    public static decimal Figure(string cell) => decimal.Parse(cell, CultureInfo.InvariantCulture);

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
