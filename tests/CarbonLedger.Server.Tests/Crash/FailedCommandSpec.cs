using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Tests.Api;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Crash;

/// <summary>A command that the register cannot decide: the operator reads why, and reads no more than that.</summary>
public sealed class FailedCommandSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private const string Personal = "in favour of Wang Xiaoming";

    [Fact]
    public async Task Its_reason_stands_in_the_log_and_its_words_do_not()
    {
        var (broken, buyer) = ((await Api.VoucherAsync()).Account, (await Api.CastAsync()).BuyerAccount);
        await SqlAsync($"update ledger.states set state = '[]' where id = '{broken}'");
        using var log = new KeptLog();
        await using var server = await RunningServer.StartAsync(Fixture.ConnectionString, log: log);
        using var api = new LedgerApi(server.Url);

        var answer = await api.PostAsync("/v1/transfers", new { fromAccountId = broken, toAccountId = buyer, lines = new[] { new { voucherId = Nobody, kilograms = 1 } }, reason = Personal });

        Assert.Equal((500, "internal-error"), (answer.Status, answer.Code));
        var line = Assert.Single(log.Errors);
        Assert.Contains("TransferUnits failed", line);
        Assert.Contains("JsonException: ", line);
        Assert.DoesNotContain(Personal, line);
    }

    [Fact]
    public async Task Also_one_whose_decision_breaks_is_told_with_its_reason()
    {
        using var log = new KeptLog();
        await using var server = await RunningServer.StartAsync(Fixture.ConnectionString, log: log);

        var answer = await AskAsync(server, new Broken(new InvalidOperationException("One unit has two holders.")));

        Assert.IsType<CommandAnswer.Failed>(answer);
        var line = Assert.Single(log.Errors);
        Assert.Contains("Broken failed", line);
        Assert.Contains("InvalidOperationException: One unit has two holders.", line);
    }

    /// <summary>PostgreSQL's exception shows the row when it is written out as a whole.</summary>
    [Fact]
    public async Task What_PostgreSQL_says_of_a_row_stays_out_of_the_log()
    {
        using var log = new KeptLog();
        await using var server = await RunningServer.StartAsync(Fixture.ConnectionString, log: log);

        await AskAsync(server, new Broken(new PostgresException("new row violates a check", "ERROR", "ERROR", "23514", detail: Personal, where: Personal, constraintName: "some_rule")));

        var line = Assert.Single(log.Errors);
        Assert.Contains("new row violates a check", line);
        Assert.DoesNotContain(Personal, line);
    }

    [Theory]
    [InlineData("coverage_once")]
    [InlineData("claimed_once")]
    public async Task What_a_constraint_refuses_is_an_answer_and_no_error(string constraint)
    {
        using var log = new KeptLog();
        await using var server = await RunningServer.StartAsync(Fixture.ConnectionString, log: log);

        var answer = await AskAsync(server, new Broken(new PostgresException("conflicting key value", "ERROR", "ERROR", "23P01", constraintName: constraint)));

        Assert.Equal(409, Assert.IsType<CommandAnswer.Decided>(answer).Status);
        Assert.Empty(log.Errors);
    }

    private static Task<CommandAnswer> AskAsync(RunningServer server, Command command) =>
        server.App.Services.GetRequiredService<CommandQueue>().SubmitAsync(PendingCommand.OfTheRegister(command));

    private sealed record Broken(Exception Reason) : Command
    {
        public override void Collect(Needs needs)
        {
        }

        public override Decision Decide(Register register, Context context) => throw Reason;
    }
}
