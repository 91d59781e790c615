using CarbonLedger.Core.Schemes;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Schemes;

/// <summary>Once a day, and when the server starts: units whose lifetime has ended expire, and what has become free of revoked vouchers is cancelled.</summary>
/// <remarks>Every step is a command like any other, so several servers do no harm to each other: whoever comes second finds nothing to do.</remarks>
public sealed partial class DailyRun(LedgerDatabase database, CommandQueue queue, IClock clock, ILogger<DailyRun> log) : BackgroundService
{
    /// <summary>How often the date is looked at, and how soon a run that failed is tried again.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    /// <summary>One pass over all schemes and revoked vouchers for a day. Returns the number of steps made.</summary>
    public async Task<int> RunAsync(LocalDate today, CancellationToken stop)
    {
        var steps = 0;
        foreach (var scheme in await IdsAsync("select id from ledger.states where kind = 'scheme' and state -> 'lifetimeYears' is not null order by begun_index", stop))
        {
            steps += await RepeatAsync(new ExpireUnits(new SchemeId(scheme), today), stop);
        }

        foreach (var voucher in await IdsAsync(
            """
            select v.id from ledger.states v
            where v.revoked
                and exists (select from ledger.pieces p where p.voucher_id = v.id and p.status = 0 and not p.locked)
            order by v.id
            """,
            stop))
        {
            steps += await RepeatAsync(new CancelRevokedUnits(new VoucherId(voucher)), stop);
        }

        return steps;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var done = LocalDate.MinIsoValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            var today = RegistryCalendar.DateOf(clock.GetCurrentInstant());
            try
            {
                if (today > done)
                {
                    var steps = await RunAsync(today, stoppingToken);
                    done = today;
                    if (steps > 0)
                    {
                        Log.Ran(log, today, steps);
                    }
                }

                await Task.Delay(Every, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is StepFailedException || e.IsDatabaseFault())
            {
                Log.Failed(log, today, e.Message);
                await Task.Delay(Every, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Gives the command again and again until it finds nothing more to do.</summary>
    private async Task<int> RepeatAsync(Command command, CancellationToken stop)
    {
        for (var steps = 0; ; steps++)
        {
            stop.ThrowIfCancellationRequested();
            switch (await queue.SubmitAsync(PendingCommand.OfTheRegister(command)).WaitAsync(stop))
            {
                case CommandAnswer.Decided { Status: StatusCodes.Status201Created }:
                    break;
                case CommandAnswer.Decided:
                    return steps;
                case var answer:
                    throw new StepFailedException(answer.GetType().Name);
            }
        }
    }

    private Task<List<Guid>> IdsAsync(string sql, CancellationToken stop) =>
        database.Readers.CreateCommand(sql).ListAsync(row => row.GetGuid(0), stop);

    private sealed class StepFailedException(string answer) : Exception($"A step was answered {answer}.");

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Information, "The run of {Day} made {Steps} steps of expiry and revocation.")]
        public static partial void Ran(ILogger logger, LocalDate day, int steps);

        [LoggerMessage(91, LogLevel.Warning, "The run of {Day} stopped and is tried again: {Reason}")]
        public static partial void Failed(ILogger logger, LocalDate day, string reason);
    }
}
