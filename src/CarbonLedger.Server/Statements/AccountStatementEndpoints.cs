using CarbonLedger.Server.Accounts;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;
using NodaTime.Text;

namespace CarbonLedger.Server.Statements;

public static class AccountStatementEndpoints
{
    /// <summary>There must be a month before it.</summary>
    private static readonly Instant Earliest = Instant.FromUtc(2, 1, 1, 0, 0);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .Get("/v1/accounts/{id:guid}/statement", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, q => StateAsync(http, id, q)))
        .WithTags("Accounts")
        .Answers<AccountStatementWire>(
            "Statement of an account",
            "Opening balance, every entry that touches the account with its serials, closing balance; opening and changes make the closing exactly. Locks on units only: a freeze of the whole account is an entry and the flag accountFrozen beside the balance. For the account's organization and the registrar. With Accept: text/csv or format=csv the whole period as CSV. A projection: closingLogIndex says how far it reaches.",
            list: true)
        .AlsoAnswers("text/csv", "The whole period: an opening line per voucher, a line per entry, a closing line per voucher; UTF-8 with a byte order mark.")
        .Asks("from", Forms.DateOrInstant, "The first day (YYYY-MM-DD, Asia/Shanghai) or instant of the period; the first day of the month of `to` when absent.")
        .Asks("to", Forms.DateOrInstant, "The last day or instant, inclusive; today, or the day of asOf, when absent.")
        .Asks("format", Forms.Words("json", "csv"), "json or csv; what Accept asks for when absent.")
        .KnowsWhoAsks();

    private static async Task StateAsync(HttpContext http, Guid id, ReadQuestion question)
    {
        var account = await AccountEndpoints.FindAsync(id, question with { UpTo = null });
        var actor = await ReadEndpoint.ActorAsync(http, question);
        if (!actor.MayActFor(account.Organization))
        {
            throw new RefusedException(new Refusal.NotAuthorized(actor, "A statement of account", $"the holder of account {id}"));
        }

        var csv = WantsCsv(http);
        var now = question.Get<LogClock>().Now;
        var (from, to) = PeriodOf(http.Request.Query, Instant.Max(question.Now, Earliest), now);
        var reader = question.Get<AccountStatementReader>();
        var period = await reader.PeriodAsync(from, to, now, question);
        if (csv)
        {
            await AccountStatementCsv.WriteAsync(http, reader, account.Account, period);
            return;
        }

        var after = PageCursor.Of(question.Cursor)?.After ?? period.Opening;
        var vouchers = await reader.VouchersAsync(account.Account, period);
        var entries = await reader.EntriesAsync(account.Account, after, period.Closing, question.Limit + 1);
        var more = entries.Count > question.Limit;
        var wire = new AccountStatementWire
        {
            AccountId = account.Account,
            OrganizationId = account.Organization,
            From = period.From,
            To = period.To,
            AsOf = question.AsOf,
            OpeningLogIndex = period.Opening,
            ClosingLogIndex = period.Closing,
            Opening = await reader.TotalAsync(account.Account, vouchers.Select(v => v.Opening), period.Opening),
            Closing = await reader.TotalAsync(account.Account, vouchers.Select(v => v.Closing), period.Closing),
            Vouchers = question.Cursor is null ? vouchers : null,
            Entries = more ? entries[..question.Limit] : entries,
            NextCursor = more ? new PageCursor(period.Closing, entries[question.Limit - 1].LogIndex).ToString() : null,
        };
        await http.Response.WriteAsJsonAsync(wire, WireJson.Wire.AccountStatementWire, "application/json", http.RequestAborted);
    }

    private static bool WantsCsv(HttpContext http) => http.Request.Query.TryGetValue("format", out var format)
        ? format.ToString() switch
        {
            "csv" => true,
            "json" => false,
            _ => throw Input.OutOfRange("format", "must be json or csv"),
        }
        : http.Request.GetTypedHeaders().Accept?.Any(a => a.MediaType == "text/csv") == true;

    /// <param name="then">The instant asked for: its month is the period when none is named, whenever that is asked.</param>
    private static (Instant From, Instant To) PeriodOf(IQueryCollection query, Instant then, Instant now)
    {
        var today = RegistryCalendar.DateOf(then);
        var to = query.TryGetValue("to", out var t) ? Moment(t.ToString(), "to", last: true) : EndOf(today);
        var firstOfMonth = RegistryCalendar.DateOf(Instant.Min(to, then)).With(DateAdjusters.StartOfMonth);
        var from = query.TryGetValue("from", out var f) ? Moment(f.ToString(), "from", last: false) : StartOf(firstOfMonth);
        if (from > to)
        {
            throw new BadInputException(EdgeProblem.PeriodReversed, $"The period ends at {to}, before it begins at {from}.");
        }

        return from <= now ? (from, to) : throw Input.OutOfRange("from", "must not lie in the future");
    }

    /// <summary>A day in Asia/Shanghai, its first or its last microsecond; or an instant.</summary>
    private static Instant Moment(string text, string name, bool last)
    {
        if (IsoText.DateOf(text) is { Year: >= 2 and < 9999 } date)
        {
            return last ? EndOf(date) : StartOf(date);
        }

        return IsoText.InstantOf(text) is { } instant && instant >= Earliest
            ? RegistryCalendar.ToMicroseconds(instant)
            : throw Input.OutOfRange(name, "must be a date, such as 2026-01-31, or an instant in UTC, such as 2026-01-31T16:00:00Z");
    }

    private static Instant StartOf(LocalDate date) => date.AtStartOfDayInZone(RegistryCalendar.Zone).ToInstant();

    private static Instant EndOf(LocalDate date) => StartOf(date.PlusDays(1)) - Duration.FromTicks(10);
}
