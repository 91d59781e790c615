namespace CarbonLedger.Server.Http;

/// <summary>The query parameters of an operation, out of its metadata: OpenAPI describes them, and a request that has any other is refused.</summary>
public static class QueryParameters
{
    private static readonly QueryMarker AsOf = new("asOf", Forms.Instant, "A past instant in UTC; now when absent.");

    private static readonly QueryMarker AtLeast = new("atLeast", Forms.Whole(0), "A log position to wait for, at most five seconds.");

    private static readonly QueryMarker Limit = new("limit", Forms.Whole(1, ReadQuestion.LimitMax), $"1 to {ReadQuestion.LimitMax}; {ReadQuestion.LimitDefault} when absent.");

    private static readonly QueryMarker Cursor = new("cursor", Forms.Id, "nextCursor of the page before.");

    private static readonly QueryMarker AfterPosition = new("after", Forms.Whole(0), "Events after this log position; from the first when absent.");

    private static readonly QueryMarker AfterVersion = new("after", Forms.Whole(0), "Events after this version of the stream; from the first when absent.");

    private static readonly QueryMarker From = new("from", Forms.Date, "The first date, YYYY-MM-DD in Asia/Shanghai; from the first one there is when absent.");

    private static readonly QueryMarker To = new("to", Forms.Date, "The last date, inclusive; today when absent.");

    public static IEnumerable<QueryMarker> Of(IEnumerable<object> metadata)
    {
        var (own, reads) = (metadata.OfType<QueryMarker>(), metadata.OfType<ReadsMarker>().FirstOrDefault());
        if (metadata.OfType<PeriodMarker>().Any())
        {
            own = own.Concat([From, To]);
        }

        return reads is null ? own
            : own.Concat(reads.KnowsPast ? [AsOf, AtLeast] : [AtLeast]).Concat(reads.Feed switch
            {
                Feed.Log => [Limit, AfterPosition],
                Feed.Stream => [Limit, AfterVersion],
                Feed.None => reads.IsList ? [Limit, Cursor] : (QueryMarker[])[],
            });
    }

    /// <summary>A mistyped <c>asOf</c> that was overlooked would answer with the present, a mistyped <c>dryRun</c> would do it; an empty filter would list everything.</summary>
    /// <exception cref="BadInputException">The request has a parameter that its route does not take, or one without a value, or one twice.</exception>
    public static void RequireKnown(HttpContext http)
    {
        if (!http.Request.QueryString.HasValue || http.GetEndpoint()?.Metadata is not { } metadata || (metadata.GetMetadata<ReadsMarker>() is null && metadata.GetMetadata<ChangesMarker>() is null))
        {
            return; // a page for people may come with whatever a link has gathered
        }

        var isRead = metadata.GetMetadata<ReadsMarker>() is not null;
        var known = Of(metadata).Select(p => p.Name).ToArray();
        foreach (var (name, values) in http.Request.Query)
        {
            // asOf is known to every read: where it cannot be answered, that is what is said.
            var isAsOf = isRead && name.Equals(AsOf.Name, StringComparison.OrdinalIgnoreCase);
            if (!isAsOf && !known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new BadInputException(EdgeProblem.NotSupported, $"'{name}' is not a parameter of this route; {(known.Length == 0 ? "it takes none" : $"it takes {string.Join(", ", known)}")}. {(isRead ? "It was not overlooked, because the answer would be one to another question" : "Nothing was done, because it may have asked for something else")}.");
            }

            if (values.Count > 1)
            {
                throw Input.OutOfRange(name, "must be given once");
            }

            if (string.IsNullOrEmpty(values))
            {
                throw Input.OutOfRange(name, "has no value; give it one, or leave it out");
            }
        }
    }
}
