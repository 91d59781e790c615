using CarbonLedger.Core.Trades;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Trades;

/// <summary>Finds trades: all, those of a venue, those of its day, or the one that has a number there.</summary>
public static class TradeFinder
{
    public static async Task<List<Placed<TradeState>>> ListAsync(IQueryCollection query, ReadQuestion question)
    {
        var venue = Input.Asked(query, "venueId")?.Id;
        return Input.One(query, "venueTradeNumber", "date") switch
        {
            null => await question.Get<ThingReader>().ListAsync<TradeState>("trade", question, venue),
            var (name, _) when venue is null => throw Input.OutOfRange(name, "goes with venueId: every venue has its own numbers and days"),
            ("date", var text) => await OfDayAsync(venue.Value, Input.Date(text, "date"), question),
            var (name, text) => await NumberedAsync(venue.Value, Input.Code(text, name), question),
        };
    }

    /// <summary>A venue's trades whose trade time lies on a day in Asia/Shanghai, in the order of registration; one more than the limit, where there are so many.</summary>
    public static async Task<List<Placed<TradeState>>> OfDayAsync(Guid venue, LocalDate date, ReadQuestion question)
    {
        await question.Get<ProjectionSet>().Loans.PositionAsync(question);
        var found = await ThingReader.PlacedAsync<TradeState>("trade", question.Get<LedgerDatabase>().Readers.CreateCommand(
            """
            select s.begun_index, s.state from ledger.venue_trades t join ledger.states s on s.id = t.trade_id
            where t.venue_id = $1 and t.date = $2 and t.line = 1 and s.begun_index > $3 and s.begun_index <= $4 order by s.begun_index limit $5
            """)
            .With(venue).With(date.ToDateOnly()).With(question.CursorPosition).With(question.UpTo ?? long.MaxValue).With(question.Limit + 1));
        return await question.Get<ThingReader>().ThenAsync(found, question);
    }

    private static async Task<List<Placed<TradeState>>> NumberedAsync(Guid venue, string number, ReadQuestion question)
    {
        await question.Get<ProjectionSet>().Loans.PositionAsync(question);
        var ids = await question.Get<LedgerDatabase>().Readers.CreateCommand("select trade_id from ledger.venue_trades where venue_id = $1 and trade_number = $2 and line = 1")
            .With(venue).With(number)
            .ListAsync(row => row.GetGuid(0));
        return [.. (await question.Get<ThingReader>().LoadAsync(ids, question.UpTo)).Values.OfType<TradeState>().Select(t => new Placed<TradeState>(0, t))];
    }
}
