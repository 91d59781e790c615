using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Loans;

/// <summary>Makes margin runs by itself: after each new price, after a revocation, and once a day in the registry's zone. They go the way of all commands.</summary>
/// <remarks>
/// Several servers may watch at once: a run's key is made of its occasion, so the same occasion is answered once. An occasion on which nothing
/// changes sends nothing; one that could not be sent comes again with the next look.
/// </remarks>
public sealed partial class MarginWatcher(LoanValuer valuer, CommandQueue queue, LedgerDatabase database, ILogger<MarginWatcher> log) : BackgroundService
{
    /// <summary>How soon after a price its runs come. Prices within it share one run.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Runs of one bank on one occasion: with 500 loans each, a million loans.</summary>
    private const int RunsPerOccasionMax = 2_000;

    private Occasion seen = new(0, 0, 0, default);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stoppingToken).AsTask().ContinueWith(t => t.IsCompletedSuccessfully && t.Result, TaskScheduler.Default))
        {
            try
            {
                var occasion = await OccasionAsync(stoppingToken);
                if (occasion != seen && await RunAsync(occasion, stoppingToken))
                {
                    seen = occasion;
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.RunFailed(log, e.Message);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
    }

    /// <returns>False when a run was not decided, so that the occasion must come again.</returns>
    private async Task<bool> RunAsync(Occasion occasion, CancellationToken stop)
    {
        var isDecided = true;
        foreach (var policy in await PoliciesAsync(stop))
        {
            var (bank, price) = (policy.Bank, occasion.PriceFor(policy.ValuationRule));
            if (price == seen.PriceFor(policy.ValuationRule) && occasion.Revoked == seen.Revoked && occasion.Day == seen.Day)
            {
                continue; // what is new does not concern this bank: under trades, most banks are not looked at
            }

            for (var number = 1; number <= RunsPerOccasionMax; number++)
            {
                if (await valuer.RunAsync(bank) is not { Command.Candidates.Count: > 0 } run)
                {
                    break;
                }

                var answer = await queue.SubmitAsync(PendingCommand.OfTheRegister(run.Command, $"margin run {number} of {bank} at {price} after {occasion.Revoked} on {occasion.Day:uuuu-MM-dd}"));
                isDecided &= answer is CommandAnswer.Decided;
                if (run.Left == 0 || answer is not CommandAnswer.Decided)
                {
                    break;
                }
            }
        }

        return isDecided;
    }

    private Task<List<CollateralPolicyState>> PoliciesAsync(CancellationToken stop) =>
        database.Readers.CreateCommand("select state from ledger.states where kind = 'collateralPolicy' order by begun_index")
            .ListAsync(row => (CollateralPolicyState)StateCodec.Decode("collateralPolicy", row.GetFieldValue<byte[]>(0)), stop);

    private async Task<Occasion> OccasionAsync(CancellationToken stop) =>
        (await database.Readers.CreateCommand(
            """
            select coalesce((select max(log_index) from ledger.reference_prices), 0), coalesce((select max(log_index) from ledger.trade_prices), 0),
                   (select count(*) from ledger.states where revoked)
            """)
            .FindAsync(row => new Occasion(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), valuer.Today), stop))!;

    /// <summary>What makes a run: the positions of the newest reference price and trade, 0 before the first, how many vouchers were ever revoked, and the day of the log's time.</summary>
    private sealed record Occasion(long ReferencePrice, long Trade, long Revoked, LocalDate Day)
    {
        public long PriceFor(ValuationRule rule) => rule switch
        {
            ValuationRule.ReferencePrice => ReferencePrice,
            ValuationRule.LastTrade => Trade,
            ValuationRule.Average => Trade,
            ValuationRule.ContractPrice => 0,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Error, "A margin run could not be made and comes again: {Reason}")]
        public static partial void RunFailed(ILogger logger, string reason);
    }
}
