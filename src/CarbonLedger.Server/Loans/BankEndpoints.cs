using System.Text.Json;
using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Loans;

/// <summary>What a bank sets, runs and reads over all its loans.</summary>
public static class BankEndpoints
{
    private const string Banks = "/v1/banks/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/banks/{id:guid}").WithTags("Banks");
        group.Get("/loan-book", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.LoanBookWire, q => q.Get<LoanReader>().BookAsync(new OrganizationId(id), q)))
            .Answers<LoanBookWire>("Loan book of a bank", "Every loan with its collateral and loan-to-value, and totals; now or at a past instant. A projection: logIndex says how far it reaches.", list: true);
        group.Get("/collateral-book", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.CollateralBookWire, q => q.Get<CollateralBookReader>().ReadAsync(new OrganizationId(id), q)))
            .Answers<CollateralBookWire>("Collateral book of a bank", "What its open loans stand on: units, value and ratio, a ladder of maturities, open margin calls, exposures per project; now or at a past instant.");
        group.Get("/margin-calls", (HttpContext http, Guid id, string? status) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireMarginCallWire, q => q.Get<CollateralBookReader>().CallsAsync(new OrganizationId(id), status, q)))
            .Answers<PageWire<MarginCallWire>>("Margin calls of a bank", "Every call on its loans, open and cured, in the order in which they were made; now or as they stood at a past instant.", list: true)
            .Asks("status", Forms.Words("open", "cured"), "Only those that are open, or cured; all when absent.");
        group.Get("/collateral-policy", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.CollateralPolicyWire, q => PolicyAsync(new OrganizationId(id), q)))
            .Answers<CollateralPolicyWire>("Collateral policy of a bank", "How it values collateral and how high it lends; without a policy the newest reference price and no levels.");
        group.Post("/collateral-policy", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.CollateralPolicyPost, wire => new Posted(
                Policy(new OrganizationId(id), wire),
                AcceptedWire.Render,
                Banks + CommandEndpoint.IdPlace + "/collateral-policy")))
            .Describes<CollateralPolicyPost>("Set the collateral policy", "By the bank itself, in place of the one before (P6). It binds from then on: loans that are open stay as they are until the next margin run.");
        group.Post("/margin-runs", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.MarginRunPost, _ => RunAsync(http, new OrganizationId(id))))
            .Describes<MarginRunPost>("Make a margin run", "Holds every open loan against the policy at one price, and records new calls, passed liquidation levels and cures. A loan under a call is not called again. 409 no-collateral-policy without a policy.")
            .Produces<MarginRunWire>(StatusCodes.Status201Created);
    }

    private static SetCollateralPolicy Policy(OrganizationId bank, CollateralPolicyPost wire)
    {
        var (max, warning, liquidation) = (Level(wire.MaxLoanToValue, "maxLoanToValue"), Level(wire.WarningLoanToValue, "warningLoanToValue"), Level(wire.LiquidationLoanToValue, "liquidationLoanToValue"));
        if (max > warning || max > liquidation || warning > liquidation)
        {
            throw Input.OutOfRange("liquidationLoanToValue", "must not be below warningLoanToValue, nor that below maxLoanToValue");
        }

        var rule = wire.ValuationRule ?? ValuationRule.ReferencePrice;
        if ((rule == ValuationRule.Average) != (wire.AverageDays is not null) || wire.AverageDays is < 1 or > CollateralPolicy.AverageDaysMax)
        {
            throw Input.OutOfRange("averageDays", $"must be 1 to {CollateralPolicy.AverageDaysMax} with valuationRule average, and absent with every other");
        }

        return new SetCollateralPolicy(bank, max, warning, liquidation, rule, wire.AverageDays);
    }

    private static decimal? Level(decimal? level, string member) =>
        level is null or (> 0 and <= CollateralPolicy.LoanToValueMax) && (level is null || decimal.Round(level.Value, 4) == level)
            ? level
            : throw Input.OutOfRange(member, $"must be a ratio above 0 up to {CollateralPolicy.LoanToValueMax} with at most four decimals; 70 % is 0.7");

    private static async Task<Posted> RunAsync(HttpContext http, OrganizationId bank)
    {
        // Without a policy the run is refused; the decision says so, and keeps the answer.
        var (run, left) = await http.RequestServices.GetRequiredService<LoanValuer>().RunAsync(bank)
            ?? (new RunMargin(new MarginRunId(Guid.CreateVersion7()), bank, [], PriceQuote.Contract(), 0), 0);
        return new Posted(run, (id, events) => Render(id, events, left), $"{Banks}{bank}/margin-calls#");
    }

    private static byte[] Render(Guid id, IReadOnlyList<RecordedEvent> events, int left)
    {
        var run = (MarginRunEvent.MarginRunRecorded)events[0].Fact;
        return JsonSerializer.SerializeToUtf8Bytes(
            new MarginRunWire
            {
                Id = id,
                LogIndex = events[^1].LogIndex,
                Date = run.Date,
                LoansValued = run.LoansValued,
                LoansLeft = left,
                ValuationRule = run.Quote.Rule,
                ValuationInsteadOf = run.Quote.InsteadOf,
                PricePerTonne = run.Quote.PricePerTonne,
                ValuationSource = run.Quote.Source,
                ValuationSourceDate = run.Quote.SourceDate,
                Called = [.. events.Select(e => e.Fact).OfType<LoanEvent.MarginCalled>().Select(e => new RunCallWire { Id = e.Call.Value, LoanId = e.Loan, PastLiquidation = e.PastLiquidation })],
                LiquidationPassed = [.. events.Select(e => e.Fact).OfType<LoanEvent.LiquidationLevelPassed>().Select(e => new RunCallWire { Id = e.Call.Value, LoanId = e.Loan, PastLiquidation = true })],
                Cured = [.. events.Select(e => e.Fact).OfType<LoanEvent.MarginCallCured>().Select(e => new RunCallWire { Id = e.Call.Value, LoanId = e.Loan, PastLiquidation = false })],
            },
            WireJson.Wire.MarginRunWire);
    }

    private static async Task<CollateralPolicyWire> PolicyAsync(OrganizationId bank, ReadQuestion question)
    {
        await question.Get<ThingReader>().FindAsync<OrganizationState>(bank.Value, question, new Refusal.OrganizationNotFound(bank));
        var policy = await question.Get<LoanValuer>().PolicyAsync(bank, question.UpTo);
        return new CollateralPolicyWire
        {
            BankId = bank,
            MaxLoanToValue = policy?.MaxLoanToValue,
            WarningLoanToValue = policy?.WarningLoanToValue,
            LiquidationLoanToValue = policy?.LiquidationLoanToValue,
            ValuationRule = policy?.ValuationRule ?? ValuationRule.ReferencePrice,
            AverageDays = policy?.AverageDays,
        };
    }
}
