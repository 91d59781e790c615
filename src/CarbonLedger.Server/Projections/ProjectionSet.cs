using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Projections;

/// <summary>The followers of this process, one per projection.</summary>
public sealed class ProjectionSet(LedgerDatabase database, LogHead head, LogTail tail, ILoggerFactory logs)
{
    public ProjectionFollower Balances { get; } = Follow(new BalanceBook(), database, head, tail, logs);

    public ProjectionFollower Loans { get; } = Follow(new LoanBook(), database, head, tail, logs);

    public IReadOnlyList<ProjectionFollower> All => [Balances, Loans];

    private static ProjectionFollower Follow(Projection projection, LedgerDatabase database, LogHead head, LogTail tail, ILoggerFactory logs) =>
        new(projection, database, head, tail, logs.CreateLogger<ProjectionFollower>());
}
