namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>The private PostgreSQL cannot run. The message is one line for the operator: what is wrong and what to do.</summary>
public class EmbeddedPostgresException : Exception
{
    public EmbeddedPostgresException(string message, Exception? cause = null) : base(OneLine(message), cause) { }

    // Output of other programs is quoted in messages; an operator greps for one line.
    private static string OneLine(string message) =>
        string.Join(' ', message.Split(['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>No usable PostgreSQL programs; the message says what to install. The program exits with code 3.</summary>
public sealed class PostgresBinariesNotFoundException(string message, Exception? cause = null) : EmbeddedPostgresException(message, cause);

/// <summary>Another live server owns the data folder.</summary>
public sealed class DataFolderInUseException(string message, Exception? cause = null) : EmbeddedPostgresException(message, cause);
