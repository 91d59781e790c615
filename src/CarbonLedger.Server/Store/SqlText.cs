using System.Reflection;

namespace CarbonLedger.Server.Store;

/// <summary>Statements of more than five lines stand in files of their own, embedded under their names.</summary>
public static class SqlText
{
    private static readonly Assembly Assembly = typeof(SqlText).Assembly;

    public static string Read(string name)
    {
        using var stream = Assembly.GetManifestResourceStream($"CarbonLedger.Server.Store.Sql.{name}.sql")
            ?? throw new InvalidOperationException($"No embedded statement {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
