namespace CarbonLedger.Core.Decisions;

/// <summary>A wish to change the register. It names the state it needs, and decides on it.</summary>
/// <remarks>Names are imperative (<c>RetireUnits</c>). A command is created complete: ids, dates and amounts are in it.</remarks>
public abstract record Command
{
    /// <summary>
    /// Names what <see cref="Decide"/> will look at. Called again after each load until it names nothing new, so a name may depend
    /// on what an earlier name brought (a release names the pledge first, then the serials under it).
    /// </summary>
    public abstract void Collect(Needs needs);

    /// <summary>Guards first, in order of precedence; then the facts. Pure: everything it knows is an argument.</summary>
    public abstract Decision Decide(Register register, Context context);

    /// <summary>True for a command that looks at more than it can name; it is decided alone, on committed state.</summary>
    public virtual bool Alone => false;
}

/// <summary>What a decision knows besides the state.</summary>
/// <param name="Actor">Who acts.</param>
/// <param name="Now">The time of the decision in UTC, in whole microseconds; never earlier than that of the event before.</param>
/// <param name="LogIndex">The log position that the first event of this decision will take.</param>
public sealed record Context(Actor Actor, Instant Now, long LogIndex)
{
    /// <summary>Today in the registry's calendar.</summary>
    public LocalDate Today => RegistryCalendar.DateOf(Now);
}

/// <summary>The answer to a command: facts to append, or the one reason why not.</summary>
public abstract record Decision
{
    private Decision() { }

    public static Decision Accept(Guid id, params IReadOnlyList<LedgerEvent> events) => new Accepted(id, events);

    public static implicit operator Decision(Refusal refusal) => new Refused(refusal);

    /// <param name="Id">The id of what the command made or changed.</param>
    /// <param name="Events">At least one, in log order.</param>
    public sealed record Accepted(Guid Id, IReadOnlyList<LedgerEvent> Events) : Decision;

    public sealed record Refused(Refusal Refusal) : Decision;
}

/// <summary>A past fact. The closed bases per noun derive from it.</summary>
public abstract record LedgerEvent
{
    /// <summary>The stream this event belongs to: the id of the thing that changed.</summary>
    public abstract Guid Stream { get; }
}
