namespace CarbonLedger.Core.Decisions;

/// <summary>Several commands that happen together or not at all, decided in order; each sees what the ones before it would do (D6).</summary>
/// <param name="Id">The id of the whole.</param>
public sealed record Together(Guid Id, IReadOnlyList<Command> Commands) : Command
{
    /// <summary>
    /// The most commands of one decision. All that they name is loaded and written in one transaction, during which the whole register waits: as many
    /// as a single command may have lines, so that this waits no longer than the largest of those.
    /// </summary>
    public const int CommandsMax = Line.LinesPerCommandMax;

    /// <summary>It decides on a copy of what was loaded, which must not be that of a whole batch.</summary>
    public override bool Alone => true;

    public override void Collect(Needs needs)
    {
        foreach (var command in Commands)
        {
            command.Collect(needs);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        var copy = register.Copy();
        var events = new List<LedgerEvent>();
        for (var i = 0; i < Commands.Count; i++)
        {
            switch (Commands[i].Decide(copy, context with { LogIndex = context.LogIndex + events.Count }))
            {
                case Decision.Refused { Refusal: var refusal }:
                    return new Refusal.RowRefused(i + 1, refusal.Code, refusal.Detail);
                case Decision.Accepted accepted:
                    events.AddRange(accepted.Events);
                    foreach (var fact in accepted.Events)
                    {
                        copy.Apply(fact);
                    }

                    break;
            }
        }

        // From here all of them must succeed.
        return Decision.Accept(Id, events);
    }
}
