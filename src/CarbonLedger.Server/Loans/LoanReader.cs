using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Loans;

/// <summary>Answers what is owed on loans and what their collateral is worth.</summary>
public sealed class LoanReader(LedgerDatabase database, LogHead head, ThingReader things, ProjectionSet projections, IClock clock)
{
    public async Task<LoanWire> ReadAsync(LoanId id, ReadQuestion question)
    {
        var position = await ProjectionSet.PositionAsync(projections.Loans, head, question);
        var date = RegistryCalendar.DateOf(question.AsOf ?? clock.GetCurrentInstant());
        return await ReadAsync(id, question, date, await ReferencePriceAsync(date, position));
    }

    /// <summary>The loans of a bank, read at the position that the book has reached.</summary>
    public async Task<LoanBookWire> BookAsync(OrganizationId bank, ReadQuestion question)
    {
        question.RequirePresent();
        await things.FindAsync<OrganizationState>(bank.Value, question, new Refusal.OrganizationNotFound(bank));
        var position = await ProjectionSet.PositionAsync(projections.Loans, head, question);
        var date = RegistryCalendar.DateOf(clock.GetCurrentInstant());
        var price = await ReferencePriceAsync(date, position);
        var ids = await PageAsync(bank, question);
        var loans = new List<LoanWire>(ids.Count);
        foreach (var id in ids.Take(question.Limit))
        {
            loans.Add(await ReadAsync(id, question, date, price));
        }

        return new LoanBookWire
        {
            BankId = bank,
            LogIndex = position,
            Totals = await TotalsAsync(bank),
            Loans = loans,
            NextCursor = ids.Count > question.Limit ? loans[^1].Id.ToString() : null,
        };
    }

    private async Task<LoanWire> ReadAsync(LoanId id, ReadQuestion question, LocalDate date, PricePerTonne? referencePrice)
    {
        var loan = await things.FindAsync<LoanState>(id.Value, question, new Refusal.LoanNotFound(id));
        var (kilograms, value) = (Kilograms.Zero, Money.Zero);
        foreach (var pledgeId in loan.Pledges)
        {
            var pledge = await things.FindAsync<PledgeState>(pledgeId.Value, question, new Refusal.PledgeNotFound(pledgeId));
            kilograms += pledge.Kilograms;
            value += Collateral.Value(pledge.Kilograms, referencePrice ?? pledge.Valuation.PricePerTonne);
        }

        var outstanding = loan.OutstandingOn(date);
        return new LoanWire
        {
            Id = loan.Id,
            BankId = loan.Bank,
            BorrowerId = loan.Borrower,
            Status = loan.IsRepaid ? "repaid" : "open",
            Principal = loan.OriginalPrincipal,
            OutstandingPrincipal = loan.Principal,
            AccruedInterest = loan.InterestOn(date),
            Outstanding = outstanding,
            AnnualRate = loan.AnnualRate.Ratio,
            DayCount = (int)loan.DayCount,
            StartDate = loan.StartDate,
            MaturityDate = loan.MaturityDate,
            ValuationDate = date,
            CollateralKilograms = kilograms.Value,
            CollateralValue = value,
            PricePerTonne = referencePrice,
            ValuationRule = referencePrice is null ? "contractPrice" : "referencePrice",
            LoanToValue = Collateral.LoanToValue(outstanding, value),
            PledgeIds = loan.Pledges,
        };
    }

    /// <summary>The newest price of any venue by date, then by log position, that was known at a position.</summary>
    private async Task<PricePerTonne?> ReferencePriceAsync(LocalDate date, long position)
    {
        await using var command = database.Readers.CreateCommand(
            "select price_per_tonne from ledger.reference_prices where date <= $1 and log_index <= $2 order by date desc, log_index desc limit 1");
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = date.ToDateOnly() });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        return await command.ExecuteScalarAsync() is decimal price ? PricePerTonne.Exactly(price) : null;
    }

    /// <summary>One more than the limit, where there are so many.</summary>
    private async Task<List<LoanId>> PageAsync(OrganizationId bank, ReadQuestion question)
    {
        await using var command = database.Readers.CreateCommand("select loan_id from ledger.loan_book where bank_id = $1 and loan_id > $2 order by loan_id limit $3");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = bank.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = question.CursorId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = question.Limit + 1 });
        var ids = new List<LoanId>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            ids.Add(new LoanId(reader.GetGuid(0)));
        }

        return ids;
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
            OutstandingPrincipal = Money.Rounded(reader.GetDecimal(1)),
            CollateralKilograms = reader.GetInt64(2),
        };
    }
}
