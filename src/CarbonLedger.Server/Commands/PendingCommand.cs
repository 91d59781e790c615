using System.Security.Cryptography;
using System.Text;
using CarbonLedger.Core.Log;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Commands;

/// <summary>A command on its way through the queue, with what its answer needs.</summary>
public sealed class PendingCommand(Command command, OrganizationId? actingOrganization, Guid keyDigest, Guid requestDigest, RenderAnswer render)
{
    private readonly TaskCompletionSource<CommandAnswer> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Command Command { get; } = command;

    public OrganizationId? ActingOrganization { get; } = actingOrganization;

    /// <summary>Digest of the actor and its Idempotency-Key.</summary>
    public Guid KeyDigest { get; } = keyDigest;

    /// <summary>Digest of path and body: the same key with another one is refused (D7).</summary>
    public Guid RequestDigest { get; } = requestDigest;

    public RenderAnswer Render { get; } = render;

    /// <summary>Names that stand outside the log, kept with the command's events.</summary>
    public IReadOnlyList<PrivateName> PrivateNames { get; init; } = [];

    /// <summary>A command that the register gives itself.</summary>
    /// <param name="occasion">What makes it one and the same when several servers come upon it; null for one that nobody else gives.</param>
    public static PendingCommand OfTheRegister(Command command, string? occasion = null)
    {
        var key = CommandEndpoint.Digest(occasion is null ? RandomNumberGenerator.GetBytes(16) : SHA256.HashData(Encoding.UTF8.GetBytes(occasion)));
        return new PendingCommand(command, null, key, key, AcceptedWire.Render);
    }

    public Task<CommandAnswer> Answer => completion.Task;

    public void Complete(CommandAnswer answer) => completion.TrySetResult(answer);
}

/// <summary>Makes the body of a success from its events. Called once, before the commit; the bytes are kept under the key.</summary>
public delegate byte[] RenderAnswer(Guid id, IReadOnlyList<RecordedEvent> events);

/// <summary>A personal name, its salt, and the id of what it belongs to.</summary>
public sealed record PrivateName(Guid Id, byte[] Salt, string Name);

/// <summary>What became of a command.</summary>
public abstract record CommandAnswer
{
    private CommandAnswer() { }

    /// <summary>Decided, and the decision is durable. A refusal is a decision too.</summary>
    public sealed record Decided(int Status, byte[] Body, long LogIndex, bool Replayed) : CommandAnswer;

    /// <summary>The key was used before with another body.</summary>
    public sealed record KeyReused : CommandAnswer;

    /// <summary>The queue is full; nothing was done.</summary>
    public sealed record Overloaded : CommandAnswer;

    /// <summary>The database could not be asked; nothing was done.</summary>
    public sealed record Unavailable : CommandAnswer;

    /// <summary>The commit was sent and its answer lost. Asking again with the same key finds the truth.</summary>
    public sealed record OutcomeUnknown : CommandAnswer;

    /// <summary>An invariant broke; the command was rolled back.</summary>
    public sealed record Failed(string Reason) : CommandAnswer;
}
