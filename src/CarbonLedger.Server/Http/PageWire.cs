namespace CarbonLedger.Server.Http;

/// <summary>One page of a list.</summary>
public sealed record PageWire<T>
{
    /// <summary>The entries of this page.</summary>
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>Give this as <c>cursor</c> for the next page; absent on the last one, which may grow.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>An entry of a list, and the log position that is its place there.</summary>
public readonly record struct Placed<T>(long Position, T Entry);

public static class PageWire
{
    /// <param name="placed">One more than the limit, where there are so many: only then is there a next page.</param>
    public static PageWire<TWire> Of<T, TWire>(ReadQuestion question, IReadOnlyList<Placed<T>> placed, Func<T, TWire> wire) =>
        Of(question, placed, p => p.Position, p => wire(p.Entry));

    /// <param name="entries">One more than the limit, where there are so many: only then is there a next page.</param>
    /// <param name="place">The log position, or whatever else the list is ordered by.</param>
    public static PageWire<TWire> Of<T, TWire>(ReadQuestion question, IReadOnlyList<T> entries, Func<T, long> place, Func<T, TWire> wire) => new()
    {
        Items = [.. entries.Take(question.Limit).Select(wire)],
        NextCursor = CursorOf(question, entries, place),
    };

    /// <summary>The cursor of the next page, where there is one.</summary>
    public static string? CursorOf<T>(ReadQuestion question, IReadOnlyList<T> entries, Func<T, long> place) =>
        entries.Count > question.Limit ? new PageCursor(0, place(entries[question.Limit - 1])).ToString() : null;
}
