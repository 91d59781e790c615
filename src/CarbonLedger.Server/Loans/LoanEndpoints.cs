using System.Text.Json.Serialization;
using CarbonLedger.Core.Loans;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Loans;

public static class LoanEndpoints
{
    private const string Path = "/v1/loans/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/loans").WithTags("Loans");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.LoanPost, Open))
            .Describes<LoanPost>("Record a loan", "A bank's loan and the pledges, in its favour, that secure it. One pledge secures one loan.");
        group.Post("/{id:guid}/repayments", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.RepaymentPost, wire => new Posted(
                new RepayLoan(new LoanId(id), Input.Positive(wire.Amount, "amount"), wire.Date),
                AcceptedWire.Render,
                Path)))
            .Describes<RepaymentPost>("Record a repayment", "Pays interest first, then principal. 409 repayment-exceeds-outstanding beyond what is owed on its date.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.LoanWire, q => q.Get<LoanReader>().ReadAsync(new LoanId(id), q)))
            .Answers<LoanWire>("Get a loan", "What is owed with interest to the date, what the collateral is worth, and their ratio; now or at a past instant.");
        routes.Get("/v1/banks/{id:guid}/loan-book", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.LoanBookWire, q => q.Get<LoanReader>().BookAsync(new OrganizationId(id), q)))
            .WithTags("Loans")
            .Answers<LoanBookWire>("Loan book of a bank", "Every loan with its collateral and loan-to-value. A projection: logIndex says how far it reaches.", list: true, past: false);
    }

    private static Posted Open(LoanPost wire)
    {
        if (wire.MaturityDate < wire.StartDate)
        {
            throw new BadInputException(EdgeProblem.PeriodReversed, $"maturityDate {wire.MaturityDate:uuuu-MM-dd} lies before startDate {wire.StartDate:uuuu-MM-dd}.");
        }

        if (wire.PledgeIds.Count is 0 or > OpenLoan.PledgesMax || wire.PledgeIds.Distinct().Count() < wire.PledgeIds.Count)
        {
            throw Input.OutOfRange("pledgeIds", $"must have 1 to {OpenLoan.PledgesMax} different entries");
        }

        var command = new OpenLoan(
            new LoanId(Guid.CreateVersion7()),
            wire.BankId,
            wire.BorrowerId,
            Input.Positive(wire.Principal, "principal"),
            AnnualRate.Exactly(wire.AnnualRate) ?? throw Input.OutOfRange("annualRate", "must be a ratio from 0 to 1 with at most six decimals; 4.35 % is 0.0435"),
            wire.DayCount switch
            {
                null or 360 => DayCount.Actual360,
                365 => DayCount.Actual365,
                _ => throw Input.OutOfRange("dayCount", "must be 360 or 365"),
            },
            wire.StartDate,
            wire.MaturityDate,
            wire.PledgeIds);
        return new Posted(command, AcceptedWire.Render, Path);
    }
}

/// <summary>A loan to record.</summary>
public sealed record LoanPost
{
    /// <summary>The lender: an organization with the role bank.</summary>
    public required OrganizationId BankId { get; init; }

    /// <summary>The debtor.</summary>
    public required OrganizationId BorrowerId { get; init; }

    /// <summary>The principal in CNY, above 0.00.</summary>
    /// <example>300000.00</example>
    public required Money Principal { get; init; }

    /// <summary>The yearly rate as a ratio: 0.0435 is 4.35 %. A number, or the same as a string.</summary>
    /// <example>0.0435</example>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public required decimal AnnualRate { get; init; }

    /// <summary>Days of an interest year: 360 (the default) or 365, over actual days.</summary>
    /// <example>360</example>
    public int? DayCount { get; init; }

    /// <summary>The day from which interest runs.</summary>
    /// <example>2021-09-01</example>
    public required LocalDate StartDate { get; init; }

