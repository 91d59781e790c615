using Npgsql;

namespace CarbonLedger.Server.Store;

/// <summary>Statements with their values, and rows read one by one.</summary>
public static class Query
{
    /// <summary>The next value of a statement: the first is $1.</summary>
    /// <remarks>Its type says the parameter's, also where it is null.</remarks>
    public static NpgsqlCommand With<T>(this NpgsqlCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    public static string? TextOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <remarks>The first instant of the calendar is kept as <c>-infinity</c>, and comes back without its kind.</remarks>
    public static Instant InstantAt(this NpgsqlDataReader row, int column) => Instant.FromDateTimeUtc(DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc));

    public static LocalDate DateAt(this NpgsqlDataReader row, int column) => LocalDate.FromDateOnly(row.GetFieldValue<DateOnly>(column));

    public static LocalDate? DateOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.DateAt(column);

    /// <summary>What a statement says in its only row; null where it has none.</summary>
    public static async Task<T?> FindAsync<T>(this NpgsqlCommand statement, Func<NpgsqlDataReader, T?> read, CancellationToken stop = default) =>
        (await statement.ListAsync(read, stop)).SingleOrDefault();

    /// <summary>Runs a statement once, and makes something of each row.</summary>
    public static async Task<List<T>> ListAsync<T>(this NpgsqlCommand statement, Func<NpgsqlDataReader, T> read, CancellationToken stop = default)
    {
        await using var command = statement;
        await using var reader = await command.ExecuteReaderAsync(stop);
        var rows = new List<T>();
        while (await reader.ReadAsync(stop))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
