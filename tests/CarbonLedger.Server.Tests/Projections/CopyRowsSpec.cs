using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Npgsql;

namespace CarbonLedger.Server.Tests.Projections;

/// <summary>Rows in PostgreSQL's binary COPY format, as many as a long step has, and again in the same memory.</summary>
[Collection("postgres")]
public sealed class CopyRowsSpec(PostgresFixture postgres)
{
    [Fact]
    public async Task Rows_arrive_as_they_were_written_however_many_there_are()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using (var create = new NpgsqlCommand("create table copied (id uuid, n bigint)", connection))
        {
            await create.ExecuteNonQueryAsync();
        }

        var rows = new CopyRows("copied", "id", "n");
        var expected = new List<(Guid Id, long Number)>();
        foreach (var count in new[] { 0, 1, 10_000, 3 })
        {
            rows.Clear();
            for (var i = 0; i < count; i++)
            {
                expected.Add((Guid.NewGuid(), i % 2 == 0 ? long.MaxValue - expected.Count : -expected.Count));
                rows.Row().Value(expected[^1].Id).Value(expected[^1].Number);
            }

            await rows.WriteAsync(connection, CancellationToken.None);
        }

        var found = new List<(Guid, long)>();
        await using var read = new NpgsqlCommand("select id, n from copied", connection);
        await using var reader = await read.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            found.Add((reader.GetGuid(0), reader.GetInt64(1)));
        }

        Assert.Equal(expected.Order(), found.Order());
    }
}
