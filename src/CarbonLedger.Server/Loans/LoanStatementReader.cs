using CarbonLedger.Core.Loans;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Loans;

/// <summary>Tells a loan entry by entry, each with the debt that it left, from the loan's own stream.</summary>
public sealed class LoanStatementReader(LogReader log)
{
    public async Task<LoanStatementWire> ReadAsync(LoanId id, ReadQuestion question)
    {
        var then = await log.AtOnePositionAsync(await log.AtFirstPageAsync(question));
        var events = await log.StreamAsync(id.Value, then.UpTo);
        if (events is not [{ Fact: LoanEvent.LoanOpened }, ..])
        {
            throw new RefusedException(new Refusal.LoanNotFound(id));
        }

        LoanState? loan = null;
        var entries = new List<LoanEntryWire>(events.Count);
        foreach (var e in events)
        {
            var before = loan;
            loan = Loan.Evolve(loan, (LoanEvent)e.Fact);
            entries.Add(Of((LoanEvent)e.Fact, before, loan) with { LogIndex = e.LogIndex, At = e.At });
        }

        var date = RegistryCalendar.DateOf(then.Now);
        var after = PageCursor.Of(then.Cursor)?.After ?? 0;
        var page = entries.Where(e => e.LogIndex > after).Take(then.Limit).ToArray();
        return new LoanStatementWire
        {
            LoanId = id,
            BankId = loan!.Bank,
            BorrowerId = loan.Borrower,
            AsOf = then.Now,
            LogIndex = then.UpTo!.Value,
            Date = date,
            Owed = DebtWire.Of(loan.OwedOn(date)),
            Entries = page,
            NextCursor = page.Length > 0 && page[^1].LogIndex < entries[^1].LogIndex ? new PageCursor(then.UpTo.Value, page[^1].LogIndex).ToString() : null,
        };
    }

    private static LoanEntryWire Of(LoanEvent fact, LoanState? before, LoanState after) => fact switch
    {
        LoanEvent.LoanOpened e => Moved("opened", before, after) with { Amount = e.Principal, AnnualRate = e.AnnualRate.Ratio, PledgeIds = e.Pledges, Reason = e.Override?.Reason },
        LoanEvent.LoanRepaid e => Moved(e.Source is null ? "repaid" : "recovered", before, after, e.ToInterest) with
        {
            Amount = (e.ToCosts ?? Money.Zero) + e.ToInterest + e.ToPrincipal,
            ToCosts = e.ToCosts ?? Money.Zero,
            ToInterest = e.ToInterest,
            ToPrincipal = e.ToPrincipal,
            PledgeIds = e.Source is { } pledge ? [new PledgeId(pledge)] : null,
        },
        LoanEvent.LoanCostCharged e => Moved("costCharged", before, after) with { Amount = e.Amount, Reason = e.Reason },
        LoanEvent.LoanRateChanged e => new LoanEntryWire { What = "rateChanged", Date = e.From, AnnualRate = e.AnnualRate.Ratio, Reason = e.Reason },
        LoanEvent.LoanCollateralAdded e => new LoanEntryWire { What = "pledgeAdded", PledgeIds = [e.Pledge] },
        LoanEvent.MarginCalled e => Margin("marginCalled", e.Call, e.Date, e.Outstanding, e.CollateralValue) with { PastLiquidation = e.PastLiquidation },
        LoanEvent.LiquidationLevelPassed e => Margin("liquidationPassed", e.Call, e.Date, e.Outstanding, e.CollateralValue) with { PastLiquidation = true },
        LoanEvent.MarginCallCured e => Margin("marginCallCured", e.Call, e.Date, e.Outstanding, e.CollateralValue) with { Cure = Names.Of(e.Cure) },
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <summary>An entry that moved the debt: the date to which it took interest in, and what was owed after it.</summary>
    private static LoanEntryWire Moved(string what, LoanState? before, LoanState after, Money toInterest = default) => new()
    {
        What = what,
        Date = after.SettledTo,
        InterestAccrued = after.UnpaidInterest + toInterest - (before?.UnpaidInterest ?? Money.Zero),
        Owed = DebtWire.Of(after.OwedOn(after.SettledTo)),
    };

    private static LoanEntryWire Margin(string what, MarginCallId call, LocalDate date, Money outstanding, Money collateralValue) => new()
    {
        What = what,
        Date = date,
        MarginCallId = call.Value,
        Outstanding = outstanding,
        CollateralValue = collateralValue,
        LoanToValue = Collateral.LoanToValue(outstanding, collateralValue),
    };
}
