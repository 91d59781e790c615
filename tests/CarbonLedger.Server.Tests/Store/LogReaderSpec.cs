using System.Text;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Store;

/// <summary>A stream as it stood at a past position.</summary>
[Collection("postgres")]
public sealed class LogReaderSpec(PostgresFixture postgres)
{
    private const string Stream = "00000000-0000-7000-8000-000000000001";
    private const int Versions = 20_000;

    /// <summary>A stream whose every third position of the log is its own.</summary>
    private const string Fill =
        $"""
        insert into mt_streams (id, version) values ('{Stream}', 20000);
        insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp) select 3 * v, gen_random_uuid(), '{Stream}', v, '[]', 'x', now() from generate_series(1, 20000) v;
        insert into ledger.leaves (seq_id, bytes, hash) select 3 * v, v::text::bytea, sha256('') from generate_series(1, 20000) v;
        analyze;
        select pg_stat_reset();
        """;

    [Fact]
    public async Task What_came_after_the_position_is_neither_told_nor_walked_past()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (var database = new LedgerDatabase(connectionString))
        {
            Assert.Null(await LedgerServer.PrepareAsync(database));
            await Sql.RunAsync(connectionString, Fill);
            var reader = new LogReader(database, new LogHead());
            foreach (var (upTo, last) in new (long?, int)[] { (0, 0), (2, 0), (3, 1), (10, 3), (29, 9), (30, 10), (3 * Versions, Versions), (long.MaxValue, Versions), (null, Versions) })
            {
                async Task<IEnumerable<string>> ReadAsync(int after) =>
                    (await reader.StreamBytesAsync(Guid.Parse(Stream), after, upTo, 5, CancellationToken.None)).Select(Encoding.ASCII.GetString);
                Assert.Equal(Enumerable.Range(1, Math.Min(5, last)).Select(v => $"{v}"), await ReadAsync(0));
                Assert.Equal(Enumerable.Range(8, Math.Clamp(last - 7, 0, 5)).Select(v => $"{v}"), await ReadAsync(7));
            }

            Assert.Empty(await reader.StreamBytesAsync(Guid.NewGuid(), 0, 30, 5, CancellationToken.None));
        }

        // A connection tells what it has read when it ends.
        for (var patience = 0; await Sql.AskAsync(connectionString, "select count(*)::text from pg_stat_activity where datname = current_database() and application_name like 'carbonledger%'") != "0"; patience++)
        {
            Assert.True(patience < 400, "The readers do not go away.");
            await Task.Delay(10);
        }

        var walked = long.Parse((await Sql.AskAsync(connectionString, "select (seq_tup_read + idx_tup_fetch)::text from pg_stat_user_tables where relname = 'mt_events'"))!);
        Assert.InRange(walked, 60, 1000);
    }
}
