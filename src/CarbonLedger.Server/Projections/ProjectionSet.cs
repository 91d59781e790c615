using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Projections;

/// <summary>The followers of this process, one per projection.</summary>
public sealed class ProjectionSet(LedgerDatabase database, LogHead head, LogTail tail, ILoggerFactory logs)
{
    public ProjectionFollower Balances { get; } = Follow(new BalanceBook(), database, head, tail, logs);

    public ProjectionFollower Loans { get; } = Follow(new LoanBook(), database, head, tail, logs);

    public IReadOnlyList<ProjectionFollower> All => [Balances, Loans];

    /// <summary>
    /// The position to read at: the one asked for, else what the projection has reached. Waits for what the reader asked for, and
    /// otherwise for what this process has acknowledged, so that a client reads its own writes.
    /// </summary>
    public static async Task<long> PositionAsync(ProjectionFollower follower, LogHead head, ReadQuestion question)
    {
        var wanted = question.UpTo ?? Math.Max(head.Index, question.AtLeast ?? 0);
        if (!await follower.ReachesAsync(wanted, ReadEndpoint.WaitMax, CancellationToken.None))
        {
            throw new BadInputException(EdgeProblem.NotYetProjected, $"The answer needs log position {wanted}; the projection is at {follower.Position} and catching up. Ask again.");
        }

        return question.UpTo ?? follower.Position;
    }

    private static ProjectionFollower Follow(Projection projection, LedgerDatabase database, LogHead head, LogTail tail, ILoggerFactory logs) =>
        new(projection, database, head, tail, logs.CreateLogger<ProjectionFollower>());
}
