using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Prices;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Loans;

/// <summary>Answers what is owed on loans and what their collateral is worth.</summary>
public sealed class LoanReader(LedgerDatabase database, ThingReader things, ProjectionSet projections, LoanValuer valuer, PriorRankReader ranks, PriceReader prices, IClock clock)
{
    public async Task<LoanWire> ReadAsync(LoanId id, ReadQuestion question)
    {
        var position = await projections.Loans.PositionAsync(question);
        var date = RegistryCalendar.DateOf(question.AsOf ?? clock.GetCurrentInstant());
        var secured = (await valuer.SecuredAsync([id.Value], question.UpTo)).SingleOrDefault() ?? throw new RefusedException(new Refusal.LoanNotFound(id));
        var policy = await valuer.PolicyAsync(secured.Loan.Bank, question.UpTo);
        var quote = await prices.QuoteAsync(policy, date, position);
        return Of(secured, date, quote, await ranks.ReadAsync(secured.Pledges, quote, question));
    }

    /// <summary>The loans of a bank, read at the position that the book has reached.</summary>
    public async Task<LoanBookWire> BookAsync(OrganizationId bank, ReadQuestion question)
    {
        question.RequirePresent();
        await things.FindAsync<OrganizationState>(bank.Value, question, new Refusal.OrganizationNotFound(bank));
        var position = await projections.Loans.PositionAsync(question);
        var date = RegistryCalendar.DateOf(clock.GetCurrentInstant());
        var quote = await prices.QuoteAsync(await valuer.PolicyAsync(bank, null), date, position);
        var ids = await valuer.IdsAsync(bank, question.CursorPosition, null, question.Limit + 1);
        var secured = await valuer.SecuredAsync([.. ids.Take(question.Limit).Select(l => l.Entry)], null);
        var prior = await ranks.ReadAsync(secured.SelectMany(l => l.Pledges), quote, question);
        var loans = secured.ConvertAll(l => Of(l, date, quote, prior));
        return new LoanBookWire
        {
            BankId = bank,
            LogIndex = position,
            Totals = await TotalsAsync(bank),
            Loans = loans,
            NextCursor = PageWire.CursorOf(question, ids, l => l.Position),
        };
    }

    private static LoanWire Of(SecuredLoan secured, LocalDate date, PriceQuote quote, ILookup<PledgeId, PriorStretch> prior)
    {
        var loan = secured.Loan;
        var (kilograms, value) = Collateral.Of(secured.Pledges, quote);
        var (priorSecured, valueAfterPrior) = PriorRankReader.Of(secured.Pledges, value, prior);
        var outstanding = loan.OutstandingOn(date);
        var overdueDays = loan.OverdueDaysOn(date);
        var own = secured.Pledges.Select(p => p.Valuation).Distinct().ToArray();
        var isContract = quote.Rule == ValuationRule.ContractPrice;
        return new LoanWire
        {
            Id = loan.Loan.Value,
            BankId = loan.Bank,
            BorrowerId = loan.Borrower,
            Status = loan.IsRepaid ? "repaid" : "open",
            Principal = loan.OriginalPrincipal,
            OutstandingPrincipal = loan.Principal,
            AccruedInterest = loan.InterestOn(date),
            InterestPaid = loan.InterestPaid,
            UnpaidCosts = loan.UnpaidCosts,
            Outstanding = outstanding,
            AnnualRate = loan.RateOn(date).Ratio,
            RateChanges = [.. loan.RateSteps.Where(s => s.From > date).Select(s => new RateStepWire { From = s.From, AnnualRate = s.AnnualRate.Ratio })],
            DayCount = (int)loan.DayCount,
            StartDate = loan.StartDate,
            MaturityDate = loan.MaturityDate,
            LastEntryDate = loan.SettledTo,
            Disbursed = date >= loan.StartDate,
            OverdueDays = overdueDays,
            OverdueAmount = overdueDays > 0 ? outstanding : Money.Zero,
            ValuationDate = date,
            CollateralKilograms = kilograms.Value,
            CollateralValue = value,
            PriorSecured = priorSecured,
            ValueAfterPrior = valueAfterPrior,
            PricePerTonne = quote.PricePerTonne,
            ValuationRule = quote.Rule,
            ValuationInsteadOf = quote.InsteadOf,
            ValuationSource = !isContract ? quote.Source : own.Length == 1 ? own[0].Source : null,
            ValuationSourceDate = !isContract ? quote.SourceDate : own.Length == 1 ? own[0].Date : null,
            LoanToValue = Collateral.LoanToValue(outstanding, value),
            MarginCall = loan.MarginCall is { } call ? new OpenCallWire { Id = call.Call.Value, Date = call.Date, PastLiquidation = call.PastLiquidation } : null,
            PledgeIds = loan.Pledges,
        };
    }

    private async Task<LoanBookTotalsWire> TotalsAsync(OrganizationId bank)
    {
        await using var command = database.Readers.CreateCommand(
            """
            select count(*), coalesce(sum(b.outstanding_principal), 0),
                   coalesce(sum((select coalesce(sum(c.kilograms), 0) from ledger.loan_book_collateral c where c.loan_id = b.loan_id)), 0)::bigint
            from ledger.loan_book b where b.bank_id = $1
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = bank.Value });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new LoanBookTotalsWire
        {
            Loans = reader.GetInt64(0),
            OutstandingPrincipal = Collateral.Capped(reader.GetDecimal(1)),
            CollateralKilograms = reader.GetInt64(2),
        };
    }
}
