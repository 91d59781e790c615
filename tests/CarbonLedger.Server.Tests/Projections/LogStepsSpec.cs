using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Projections;

/// <summary>Steps of a reader that is far behind.</summary>
[Collection("postgres")]
public sealed class LogStepsSpec(PostgresFixture postgres)
{
    [Fact]
    public async Task A_step_whose_reading_ahead_failed_is_read_again()
    {
        const long step = LogSteps.StepEventsMax;
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var database = new LedgerDatabase(connectionString);
        Assert.Null(await LedgerServer.PrepareAsync(database));
        await Sql.RunAsync(connectionString, $"insert into ledger.leaves (seq_id, bytes, hash) values ({step + 1}, 'no event', sha256(''))");
        var steps = new LogSteps(new BalanceBook(), database);
        Assert.Equal(step, (await steps.ReadAsync(0, 2 * step, CancellationToken.None)).Reached);
        await Assert.ThrowsAnyAsync<Exception>(() => steps.ReadAsync(step, 2 * step, CancellationToken.None));

        await Sql.RunAsync(connectionString, "alter table ledger.leaves disable trigger leaves_append_only; delete from ledger.leaves");
        var (events, reached) = await steps.ReadAsync(step, 2 * step, CancellationToken.None);
        Assert.Empty(events);
        Assert.Equal(2 * step, reached);
    }
}
