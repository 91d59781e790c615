using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Prices;

/// <summary>Finds prices by a rule, and shows what a venue's trades and publications say.</summary>
public sealed class PriceReader(LedgerDatabase database, ProjectionSet projections, ThingReader things, LogReader log, LogClock clock)
{
    /// <summary>The price that a bank's policy asks for; without a policy the newest reference price. The pledges' own valuations where there is none.</summary>
    /// <param name="date">Prices of later dates do not count.</param>
    /// <param name="position">Nor do prices that came later in the log.</param>
    public async Task<PriceQuote> QuoteAsync(CollateralPolicyState? policy, LocalDate date, long position)
    {
        var rule = policy?.ValuationRule ?? ValuationRule.ReferencePrice;
        var found = rule switch
        {
            ValuationRule.ReferencePrice => await ReferencePriceAsync(date, position),
            ValuationRule.LastTrade => await LastTradeAsync(date, position),
            ValuationRule.Average => await AverageAsync(date, policy!.AverageDays!.Value, position),
            ValuationRule.ContractPrice => PriceQuote.Contract(),
        };
        return found ?? PriceQuote.Contract(insteadOf: rule);
    }

    /// <summary>The newest published price of any venue, for a command that is held against it; null when none has been published.</summary>
    /// <exception cref="BadInputException">The prices have not caught up with what this process acknowledged.</exception>
    public async Task<MarketPrice?> MarketPriceAsync()
    {
        await projections.Loans.CatchUpAsync();
        return (await PublishedAsync(RegistryCalendar.DateOf(clock.Now), long.MaxValue))?.Price;
    }

    /// <summary>What a venue's trades and publications were, day by day.</summary>
    public async Task<VenuePricesWire> HistoryAsync(OrganizationId venue, LocalDate? from, LocalDate? to, ReadQuestion question)
    {
        await things.FindAsync<OrganizationState>(venue.Value, question, new Refusal.OrganizationNotFound(venue));
        var position = await projections.Loans.PositionAsync(await log.AtFirstPageAsync(question)); // a late trade may be of an earlier day
        var last = to ?? RegistryCalendar.DateOf(question.Now);
        var first = from ?? LocalDate.FromDateOnly(DateOnly.MinValue);
        if (first > last)
        {
            throw new BadInputException(EdgeProblem.PeriodReversed, $"from {first:uuuu-MM-dd} lies after to {last:uuuu-MM-dd}.");
        }

        var days = await DaysAsync(venue, PageCursor.Of(question.Cursor) is { After: var day } ? LocalDate.Max(first, DayOf(day).PlusDays(1)) : first, last, position, question.Limit + 1);
        return new VenuePricesWire
        {
            VenueId = venue,
            LogIndex = position,
            Total = await TotalAsync(venue, first, last, position),
            Days = [.. days.Take(question.Limit)],
            NextCursor = days.Count > question.Limit ? new PageCursor(position, days[question.Limit - 1].Date.ToDateOnly().DayNumber).ToString() : null,
        };
    }

    private async Task<PriceQuote?> ReferencePriceAsync(LocalDate date, long position) => await PublishedAsync(date, position) is var (price, logIndex)
        ? new PriceQuote(ValuationRule.ReferencePrice, price.PricePerTonne, $"reference price of venue {price.Venue}, log position {logIndex}", price.Date, null)
        : null;

    /// <summary>The newest published price of any venue by date, then by log position, that was known at a position.</summary>
    private Task<(MarketPrice Price, long LogIndex)?> PublishedAsync(LocalDate date, long position) =>
        Command(
            "select price_per_tonne, venue_id, date, log_index from ledger.reference_prices where date <= $1 and log_index <= $2 order by date desc, log_index desc limit 1", date, position)
            .FindAsync<(MarketPrice, long)?>(row =>
                (new MarketPrice(PricePerTonne.Exactly(row.GetDecimal(0))!.Value, new OrganizationId(row.GetGuid(1)), row.DateAt(2)), row.GetInt64(3)));

    private Task<PriceQuote?> LastTradeAsync(LocalDate date, long position) =>
        Command(
            """
            select price_per_tonne, venue_id, date, trade_number from ledger.trade_prices
            where traded_at < $1 and log_index <= $2 order by traded_at desc, log_index desc, line desc limit 1
            """,
            date.PlusDays(1).AtStartOfDayInZone(RegistryCalendar.Zone).ToDateTimeUtc(),
            position)
            .FindAsync(row => new PriceQuote(
                ValuationRule.LastTrade, PricePerTonne.Exactly(row.GetDecimal(0)), $"trade {row.GetString(3)} of venue {row.GetGuid(1)}", row.DateAt(2), null));

