using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>Loans per bank, the collateral under them, and the reference prices that value it.</summary>
public sealed class LoanBook : Projection
{
    public override string Name => "LoanBook:All";

    public override IReadOnlyList<string> Tables => ["loan_book", "loan_book_collateral", "reference_prices"];

    /// <summary>Most of a log is transfers.</summary>
    public override IReadOnlyList<string> SkippedTypes => ["units_transferred"];

    public override async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<RecordedEvent> events, CancellationToken stop)
    {
        await using var pipeline = new StatementPipeline(connection);
        foreach (var recorded in events)
        {
            if (StatementOf(recorded) is { } statement)
            {
                await pipeline.AddAsync(statement, stop);
            }
        }

        await pipeline.FlushAsync(stop);
    }

    private static NpgsqlBatchCommand? StatementOf(RecordedEvent recorded) => recorded.Fact switch
    {
        LoanEvent.LoanOpened e => Statement(
            "insert into loan_book (loan_id, bank_id, outstanding_principal) values ($1, $2, $3)", e.Loan.Value, e.Bank.Value, e.Principal.Amount),
        LoanEvent.LoanRepaid e => Statement(
            "update loan_book set outstanding_principal = outstanding_principal - $2 where loan_id = $1", e.Loan.Value, e.ToPrincipal.Amount),
        PledgeEvent.PledgeRegistered e => Statement(
            "insert into loan_book_collateral (pledge_id, kilograms) values ($1, $2)", e.Pledge.Value, e.Units.Sum(u => u.Serials.Kilograms.Value)),
        PledgeEvent.PledgeReleased e => Statement(
            "update loan_book_collateral set kilograms = kilograms - $2 where pledge_id = $1", e.Pledge.Value, e.Units.Sum(u => u.Serials.Kilograms.Value)),
        PledgeEvent.PledgeSubstituted e => Statement(
            "update loan_book_collateral set kilograms = kilograms + $2 - $3 where pledge_id = $1",
            e.Pledge.Value, e.In.Sum(u => u.Serials.Kilograms.Value), e.Out.Sum(u => u.Serials.Kilograms.Value)),
        PledgeEvent.PledgeEnforced e => Statement(
            "update loan_book_collateral set kilograms = kilograms - $2 where pledge_id = $1", e.Pledge.Value, e.Units.Sum(u => u.Serials.Kilograms.Value)),
        PledgeEvent.ReservationExpired or PledgeEvent.PledgeVoided => Statement(
            "update loan_book_collateral set kilograms = 0 where pledge_id = $1", recorded.Fact.Stream),
        PledgeEvent.PledgeSecuredLoan e => Statement(
            "update loan_book_collateral set loan_id = $2 where pledge_id = $1", e.Pledge.Value, e.Loan.Value),
        ReferencePriceEvent.ReferencePricePublished e => Statement(
            "insert into reference_prices (log_index, venue_id, date, price_per_tonne) values ($1, $2, $3, $4)",
            recorded.LogIndex, e.Venue.Value, e.Date.ToDateOnly(), e.PricePerTonne.Amount),
        _ => null,
    };

    private static NpgsqlBatchCommand Statement(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
