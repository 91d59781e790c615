namespace CarbonLedger.Server.Http;

/// <summary>One page of a list.</summary>
public sealed record PageWire<T>
{
    /// <summary>The entries of this page.</summary>
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>Give this as <c>cursor</c> for the next page; absent on the last one.</summary>
    public string? NextCursor { get; init; }
}

public static class PageWire
{
    /// <param name="states">One more than the limit, where there are so many: only then is there a next page.</param>
    public static PageWire<TWire> Of<TState, TWire>(ReadQuestion question, IReadOnlyList<TState> states, Func<TState, Guid> id, Func<TState, TWire> wire) => new()
    {
        Items = [.. states.Take(question.Limit).Select(wire)],
        NextCursor = states.Count > question.Limit ? id(states[question.Limit - 1]).ToString() : null,
    };
}
