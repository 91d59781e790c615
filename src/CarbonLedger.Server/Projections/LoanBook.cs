using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Trades;
using Npgsql;

namespace CarbonLedger.Server.Projections;

/// <summary>Loans per bank with the collateral under them and their margin calls, the prices that value it: reference prices and settled trades; all trades of each venue; and what concerns which party.</summary>
public sealed class LoanBook : Projection
{
    public override string Name => "LoanBook:All";

    public override IReadOnlyList<string> Tables => ["loan_book", CollateralRows.Table, "reference_prices", "margin_calls", .. TradeRows.Tables, PartyRows.Table];

    /// <summary>Most of a log: what happens to units. The commands behind it have events of their own.</summary>
    public override IReadOnlyList<string> SkippedTypes => ["units_transferred", "units_pledged", "units_released", "units_held", "hold_ended", "units_delivered"];

    public override async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<RecordedEvent> events, CancellationToken stop)
    {
        await using var pipeline = new StatementPipeline(connection);
        var (trades, collateral, parties) = (new TradeRows(), new CollateralRows(), new PartyRows());
        foreach (var recorded in events)
        {
            if (StatementOf(recorded) is { } statement)
            {
                await pipeline.AddAsync(statement, stop);
            }

            parties.Take(recorded);
            if (recorded.Fact is TradeEvent trade)
            {
                trades.Take(recorded.LogIndex, trade);
            }

            if (recorded.Fact is PledgeEvent pledge)
            {
                collateral.Take(pledge);
            }
        }

        await collateral.WriteAsync(pipeline, stop);
        await trades.WriteAsync(pipeline, stop);
        await parties.WriteAsync(pipeline, stop);
        await pipeline.FlushAsync(stop);
    }

    private static NpgsqlBatchCommand? StatementOf(RecordedEvent recorded) => recorded.Fact switch
    {
        LoanEvent.LoanOpened e => StatementPipeline.Statement(
            "insert into loan_book (loan_id, bank_id, outstanding_principal, opened_index) values ($1, $2, $3, $4)", e.Loan.Value, e.Bank.Value, e.Principal.Amount, recorded.LogIndex),
        LoanEvent.LoanRepaid e => StatementPipeline.Statement(
            "update loan_book set outstanding_principal = outstanding_principal - $2 where loan_id = $1", e.Loan.Value, e.ToPrincipal.Amount),
        LoanEvent.MarginCalled e => Called(e, recorded.LogIndex),
        LoanEvent.LiquidationLevelPassed e => StatementPipeline.Statement(
            "update margin_calls set liquidation_index = $2, liquidation_on = $3 where call_id = $1", e.Call.Value, recorded.LogIndex, e.Date.ToDateOnly()),
        LoanEvent.MarginCallCured e => StatementPipeline.Statement(
            "update margin_calls set cured_index = $2, cured_on = $3, cure = $4 where call_id = $1", e.Call.Value, recorded.LogIndex, e.Date.ToDateOnly(), Names.Of(e.Cure)),
        ReferencePriceEvent.ReferencePricePublished e => StatementPipeline.Statement(
            "insert into reference_prices (log_index, venue_id, date, price_per_tonne) values ($1, $2, $3, $4)",
            recorded.LogIndex, e.Venue.Value, e.Date.ToDateOnly(), e.PricePerTonne.Amount),
        _ => null,
    };

    private static NpgsqlBatchCommand Called(LoanEvent.MarginCalled e, long logIndex) => StatementPipeline.Statement(
        """
        insert into margin_calls (call_id, loan_id, bank_id, called_index, called_on, outstanding, collateral_value, warning, liquidation,
                                  rule, price_per_tonne, source, source_date, instead_of, liquidation_index, liquidation_on)
        select $1, b.loan_id, b.bank_id, $3, $4, $5, $6, $7, $8::numeric, $9, $10::numeric, $11::text, $12::date, $13::text, $14::bigint, $15::date
        from loan_book b where b.loan_id = $2
        """,
        e.Call.Value,
        e.Loan.Value,
        logIndex,
        e.Date.ToDateOnly(),
        e.Outstanding.Amount,
        e.CollateralValue.Amount,
        e.WarningLoanToValue,
        e.LiquidationLoanToValue,
        Names.Of(e.Quote.Rule),
        e.Quote.PricePerTonne?.Amount,
        e.Quote.Source,
        e.Quote.SourceDate?.ToDateOnly(),
        e.Quote.InsteadOf is { } rule ? Names.Of(rule) : null,
        e.PastLiquidation ? logIndex : null,
        e.PastLiquidation ? e.Date.ToDateOnly() : null);
}
