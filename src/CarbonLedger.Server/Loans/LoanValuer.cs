using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Prices;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Loans;

/// <summary>A loan with the pledges that secure it, and what can still be sold under them.</summary>
public sealed record SecuredLoan(LoanState Loan, IReadOnlyList<PledgeState> Pledges)
{
    /// <summary>What lies under its pledges besides, of vouchers that were revoked.</summary>
    public required Kilograms Revoked { get; init; }
}

/// <summary>Brings loans with their collateral, and the price that their bank's policy asks for. What it finds goes into a command, which decides anew.</summary>
public sealed class LoanValuer(LedgerDatabase database, ThingReader things, ProjectionSet projections, PriceReader prices, LogClock clock)
{
    /// <summary>Loans that are read in one round trip.</summary>
    public const int LoansPerRead = 500;

    /// <summary>Today as the next decision will have it.</summary>
    public LocalDate Today => RegistryCalendar.DateOf(clock.Now);

    /// <summary>The price that a command about a bank's collateral carries; null while the bank has no policy, so that no rule needs one.</summary>
    /// <exception cref="BadInputException">The prices have not caught up with what this process acknowledged.</exception>
    public async Task<PriceQuote?> QuoteAsync(OrganizationId bank)
    {
        if (await PolicyAsync(bank, null) is not { } policy)
        {
            return null;
        }

        await projections.Loans.CatchUpAsync();
        return await prices.QuoteAsync(policy, Today, long.MaxValue);
    }

    /// <summary>The price for a command about one loan; null unless the loan is under a margin call that the command might cure.</summary>
    public async Task<PriceQuote?> QuoteAsync(LoanId id) =>
        (await things.LoadAsync([id.Value], null)).GetValueOrDefault(id.Value) is LoanState { MarginCall: not null } loan ? await QuoteAsync(loan.Bank) : null;

    /// <summary>The price for a command about one pledge: that for the loan which it secures.</summary>
    public async Task<PriceQuote?> QuoteAsync(PledgeId id) =>
        (await things.LoadAsync([id.Value], null)).GetValueOrDefault(id.Value) is PledgeState { Loan: { } loan } ? await QuoteAsync(loan) : null;

    public async Task<CollateralPolicyState?> PolicyAsync(OrganizationId bank, long? upTo)
    {
        var id = CollateralPolicy.IdOf(bank);
        return (await things.LoadAsync([id], upTo)).GetValueOrDefault(id) as CollateralPolicyState;
    }

    /// <summary>A run over all loans of a bank: those that seem to change, as a command. Null without a policy.</summary>
    public async Task<(RunMargin Command, int Left)?> RunAsync(OrganizationId bank)
    {
        if (await PolicyAsync(bank, null) is not { } policy || await QuoteAsync(bank) is not { } quote)
        {
            return null;
        }

        var (today, run, valued) = (Today, new MarginRunId(Guid.CreateVersion7()), 0);
        var candidates = new List<MarginCandidate>();
        await foreach (var (loan, pledges) in LoansAsync(bank, null))
        {
            valued++;
            var call = new MarginCallId(Guid.CreateVersion7());
            if (Margin.Judge(loan, pledges, policy, quote, today, run, call) is not null)
            {
                candidates.Add(new MarginCandidate(loan.Loan, call));
            }
        }

        var command = new RunMargin(run, bank, [.. candidates.Take(RunMargin.CandidatesMax)], quote, valued);
        return (command, candidates.Count - command.Candidates.Count);
    }

    /// <summary>The loans of a bank that were open, or under a call, at a position.</summary>
    public async IAsyncEnumerable<SecuredLoan> LoansAsync(OrganizationId bank, long? upTo)
    {
        await foreach (var secured in AllLoansAsync(bank, upTo))
        {
            if (!secured.Loan.IsRepaid || secured.Loan.MarginCall is not null)
            {
                yield return secured;
            }
        }
    }

    /// <summary>All loans of a bank as they stood at a position, repaid ones too.</summary>
    public async IAsyncEnumerable<SecuredLoan> AllLoansAsync(OrganizationId bank, long? upTo)
    {
        var after = 0L;
        while (true)
        {
            var ids = await IdsAsync(bank, after, upTo, LoansPerRead);
            if (ids.Count == 0)
            {
                yield break;
            }

            foreach (var secured in await SecuredAsync(ids.ConvertAll(l => l.Entry), upTo))
            {
                yield return secured;
            }

            after = ids[^1].Position;
        }
    }

    /// <summary>A page of the loans of a bank in the order of the log, and one more where there are so many.</summary>
    public Task<List<Placed<Guid>>> IdsAsync(OrganizationId bank, ReadQuestion question) => IdsAsync(bank, question.CursorPosition, question.UpTo, question.Limit + 1);

    /// <summary>Loans of a bank that were opened after a position, in the order of the log.</summary>
    private Task<List<Placed<Guid>>> IdsAsync(OrganizationId bank, long after, long? upTo, int limit) =>
        database.Readers.CreateCommand(
            "select opened_index, loan_id from ledger.loan_book where bank_id = $1 and opened_index > $2 and opened_index <= $3 order by opened_index limit $4")
            .With(bank.Value).With(after).With(upTo ?? long.MaxValue).With(limit)
            .ListAsync(row => new Placed<Guid>(row.GetInt64(0), row.GetGuid(1)));

    /// <summary>Loans with their pledges, in the order asked; what did not exist then is left out.</summary>
    public async Task<List<SecuredLoan>> SecuredAsync(IReadOnlyCollection<Guid> ids, long? upTo)
    {
        var loans = await things.LoadAsync(ids, upTo);
        var pledges = await things.LoadAsync([.. loans.Values.OfType<LoanState>().SelectMany(l => l.Pledges).Select(p => p.Value).Distinct()], upTo);
        var revoked = await RevokedAsync([.. pledges.Values.OfType<PledgeState>().SelectMany(p => p.Units).Select(u => u.Voucher.Value).Distinct()], upTo);
        return [.. ids.Select(loans.GetValueOrDefault).OfType<LoanState>().Select(Secured)];

        SecuredLoan Secured(LoanState loan)
        {
            PledgeState[] all = [.. loan.Pledges.Select(p => (PledgeState)pledges[p.Value])];
            PledgeState[] realisable = revoked.Count == 0 ? all : [.. all.Select(p => Collateral.Realisable(p, revoked.Contains))];
            return new SecuredLoan(loan, realisable) { Revoked = revoked.Count == 0 ? Kilograms.Zero : KilogramsOf(all) - KilogramsOf(realisable) };
        }
    }

    /// <summary>What is under pledges, at whatever price.</summary>
    public static Kilograms KilogramsOf(IEnumerable<PledgeState> pledges) => Collateral.Of(pledges, PriceQuote.Contract()).Kilograms;

    /// <summary>Those of the vouchers that were revoked at a position.</summary>
    private async Task<HashSet<VoucherId>> RevokedAsync(Guid[] vouchers, long? upTo)
    {
        var revoked = await database.Readers.CreateCommand(
            """
            select s.id from ledger.states s
            where s.id = any($1) and s.revoked and ($2 is null or exists (select from mt_events e where e.stream_id = s.id and e.type = 'voucher_revoked' and e.seq_id <= $2))
            """)
            .With(vouchers).With(upTo)
            .ListAsync(row => new VoucherId(row.GetGuid(0)));
        return [.. revoked];
    }
}
