using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Prices;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Loans;

/// <summary>Answers what is owed on loans and what their collateral is worth.</summary>
public sealed class LoanReader(LedgerDatabase database, ThingReader things, ProjectionSet projections, LoanValuer valuer, PriorRankReader ranks, PriceReader prices)
{
    public async Task<LoanWire> ReadAsync(LoanId id, ReadQuestion question)
    {
        var position = await projections.Loans.PositionAsync(question);
        var secured = await valuer.SecuredAsync([id.Value], question.UpTo);
        return (await ValuedAsync(secured, position, question)).SingleOrDefault() ?? throw new RefusedException(new Refusal.LoanNotFound(id));
    }

    /// <summary>All loans in the order of recording, or those of a bank or of a borrower.</summary>
    /// <param name="party">The query parameter, <c>bankId</c> or <c>borrowerId</c>, and the organization it names.</param>
    public async Task<PageWire<LoanWire>> ListAsync((string Name, Guid Id)? party, ReadQuestion question)
    {
        var position = await projections.Loans.PositionAsync(question);
        var ids = party is { Name: "bankId", Id: var bank }
            ? await valuer.IdsAsync(new OrganizationId(bank), question.CursorPosition, question.UpTo, question.Limit + 1)
            : (await things.ListBegunAsync<LoanState>("loan", question, party?.Id)).ConvertAll(l => new Placed<Guid>(l.Position, l.Entry.Id));
        var (loans, next) = await PageAsync(ids, position, question);
        return new PageWire<LoanWire> { Items = loans, NextCursor = next };
    }

    /// <summary>The loans of a bank with totals, read at the position that the book has reached.</summary>
    public async Task<LoanBookWire> BookAsync(OrganizationId bank, ReadQuestion question)
    {
        await things.FindAsync<OrganizationState>(bank.Value, question, new Refusal.OrganizationNotFound(bank));
        var position = await projections.Loans.PositionAsync(question);
        var (loans, next) = await PageAsync(await valuer.IdsAsync(bank, question.CursorPosition, question.UpTo, question.Limit + 1), position, question);
        return new LoanBookWire
        {
            BankId = bank,
            AsOf = question.Now,
            LogIndex = position,
            Totals = question.UpTo is { } upTo ? await PastTotalsAsync(bank, upTo) : await TotalsAsync(bank),
            Loans = loans,
            NextCursor = next,
        };
    }

    private async Task<(IReadOnlyList<LoanWire> Loans, string? Next)> PageAsync(List<Placed<Guid>> ids, long position, ReadQuestion question)
    {
        var secured = await valuer.SecuredAsync([.. ids.Take(question.Limit).Select(l => l.Entry)], question.UpTo);
        return (await ValuedAsync(secured, position, question), PageWire.CursorOf(question, ids, l => l.Position));
    }

    /// <summary>Each loan at the price that its own bank's policy asks for.</summary>
    private async Task<IReadOnlyList<LoanWire>> ValuedAsync(IReadOnlyList<SecuredLoan> loans, long position, ReadQuestion question)
    {
        var date = RegistryCalendar.DateOf(question.Now);
        var valued = new Dictionary<LoanId, LoanWire>();
        foreach (var ofBank in loans.GroupBy(l => l.Loan.Bank))
        {
            var quote = await prices.QuoteAsync(await valuer.PolicyAsync(ofBank.Key, question.UpTo), date, position);
            var prior = await ranks.ReadAsync(ofBank.SelectMany(l => l.Pledges), quote, question);
            foreach (var secured in ofBank)
            {
                valued.Add(secured.Loan.Loan, Of(secured, date, quote, prior));
            }
        }

        return [.. loans.Select(l => valued[l.Loan.Loan])];
    }

    private static LoanWire Of(SecuredLoan secured, LocalDate date, PriceQuote quote, ILookup<PledgeId, PriorStretch> prior)
    {
        var loan = secured.Loan;
        var parts = Collateral.Parts(secured.Pledges, quote);
        var (kilograms, value) = Collateral.Of(parts);
        var (priorSecured, valueAfterPrior) = PriorRankReader.Of(secured.Pledges, parts, value, prior);
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
            RevokedKilograms = secured.Revoked.Value > 0 ? secured.Revoked.Value : null,
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

    /// <summary>Where several pledges secure a loan they may lie on the same units, and one may lie on a voucher that was revoked, which the table does not tell: those loans are read.</summary>
    private async Task<LoanBookTotalsWire> TotalsAsync(OrganizationId bank)
    {
        await projections.Balances.CatchUpAsync(); // the liens below are that projection's
        var (loans, principal, kilograms, read) = await database.Readers.CreateCommand(
            """
            with revoked as (
                select lock_id from ledger.liens where until_index is null and voucher_id = any(array(select id from ledger.states where revoked)))
            select count(*), coalesce(sum(b.outstanding_principal), 0), coalesce(sum(c.kilograms) filter (where not c.is_read), 0)::bigint,
                   coalesce(array_agg(b.loan_id) filter (where c.is_read), '{}')
            from ledger.loan_book b
            cross join lateral (
                select sum(c.kilograms) as kilograms, count(*) > 1 or bool_or(c.pledge_id in (select lock_id from revoked)) as is_read
                from ledger.loan_book_collateral c where c.loan_id = b.loan_id and c.kilograms > 0) c
            where b.bank_id = $1
            """)
            .With(bank.Value)
            .FindAsync(row => (row.GetInt64(0), Collateral.Capped(row.GetDecimal(1)), row.GetInt64(2), row.GetFieldValue<Guid[]>(3)));
        foreach (var ids in read.Chunk(LoanValuer.LoansPerRead))
        {
            kilograms += (await valuer.SecuredAsync(ids, null)).Sum(l => LoanValuer.KilogramsOf(l.Pledges).Value);
        }

        return new LoanBookTotalsWire { Loans = loans, OutstandingPrincipal = principal, CollateralKilograms = kilograms };
    }

    private async Task<LoanBookTotalsWire> PastTotalsAsync(OrganizationId bank, long upTo)
    {
        var (loans, principal, kilograms) = (0L, 0m, 0L);
        await foreach (var secured in valuer.AllLoansAsync(bank, upTo))
        {
            (loans, principal, kilograms) = (loans + 1, principal + secured.Loan.Principal.Amount, kilograms + LoanValuer.KilogramsOf(secured.Pledges).Value);
        }

        return new LoanBookTotalsWire { Loans = loans, OutstandingPrincipal = Collateral.Capped(principal), CollateralKilograms = kilograms };
    }
}