    private Task<PriceQuote?> AverageAsync(LocalDate date, int days, long position) =>
        Command(
            """
            select sum(price_per_tonne * kilograms), sum(kilograms), count(distinct log_index), max(date) from ledger.trade_prices
            where date > $1 and date <= $2 and log_index <= $3
            """,
            date.PlusDays(-days),
            date,
            position)
            .FindAsync(row => !row.IsDBNull(0) && Average(row.GetDecimal(0), row.GetDecimal(1)) is { } average
                ? new PriceQuote(ValuationRule.Average, average, $"{row.GetInt64(2)} trades of the {days} days up to {date:uuuu-MM-dd}", row.DateAt(3), null)
                : null);

    private Task<List<VenueDayWire>> DaysAsync(OrganizationId venue, LocalDate from, LocalDate to, long position, int limit) =>
        Command(
            """
            select d.date, t.trades, t.kilograms, t.amount, t.weighted, t.lowest, t.highest, l.price_per_tonne, r.price_per_tonne
            from (select date from ledger.trade_prices where venue_id = $1 and date between $2 and $3 and log_index <= $4
                  union select date from ledger.reference_prices where venue_id = $1 and date between $2 and $3 and log_index <= $4
                  order by date limit $5) d
            left join lateral (
                select count(distinct log_index) trades, sum(kilograms) kilograms, sum(amount) amount, sum(price_per_tonne * kilograms) weighted,
                       min(price_per_tonne) lowest, max(price_per_tonne) highest
                from ledger.trade_prices where venue_id = $1 and date = d.date and log_index <= $4) t on true
            left join lateral (
                select price_per_tonne from ledger.trade_prices where venue_id = $1 and date = d.date and log_index <= $4
                order by traded_at desc, log_index desc, line desc limit 1) l on true
            left join lateral (
                select price_per_tonne from ledger.reference_prices where venue_id = $1 and date = d.date and log_index <= $4
                order by log_index desc limit 1) r on true
            order by d.date
            """,
            venue.Value,
            from,
            to,
            position,
            limit)
            .ListAsync(row => new VenueDayWire
            {
                Date = row.DateAt(0),
                Trades = row.GetInt64(1),
                Kilograms = row.IsDBNull(2) ? 0 : (long)row.GetDecimal(2),
                Amount = row.IsDBNull(3) ? Money.Zero : Collateral.Capped(row.GetDecimal(3)),
                Average = row.IsDBNull(4) ? null : Average(row.GetDecimal(4), row.GetDecimal(2)),
                Lowest = PriceAt(row, 5),
                Highest = PriceAt(row, 6),
                Last = PriceAt(row, 7),
                ReferencePrice = PriceAt(row, 8),
            });

    private async Task<VenueTotalWire> TotalAsync(OrganizationId venue, LocalDate from, LocalDate to, long position)
    {
        var total = await Command(
            """
            select count(distinct log_index), sum(kilograms), sum(amount), sum(price_per_tonne * kilograms),
                   (array_agg(price_per_tonne order by traded_at desc, log_index desc, line desc))[1], max(date)
            from ledger.trade_prices where venue_id = $1 and date between $2 and $3 and log_index <= $4
            """,
            venue.Value,
            from,
            to,
            position)
            .FindAsync(row => new VenueTotalWire
            {
                Trades = row.GetInt64(0),
                Kilograms = row.IsDBNull(1) ? 0 : (long)row.GetDecimal(1),
                Amount = row.IsDBNull(2) ? Money.Zero : Collateral.Capped(row.GetDecimal(2)),
                Average = row.IsDBNull(3) ? null : Average(row.GetDecimal(3), row.GetDecimal(1)),
                Last = PriceAt(row, 4),
                LastDate = row.DateOrNull(5),
            });
        return total!;
    }

    /// <summary>Weighted by volume, to four decimals, half away from zero; null when that leaves nothing.</summary>
    private static PricePerTonne? Average(decimal weighted, decimal kilograms) =>
        PricePerTonne.Exactly(decimal.Round(weighted / kilograms, 4, MidpointRounding.AwayFromZero));

    // A cursor is a UUID; the day's number stands in its first part.
    private static LocalDate DayOf(long number) =>
        number < DateOnly.MaxValue.DayNumber ? LocalDate.FromDateOnly(DateOnly.FromDayNumber((int)number)) : throw PageCursor.Malformed();

    private static PricePerTonne? PriceAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : PricePerTonne.Exactly(reader.GetDecimal(column));

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.Readers.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value is LocalDate date ? date.ToDateOnly() : value });
        }

        return command;
    }
}
