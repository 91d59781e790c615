using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Trades;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Commands;

/// <summary>Ends what ends by itself at an instant: holds of trades, reservations of pledges. Before the server listens, what became due while it was down.</summary>
/// <remarks>
/// Every end is a command like any other, and the decisions look at the instant themselves: nobody gains anything while this is late.
/// Several servers do no harm to each other: an end's key is made of the thing and the minute, and whoever comes second finds it ended.
/// </remarks>
public sealed partial class Expiries(LedgerDatabase database, CommandQueue queue, LogClock clock, ILogger<Expiries> log) : BackgroundService
{
    /// <summary>What is looked at in one question.</summary>
    private const int DueMax = 100;

    /// <summary>How long something that was just registered may stay unseen.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var sleep = await LookAsync(stoppingToken);
            await Task.Delay(sleep, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends all that is due. Returns how long there is nothing to do for certain.</summary>
    private async Task<TimeSpan> LookAsync(CancellationToken stop)
    {
        try
        {
            return await PassAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return TimeSpan.Zero;
        }
        catch (Exception e) when (e.IsDatabaseFault())
        {
            Log.Failed(log, e.Message);
            return Every;
        }
    }

    /// <summary>One way through everything that is due: what cannot be ended keeps nothing behind it from its end.</summary>
    private async Task<TimeSpan> PassAsync(CancellationToken stop)
    {
        var now = clock.Now;
        var (ended, left, next) = (0, 0, now + Duration.FromTimeSpan(Every));
        var (after, afterId) = (Instant.FromUnixTimeTicks(0), Guid.Empty);
        while (true)
        {
            var soon = await DueAsync(now + Duration.FromTimeSpan(Every), after, afterId, stop);
            var due = soon.Where(s => s.At <= now).ToArray();
            var answers = await Task.WhenAll(due.Select(d => queue.SubmitAsync(PendingOf(d.Kind, d.Id, now)))).WaitAsync(stop);
            var done = answers.Count(a => a is CommandAnswer.Decided { Status: StatusCodes.Status201Created, Replayed: false });
            (ended, left) = (ended + done, left + due.Length - done);
            next = soon.Where(s => s.At > now).Select(s => s.At).Append(next).Min();
            if (soon.Count < DueMax)
            {
                break;
            }

            (_, afterId, after) = soon[^1];
        }

        if (ended > 0)
        {
            Log.Ended(log, ended);
        }

        // What was due and did not end comes again with the next look.
        return left > 0 ? Every : (next - now).ToTimeSpan();
    }

    /// <summary>The end of each kind of thing that ends by itself.</summary>
    private static Command EndOf(string kind, Guid id) => kind switch
    {
        "trade" => new ExpireTrade(new TradeId(id)),
        "pledge" => new ExpireReservation(new PledgeId(id)),
        _ => throw new InvalidOperationException($"Nothing ends a {kind} by itself."),
    };

    private static PendingCommand PendingOf(string kind, Guid id, Instant now) =>
        PendingCommand.OfTheRegister(EndOf(kind, id), $"end of {kind} {id} in minute {now.ToUnixTimeSeconds() / 60}");

    private Task<List<(string Kind, Guid Id, Instant At)>> DueAsync(Instant until, Instant after, Guid afterId, CancellationToken stop) =>
        database.Readers.CreateCommand(
            "select kind, id, due_at from ledger.states where due_at <= $1 and (due_at, id) > ($3, $4) order by due_at, id limit $2")
            .With(until.ToDateTimeUtc()).With(DueMax).With(after.ToDateTimeUtc()).With(afterId)
            .ListAsync(row => (row.GetString(0), row.GetGuid(1), row.InstantAt(2)), stop);

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Information, "{Count} holds and reservations came to their end.")]
        public static partial void Ended(ILogger logger, int count);

        [LoggerMessage(71, LogLevel.Warning, "What is due could not be ended and is tried again: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