    /// <summary>The day on which the loan is due.</summary>
    /// <example>2022-08-31</example>
    public required LocalDate MaturityDate { get; init; }

    /// <summary>1 to 100 pledges in the bank's favour, none of which secures another loan.</summary>
    public required IReadOnlyList<PledgeId> PledgeIds { get; init; }
}

/// <summary>A repayment to record.</summary>
public sealed record RepaymentPost
{
    /// <summary>The amount in CNY, above 0.00.</summary>
    /// <example>1000.00</example>
    public required Money Amount { get; init; }

    /// <summary>The value date; today when absent. Not before the loan's last entry, not in the future.</summary>
    public LocalDate? Date { get; init; }
}

/// <summary>A loan with what is owed and what secures it.</summary>
public sealed record LoanWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The lender.</summary>
    public required OrganizationId BankId { get; init; }

    /// <summary>The debtor.</summary>
    public required OrganizationId BorrowerId { get; init; }

    /// <summary><c>open</c> or <c>repaid</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The principal lent, in CNY.</summary>
    public required Money Principal { get; init; }

    /// <summary>What is left of the principal, in CNY.</summary>
    public required Money OutstandingPrincipal { get; init; }

    /// <summary>Interest owed to the date, in CNY.</summary>
    public required Money AccruedInterest { get; init; }

    /// <summary>Principal and interest owed, in CNY.</summary>
    public required Money Outstanding { get; init; }

    /// <summary>The yearly rate as a ratio.</summary>
    public required decimal AnnualRate { get; init; }

    /// <summary>Days of an interest year.</summary>
    public required int DayCount { get; init; }

    /// <summary>The day from which interest runs.</summary>
    public required LocalDate StartDate { get; init; }

    /// <summary>The day on which the loan is due.</summary>
    public required LocalDate MaturityDate { get; init; }

    /// <summary>The date to which interest is computed, in Asia/Shanghai.</summary>
    public required LocalDate ValuationDate { get; init; }

    /// <summary>Kilograms under the securing pledges.</summary>
    public required long CollateralKilograms { get; init; }

    /// <summary>Kilograms ÷ 1000 × price, in CNY.</summary>
    public required Money CollateralValue { get; init; }

    /// <summary>The price used, in CNY per tonne; absent when pledges are valued at their own contract prices.</summary>
    public PricePerTonne? PricePerTonne { get; init; }

    /// <summary>The rule that chose the price: <c>referencePrice</c> (the newest one by date), or <c>contractPrice</c> while there is none.</summary>
    /// <example>referencePrice</example>
    public required string ValuationRule { get; init; }

    /// <summary>outstanding ÷ collateralValue with four decimals; absent without collateral.</summary>
    /// <example>0.9835</example>
    public decimal? LoanToValue { get; init; }

    /// <summary>The securing pledges.</summary>
    public required IReadOnlyList<PledgeId> PledgeIds { get; init; }
}

/// <summary>The loans of a bank.</summary>
public sealed record LoanBookWire
{
    /// <summary>The bank.</summary>
    public required OrganizationId BankId { get; init; }

    /// <summary>The log position that the book reflects.</summary>
    public required long LogIndex { get; init; }

    /// <summary>All loans of the bank together.</summary>
    public required LoanBookTotalsWire Totals { get; init; }

    /// <summary>The loans of this page, in the order of recording.</summary>
    public required IReadOnlyList<LoanWire> Loans { get; init; }

    /// <summary>Give this as <c>cursor</c> for the next page; absent on the last one.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>Sums over the loans of a bank.</summary>
public sealed record LoanBookTotalsWire
{
    /// <summary>How many loans.</summary>
    public required long Loans { get; init; }

    /// <summary>Principal outstanding in CNY, without interest.</summary>
    public required Money OutstandingPrincipal { get; init; }

    /// <summary>Kilograms under the securing pledges.</summary>
    public required long CollateralKilograms { get; init; }
}
