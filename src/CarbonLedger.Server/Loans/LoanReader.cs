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
public sealed class LoanReader(LedgerDatabase database, ThingReader things, LogReader log, ProjectionSet projections, LoanValuer valuer, PriorRankReader ranks, PriceReader prices)
{
    public async Task<LoanWire> ReadAsync(LoanId id, ReadQuestion question)
    {
        var loans = await ValuedAsync([id.Value], await AtOnePositionAsync(question));
        return loans.SingleOrDefault() ?? throw new RefusedException(new Refusal.LoanNotFound(id));
    }

    /// <summary>All loans in the order of recording, or those of a bank or of a borrower.</summary>
    /// <param name="party">The query parameter, <c>bankId</c> or <c>borrowerId</c>, and the organization it names.</param>
    public async Task<PageWire<LoanWire>> ListAsync((string Name, Guid Id)? party, ReadQuestion question)
    {
        var then = await AtOnePositionAsync(question);
        var ids = party is { Name: "bankId", Id: var bank }
            ? await valuer.IdsAsync(new OrganizationId(bank), then)
            : (await things.ListBegunAsync<LoanState>("loan", then, party?.Id)).ConvertAll(l => new Placed<Guid>(l.Position, l.Entry.Id));
        return new PageWire<LoanWire> { Items = await PageAsync(ids, then), NextCursor = PageWire.CursorOf(then, ids, l => l.Position) };
    }

    /// <summary>The loans of a bank with totals, all at one position.</summary>
    public async Task<LoanBookWire> BookAsync(OrganizationId bank, ReadQuestion question)
    {
        await things.FindAsync<OrganizationState>(bank.Value, question, new Refusal.OrganizationNotFound(bank));
        var (totals, position) = await TotalsAsync(bank, question);
        var then = question with { UpTo = position };
        var ids = await valuer.IdsAsync(bank, then);
        return new LoanBookWire
        {
            BankId = bank,
            AsOf = question.Now,
            LogIndex = position,
            Totals = totals,
            Loans = await PageAsync(ids, then),
            NextCursor = PageWire.CursorOf(then, ids, l => l.Position),
        };
    }

    /// <summary>Debt and collateral are of one moment; the projection has reached it.</summary>
    private async Task<ReadQuestion> AtOnePositionAsync(ReadQuestion question)
    {
        var then = await log.AtOnePositionAsync(question);
        await projections.Loans.PositionAsync(then);
        return then;
    }

    private Task<IReadOnlyList<LoanWire>> PageAsync(List<Placed<Guid>> ids, ReadQuestion then) => ValuedAsync([.. ids.Take(then.Limit).Select(l => l.Entry)], then);

    /// <summary>Each loan at the price that its own bank's policy asks for.</summary>
    /// <param name="then">At a position that the projection has reached.</param>
    private async Task<IReadOnlyList<LoanWire>> ValuedAsync(IReadOnlyCollection<Guid> ids, ReadQuestion then)
    {
        var (position, date) = (then.UpTo!.Value, RegistryCalendar.DateOf(then.Now));
        var loans = await valuer.SecuredAsync(ids, position);
        var valued = new Dictionary<LoanId, LoanWire>();
        foreach (var ofBank in loans.GroupBy(l => l.Loan.Bank))
        {
            var quote = await prices.QuoteAsync(await valuer.PolicyAsync(ofBank.Key, position), date, position);
            var prior = await ranks.ReadAsync(ofBank.SelectMany(l => l.Pledges), quote, then);
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
    /// <returns>Also the position: of the present, the one that the table has reached in the snapshot of the statement.</returns>
    private async Task<(LoanBookTotalsWire Totals, long Position)> TotalsAsync(OrganizationId bank, ReadQuestion question)
    {
        var position = await projections.Loans.PositionAsync(question);
        if (question.UpTo is not null)
        {
            return (await PastTotalsAsync(bank, position), position);
        }

        await projections.Balances.CatchUpAsync(); // the liens below are that projection's
        (var loans, var principal, var kilograms, var read, position) = await database.Readers.CreateCommand(
            """
            with revoked as (
                select lock_id from ledger.liens where voucher_id = any(array(select id from ledger.states where revoked)))
            select count(*), coalesce(sum(b.outstanding_principal), 0), coalesce(sum(c.kilograms) filter (where not c.is_read), 0)::bigint,
                   coalesce(array_agg(b.loan_id) filter (where c.is_read), '{}'),
                   (select last_seq_id from mt_event_progression where name = $2)
            from ledger.loan_book b
            cross join lateral (
                select sum(c.kilograms) as kilograms, count(*) > 1 or bool_or(c.pledge_id in (select lock_id from revoked)) as is_read
                from ledger.loan_book_collateral c where c.loan_id = b.loan_id and c.kilograms > 0) c
            where b.bank_id = $1
            """)
            .With(bank.Value).With(projections.Loans.Projection.Name)
            .FindAsync(row => (row.GetInt64(0), Collateral.Capped(row.GetDecimal(1)), row.GetInt64(2), row.GetFieldValue<Guid[]>(3), row.GetInt64(4)));
        foreach (var ids in read.Chunk(LoanValuer.LoansPerRead))
        {
            kilograms += (await valuer.SecuredAsync(ids, position)).Sum(l => LoanValuer.KilogramsOf(l.Pledges).Value);
        }

        return (new LoanBookTotalsWire { Loans = loans, OutstandingPrincipal = principal, CollateralKilograms = kilograms }, position);
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
