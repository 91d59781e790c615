using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Claims;

/// <summary>Goes on where a revocation has more claims to flag than one command takes (C6), when the server starts too.</summary>
/// <remarks>
/// The revocation marks what is left in its own transaction, so nothing is forgotten when a server dies. Every step is a command like any other:
/// whoever comes second finds nothing to do.
/// </remarks>
public sealed partial class OwedFlags(LedgerDatabase database, CommandQueue queue, ILogger<OwedFlags> log) : BackgroundService
{
    /// <summary>Vouchers that are looked at in one question.</summary>
    private const int VouchersMax = 100;

    /// <summary>How long a claim may stand unflagged after a revocation that could not take it at once; and how soon a failed step is tried again.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PassAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e.IsDatabaseFault())
            {
                Log.Failed(log, e.Message);
            }

            await Task.Delay(Every, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(CancellationToken stop)
    {
        while (await OwingAsync(stop) is { Count: > 0 } vouchers)
        {
            var steps = 0;
            foreach (var voucher in vouchers)
            {
                var answer = await queue.SubmitAsync(PendingCommand.OfTheRegister(new CancelRevokedUnits(new VoucherId(voucher)))).WaitAsync(stop);
                steps += answer is CommandAnswer.Decided { Status: StatusCodes.Status201Created } ? 1 : 0;
            }

            if (steps == 0)
            {
                return;
            }

            Log.Stepped(log, steps);
        }
    }

    private Task<List<Guid>> OwingAsync(CancellationToken stop) =>
        database.Readers.CreateCommand("select distinct voucher_id from ledger.claim_vouchers where due order by voucher_id limit $1")
            .With(VouchersMax)
            .ListAsync(row => row.GetGuid(0), stop);

    private static partial class Log
    {
        [LoggerMessage(80, LogLevel.Information, "{Count} further steps flagged claims on revoked vouchers.")]
        public static partial void Stepped(ILogger logger, int count);

        [LoggerMessage(81, LogLevel.Warning, "Claims on revoked vouchers could not be flagged, and it is tried again: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
