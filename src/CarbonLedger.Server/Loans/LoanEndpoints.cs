using System.Text.Json.Serialization;
using CarbonLedger.Core.Loans;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Loans;

public static class LoanEndpoints
{
    private const string Path = "/v1/loans/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/loans").WithTags("Loans");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.LoanPost, wire => OpenAsync(http, wire)))
            .Describes<LoanPost>("Record a loan", "A bank's loan and the pledges, in its favour, that secure it. One pledge secures one loan. The principal is disbursed on startDate. 409 loan-to-value-above-limit above the bank's own limit, unless it is overridden with a reason.");
        group.Post("/{id:guid}/repayments", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.RepaymentPost, async wire => new Posted(
                new RepayLoan(new LoanId(id), Input.Positive(wire.Amount, "amount"), wire.Date, await Valuer(http).QuoteAsync(new LoanId(id))),
                AcceptedWire.Render,
                Path)))
            .Describes<RepaymentPost>("Record a repayment", "Pays costs first, then interest, then principal; before maturity it is an early one and no different. Cures a margin call when it suffices. 409 repayment-exceeds-outstanding beyond what is owed on its date.");
        group.Post("/{id:guid}/costs", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.CostPost, wire => new Posted(
                new ChargeCost(new LoanId(id), Input.Positive(wire.Amount, "amount"), wire.Date, Input.Text(wire.Reason, "reason", Input.ReasonCharactersMax)),
                AcceptedWire.Render,
                Path)))
            .Describes<CostPost>("Charge costs", "Costs of a notary, a filing or an auction. They bear no interest, and the next payment meets them first.");
        group.Post("/{id:guid}/rate-changes", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.RateChangePost, wire => new Posted(
                new ChangeRate(new LoanId(id), Rate(wire.AnnualRate), wire.From, Input.Text(wire.Reason, "reason", Input.ReasonCharactersMax)),
                AcceptedWire.Render,
                Path)))
            .Describes<RateChangePost>("Change the rate", "Another yearly rate from a date on: ahead, today, or back to the loan's last entry.");
        group.Post("/{id:guid}/pledges", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.LoanPledgePost, async wire => new Posted(
                new SecureLoan(new LoanId(id), wire.PledgeId, await Valuer(http).QuoteAsync(new LoanId(id))),
                AcceptedWire.Render,
                Path)))
            .Describes<LoanPledgePost>("Add a pledge to a loan", "A further pledge in the same bank's favour secures the loan. Cures a margin call when it suffices.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireLoanWire, q => q.Get<LoanReader>().ListAsync(Input.Asked(http.Request.Query, "bankId", "borrowerId"), q)))
            .Answers<PageWire<LoanWire>>("List loans", "In the order of recording, repaid ones included, each valued by its own bank's policy; with bankId those of one bank, with borrowerId those of one borrower. The two exclude each other: 400 value-out-of-range.", list: true)
            .Asks("bankId", Forms.Id, "Only those of this bank; not together with borrowerId.")
            .Asks("borrowerId", Forms.Id, "Only those of this borrower; not together with bankId.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.LoanWire, q => q.Get<LoanReader>().ReadAsync(new LoanId(id), q)))
            .Answers<LoanWire>("Get a loan", "What is owed with interest to the date, what the collateral is worth, and their ratio; now or at a past instant.");
        group.Get("/{id:guid}/statement", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.LoanStatementWire, q => q.Get<LoanStatementReader>().ReadAsync(new LoanId(id), q)))
            .Answers<LoanStatementWire>("Statement of a loan", "Every entry in the order of the log: how each payment fell on costs, interest and principal, what accrued since the entry before, what was owed after it; rates, pledges and margin calls; at the end what is owed now or at a past instant.", list: true);
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<LoanState>(http, id, new Refusal.LoanNotFound(new LoanId(id))))
            .Answers<EventsWire>("Events of a loan", "Its history in order, each event exactly as it is hashed; after counts versions of the stream.", feed: Feed.Stream);
    }

    private static LoanValuer Valuer(HttpContext http) => http.RequestServices.GetRequiredService<LoanValuer>();

    private static AnnualRate Rate(decimal rate) =>
        AnnualRate.Exactly(rate) ?? throw Input.OutOfRange("annualRate", "must be a ratio from 0 to 1 with at most six decimals; 4.35 % is 0.0435");

    private static async Task<Posted> OpenAsync(HttpContext http, LoanPost wire)
    {
        if (wire.MaturityDate < wire.StartDate)
        {
            throw new BadInputException(EdgeProblem.PeriodReversed, $"maturityDate {wire.MaturityDate:uuuu-MM-dd} lies before startDate {wire.StartDate:uuuu-MM-dd}.");
        }

        if (wire.PledgeIds.Count is 0 or > OpenLoan.PledgesMax || wire.PledgeIds.Distinct().Count() < wire.PledgeIds.Count)
        {
            throw Input.OutOfRange("pledgeIds", $"must have 1 to {OpenLoan.PledgesMax} different entries");
        }

        if (wire.Principal.Amount > OpenLoan.PrincipalMax)
        {
            throw Input.OutOfRange("principal", $"must be at most {OpenLoan.PrincipalMax}");
        }

        if (wire.StartDate < OpenLoan.StartDateMin)
        {
            throw Input.OutOfRange("startDate", $"must not lie before {OpenLoan.StartDateMin:uuuu-MM-dd}");
        }

        var command = new OpenLoan(
            new LoanId(Guid.CreateVersion7()),
            wire.BankId,
            wire.BorrowerId,
            Input.Positive(wire.Principal, "principal"),
            Rate(wire.AnnualRate),
            wire.DayCount switch
            {
                null or 360 => DayCount.Actual360,
                365 => DayCount.Actual365,
                _ => throw Input.OutOfRange("dayCount", "must be 360 or 365"),
            },
            wire.StartDate,
            wire.MaturityDate,
            wire.PledgeIds,
            await Valuer(http).QuoteAsync(wire.BankId),
            wire.Override is { } passed ? Input.Text(passed.Reason, "override.reason", Input.ReasonCharactersMax) : null);
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

    /// <summary>The principal in CNY, above 0.00 to 9999999999.99.</summary>
    /// <example>300000.00</example>
    public required Money Principal { get; init; }

    /// <summary>The yearly rate as a ratio: 0.0435 is 4.35 %. A number, or the same as a string.</summary>
    /// <example>0.0435</example>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public required decimal AnnualRate { get; init; }

    /// <summary>Days of an interest year: 360 (the default) or 365, over actual days.</summary>
    /// <example>360</example>
    public int? DayCount { get; init; }

    /// <summary>The day of the disbursement, from which interest runs; from 1970-01-01.</summary>
    /// <example>2021-09-01</example>
    public required LocalDate StartDate { get; init; }

    /// <summary>The day on which the loan is due.</summary>
    /// <example>2022-08-31</example>
    public required LocalDate MaturityDate { get; init; }

    /// <summary>1 to 100 pledges in the bank's favour, none of which secures another loan.</summary>
    public required IReadOnlyList<PledgeId> PledgeIds { get; init; }

    /// <summary>Passes the bank's own limit on purpose; recorded with the loan where the limit is passed, and without effect otherwise.</summary>
    public OverridePost? Override { get; init; }
}

