namespace CarbonLedger.Server.Tests.EmbeddedPostgres;

[Collection("postgres")]
public sealed class FixtureSpec(PostgresFixture postgres)
{
    [Fact]
    public async Task Each_database_of_the_shared_server_is_new_and_empty()
    {
        var one = await postgres.CreateDatabaseAsync();
        var other = await postgres.CreateDatabaseAsync();
        await Sql.RunAsync(one, "create table keepsake as select 1 as kept");

        Assert.NotEqual(one, other);
        Assert.Equal("0", await Sql.AskAsync(other, "select count(*)::text from pg_tables where schemaname = 'public'"));
    }
}
