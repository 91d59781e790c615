using CarbonLedger.Core.Trades;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Trades;

/// <summary>Finds trades: all, those of a venue, or the one that has a number there.</summary>
public static class TradeFinder
{
    public static async Task<List<Placed<TradeState>>> ListAsync(IQueryCollection query, ReadQuestion question)
    {
        var venue = Input.Asked(query, "venueId")?.Id;
        return Input.One(query, "venueTradeNumber") is not var (name, number)
            ? await question.Get<ThingReader>().ListAsync<TradeState>("trade", question, venue)
            : await NumberedAsync(venue ?? throw Input.OutOfRange(name, "goes with venueId: every venue has its own numbers"), Input.Code(number, name), question);
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