/// <summary>Why a bank passes its own limit.</summary>
public sealed record OverridePost
{
    /// <summary>The reason, 1 to 1,000 characters.</summary>
    /// <example>Approved by the credit committee, minute 12</example>
    public required string Reason { get; init; }
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

/// <summary>Costs to charge.</summary>
public sealed record CostPost
{
    /// <summary>The amount in CNY, above 0.00. At most 10,000,000,000.00 may be unpaid at once.</summary>
    /// <example>80.00</example>
    public required Money Amount { get; init; }

    /// <summary>The value date; today when absent. Not before the loan's last entry, not in the future.</summary>
    public LocalDate? Date { get; init; }

    /// <summary>What they are for, 1 to 1,000 characters.</summary>
    /// <example>Notary</example>
    public required string Reason { get; init; }
}

/// <summary>Another rate.</summary>
public sealed record RateChangePost
{
    /// <summary>The yearly rate as a ratio from 0 to 1: 0.0435 is 4.35 %. A number, or the same as a string.</summary>
    /// <example>0.0435</example>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public required decimal AnnualRate { get; init; }

    /// <summary>The first day of the rate; not before the loan's last entry.</summary>
    /// <example>2022-01-01</example>
    public required LocalDate From { get; init; }

    /// <summary>Why, 1 to 1,000 characters.</summary>
    /// <example>Yearly review</example>
    public required string Reason { get; init; }
}

/// <summary>A further pledge.</summary>
public sealed record LoanPledgePost
{
    /// <summary>A pledge in the bank's favour that secures no loan. A loan has at most 100.</summary>
    public required PledgeId PledgeId { get; init; }
}
