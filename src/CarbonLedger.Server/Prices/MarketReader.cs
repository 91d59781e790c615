using CarbonLedger.Core.Pledges;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Prices;

/// <summary>What a tonne is worth on the market now: the newest published reference price of any venue.</summary>
public sealed class MarketReader(LedgerDatabase database, LogHead head, ProjectionSet projections, IClock clock)
{
    /// <returns>Null when none has been published.</returns>
    /// <exception cref="BadInputException">The projection has not reached what this process acknowledged.</exception>
    public async Task<MarketPrice?> NewestAsync()
    {
        var wanted = head.Index;
        if (!await projections.Loans.ReachesAsync(wanted, ReadEndpoint.WaitMax, CancellationToken.None))
        {
            throw new BadInputException(EdgeProblem.NotYetProjected, $"The market price needs log position {wanted}; the projection is at {projections.Loans.Position}. Ask again with the same key.");
        }

        await using var command = database.Readers.CreateCommand(
            "select price_per_tonne, venue_id, date from ledger.reference_prices where date <= $1 order by date desc, log_index desc limit 1");
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = RegistryCalendar.DateOf(clock.GetCurrentInstant()).ToDateOnly() });
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync()
            ? new MarketPrice(PricePerTonne.Exactly(reader.GetDecimal(0))!.Value, new OrganizationId(reader.GetGuid(1)), LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(2)))
            : null;
    }
}
