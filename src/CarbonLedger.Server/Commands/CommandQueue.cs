using System.Threading.Channels;

namespace CarbonLedger.Server.Commands;

/// <summary>The bounded way in. Whoever comes when it is full is told so at once.</summary>
public sealed class CommandQueue
{
    /// <summary>Commands that may wait: some eight full batches, well under a second of work.</summary>
    public const int QueueCommandsMax = 4_096;

    /// <summary>Commands in one transaction. Larger ones gain nothing more and make the last of them wait.</summary>
    public const int BatchCommandsMax = 512;

    private readonly Channel<PendingCommand> channel = Channel.CreateBounded<PendingCommand>(
        new BoundedChannelOptions(QueueCommandsMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    // Taken from the channel, but kept for a batch of their own. Only the loop touches it.
    private readonly Queue<PendingCommand> alone = new();

    /// <summary>Commands waiting now.</summary>
    public int Depth => channel.Reader.Count;

    public Task<CommandAnswer> SubmitAsync(PendingCommand command) =>
        channel.Writer.TryWrite(command) ? command.Answer : Task.FromResult<CommandAnswer>(new CommandAnswer.Overloaded());

    /// <summary>Decides this command in a batch of its own, next.</summary>
    public void Defer(PendingCommand command) => alone.Enqueue(command);

    /// <summary>Waits for a command, then takes whatever has queued: nothing is ever held back for a timer.</summary>
    public async ValueTask TakeAsync(List<PendingCommand> batch, CancellationToken stop)
    {
        batch.Clear();
        if (alone.TryDequeue(out var first))
        {
            batch.Add(first);
            return;
        }

        await channel.Reader.WaitToReadAsync(stop);
        while (batch.Count < BatchCommandsMax && channel.Reader.TryRead(out var command))
        {
            if (command.Command.Alone)
            {
                alone.Enqueue(command);
                break;
            }

            batch.Add(command);
        }
    }
}
