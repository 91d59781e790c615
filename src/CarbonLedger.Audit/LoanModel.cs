using System.Text.Json;

namespace CarbonLedger.Audit;

/// <summary>Loans with what is outstanding, the kilograms under each pledge, margin calls, and reference prices.</summary>
public sealed class LoanModel : RowModel
{
    private readonly RowTable loans = new(
        "loan_book", 1, "select loan_id, bank_id, trim_scale(outstanding_principal)::text, opened_index from ledger.loan_book");

    private readonly RowTable collateral = new("loan_book_collateral", 1, "select pledge_id, loan_id, kilograms from ledger.loan_book_collateral");

    private readonly RowTable prices = new(
        "reference_prices", 1, "select log_index, venue_id, date, trim_scale(price_per_tonne)::text from ledger.reference_prices");

    private readonly RowTable calls = new(
        "margin_calls",
        1,
        """
        select call_id, loan_id, bank_id, called_index, called_on, trim_scale(outstanding)::text, trim_scale(collateral_value)::text, trim_scale(warning)::text,
            trim_scale(liquidation)::text, rule, trim_scale(price_per_tonne)::text, source, source_date, instead_of,
            liquidation_index, liquidation_on, cured_index, cured_on, cure
        from ledger.margin_calls
        """);

    private readonly Dictionary<Guid, (Guid Bank, decimal Principal, long Opened)> outstanding = [];
    private readonly Dictionary<Guid, (Guid? Loan, long Kilograms)> pledged = [];
    private readonly Dictionary<Guid, object?[]> called = [];

    public override string Projection => Checkpoints.Loans;

    public override IReadOnlyList<RowTable> Tables => [loans, collateral, prices, calls];

    public override void Apply(long position, string type, JsonElement data)
    {
        switch (type)
        {
            case "loan_opened":
                Owe(position, data, (data.GetProperty("bank").GetGuid(), Amount(data, "principal"), position));
                break;
            case "loan_repaid":
                var loan = outstanding[data.GetProperty("loan").GetGuid()];
                Owe(position, data, loan with { Principal = loan.Principal - Amount(data, "toPrincipal") });
                break;
            case "pledge_registered":
                Pledge(position, data, null, Units(data, "units"));
                break;
            case "pledge_released" or "pledge_enforced":
                Pledge(position, data, LoanOf(data), Of(data) - Units(data, "units"));
                break;
            case "pledge_substituted":
                Pledge(position, data, LoanOf(data), Of(data) + Units(data, "in") - Units(data, "out"));
                break;
            case "reservation_expired" or "pledge_voided":
                Pledge(position, data, LoanOf(data), 0);
                break;
            case "pledge_secured_loan":
                Pledge(position, data, data.GetProperty("loan").GetGuid(), Of(data));
                break;
            case "reference_price_published":
                prices.Set(position, [position], data.GetProperty("venue").GetGuid(), Text(data, "date"), Amount(data, "pricePerTonne"));
                break;
            case "margin_called":
                Call(position, data);
                break;
            case "liquidation_level_passed":
                Note(position, data, 13, position, Text(data, "date"));
                break;
            case "margin_call_cured":
                Note(position, data, 15, position, Text(data, "date"), Text(data, "cure"));
                break;
        }
    }

    private static long Units(JsonElement data, string name) => data.GetProperty(name).EnumerateArray().Sum(Kilograms);

    private Guid? LoanOf(JsonElement data) => pledged[data.GetProperty("pledge").GetGuid()].Loan;

    private long Of(JsonElement data) => pledged[data.GetProperty("pledge").GetGuid()].Kilograms;

    private void Owe(long position, JsonElement data, (Guid Bank, decimal Principal, long Opened) owed)
    {
        var loan = data.GetProperty("loan").GetGuid();
        outstanding[loan] = owed;
        loans.Set(position, [loan], owed.Bank, owed.Principal, owed.Opened);
    }

    private void Pledge(long position, JsonElement data, Guid? loan, long kilograms)
    {
        var pledge = data.GetProperty("pledge").GetGuid();
        pledged[pledge] = (loan, kilograms);
        collateral.Set(position, [pledge], loan, kilograms);
    }

    private void Call(long position, JsonElement data)
    {
        var (loan, quote, past) = (data.GetProperty("loan").GetGuid(), data.GetProperty("quote"), data.GetProperty("pastLiquidation").GetBoolean());
        called[data.GetProperty("call").GetGuid()] =
        [
            loan, outstanding[loan].Bank, position, Text(data, "date"), Amount(data, "outstanding"), Amount(data, "collateralValue"),
            data.GetProperty("warningLoanToValue").GetDecimal(),
            data.TryGetProperty("liquidationLoanToValue", out var liquidation) ? liquidation.GetDecimal() : null,
            Text(quote, "rule"), quote.TryGetProperty("pricePerTonne", out _) ? Amount(quote, "pricePerTonne") : null, Text(quote, "source"), Text(quote, "sourceDate"), Text(quote, "insteadOf"),
            past ? position : null, past ? Text(data, "date") : null, null, null, null,
        ];
        Note(position, data, 0);
    }

    /// <summary>Writes what a later event says of a call into its columns, counted without the key, from the one given.</summary>
    private void Note(long position, JsonElement data, int column, params object?[] values)
    {
        var call = data.GetProperty("call").GetGuid();
        values.CopyTo(called[call], column);
        calls.Set(position, [call], called[call]);
    }
}
