using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Prices;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Loans;

/// <summary>Answers what a bank's open loans stand on, and the calls on them.</summary>
public sealed class CollateralBookReader(LedgerDatabase database, ThingReader things, LogReader log, ProjectionSet projections, LoanValuer valuer, PriorRankReader ranks, PriceReader prices)
{
    /// <summary>The buckets of the ladder: days to maturity, both ends inclusive. What is past maturity stands before them.</summary>
    private static readonly (string Name, int From, int To)[] Buckets =
    [
        ("overdue", int.MinValue, -1), ("0-30", 0, 30), ("31-90", 31, 90), ("91-180", 91, 180), ("181-365", 181, 365), ("366+", 366, int.MaxValue),
    ];

    public async Task<CollateralBookWire> ReadAsync(OrganizationId bank, ReadQuestion question)
    {
        await things.FindAsync<OrganizationState>(bank.Value, question, new Refusal.OrganizationNotFound(bank));
        var then = await log.AtOnePositionAsync(question);
        var position = await projections.Loans.PositionAsync(then);
        var asOf = question.Now;
        var date = RegistryCalendar.DateOf(asOf);
        var policy = await valuer.PolicyAsync(bank, position);
        var quote = await prices.QuoteAsync(policy, date, position);
        var loans = new List<(SecuredLoan Secured, IReadOnlyList<CollateralPart> Parts)>();
        await foreach (var secured in valuer.LoansAsync(bank, position))
        {
            loans.Add((secured, Collateral.Parts(secured.Pledges, quote)));
        }

        var (total, ladder) = (new Sum(), Buckets.Select(_ => new Sum()).ToArray());
        var (vouchers, pastWarning, pastLiquidation) = (new Dictionary<VoucherId, Sum>(), 0, 0);
        var once = Collateral.EachOnce([.. loans.SelectMany(l => l.Parts)]); // a kilogram that secures several loans counts with the first
        var onceUnder = once.ToLookup(p => p.Pledge.Pledge);
        foreach (var ((loan, pledges), parts) in loans)
        {
            var (outstanding, value) = (loan.OutstandingOn(date), Collateral.Of(parts).Value);
            pastWarning += Collateral.IsAbove(policy?.WarningLoanToValue, outstanding, value) ? 1 : 0;
            pastLiquidation += Collateral.IsAbove(policy?.LiquidationLoanToValue, outstanding, value) ? 1 : 0;
            var counted = pledges.SelectMany(p => onceUnder[p.Pledge]).ToArray();
            var (kilograms, worth) = Collateral.Of(counted);
            total.Add(outstanding, kilograms.Value, worth.Amount);
            ladder[BucketOf(NodaTime.Period.DaysBetween(date, loan.MaturityDate))].Add(outstanding, kilograms.Value, worth.Amount);
            AddDebt(vouchers, outstanding, parts);
            AddUnits(vouchers, counted);
        }

        PledgeState[] all = [.. loans.SelectMany(l => l.Secured.Pledges)];
        var (priorSecured, valueAfterPrior) = PriorRankReader.Of(all, once, total.Value, await ranks.ReadAsync(all, quote, then));
        var projects = await ProjectsAsync(vouchers.Keys);
        return new CollateralBookWire
        {
            BankId = bank,
            AsOf = asOf,
            LogIndex = position,
            ValuationDate = date,
            ValuationRule = quote.Rule,
            ValuationInsteadOf = quote.InsteadOf,
            PricePerTonne = quote.PricePerTonne,
            ValuationSource = quote.Source,
            ValuationSourceDate = quote.SourceDate,
            Totals = total.Wire(priorSecured, valueAfterPrior),
            LoansPastWarning = pastWarning,
            LoansPastLiquidation = pastLiquidation,
            Units = [.. vouchers.OrderBy(v => v.Key.Value).Select(v => v.Value.Units(v.Key, projects[v.Key]))],
            MaturityLadder = [.. Buckets.Zip(ladder, (b, s) => s.Bucket(b.Name))],
            Projects = [.. vouchers.GroupBy(v => projects[v.Key]).OrderBy(g => g.Key.Value).Select(g => g.Aggregate(new Sum(), (sum, v) => sum.Plus(v.Value)).Project(g.Key))],
            OpenMarginCallCount = await OpenCallsAsync(bank, position),
            OpenMarginCalls = await CallsAsync(bank, position, 0, ReadQuestion.LimitMax, isOpen: true),
        };
    }

    /// <summary>The margin calls of a bank in the order in which they were made, as they stood at a position.</summary>
    /// <param name="status">Only those that are <c>open</c>, or <c>cured</c>; null for all.</param>
    public async Task<PageWire<MarginCallWire>> CallsAsync(OrganizationId bank, string? status, ReadQuestion question)
    {
        bool? isOpen = status switch { null or "" => null, "open" => true, "cured" => false, _ => throw Input.OutOfRange("status", "is open or cured, or absent") };
        await things.FindAsync<OrganizationState>(bank.Value, question, new Refusal.OrganizationNotFound(bank));
        var position = await projections.Loans.PositionAsync(question);
        return PageWire.Of(question, await CallsAsync(bank, position, question.CursorPosition, question.Limit + 1, isOpen), c => c.LogIndex, c => c);
    }

    private Task<long> OpenCallsAsync(OrganizationId bank, long position) =>
        database.Readers.CreateCommand(
            "select count(*) from ledger.margin_calls where bank_id = $1 and called_index <= $2 and (cured_index is null or cured_index > $2)")
            .With(bank.Value).With(position)
            .FindAsync(row => row.GetInt64(0));

    private Task<List<MarginCallWire>> CallsAsync(OrganizationId bank, long position, long after, int limit, bool? isOpen) =>
        database.Readers.CreateCommand(
            """
            select call_id, loan_id, called_index, called_on, outstanding, collateral_value, warning, liquidation, rule, price_per_tonne, source, source_date, instead_of,
                   case when liquidation_index <= $2 then liquidation_on end, case when cured_index <= $2 then cured_on end, case when cured_index <= $2 then cure end
            from ledger.margin_calls
            where bank_id = $1 and called_index <= $2 and called_index > $3 and ($5 is null or $5 = (cured_index is null or cured_index > $2)) order by called_index limit $4
            """)
            .With(bank.Value).With(position).With(after).With(limit).With(isOpen)
            .ListAsync(CallAt);

    private static MarginCallWire CallAt(NpgsqlDataReader row)
    {
        var (outstanding, value) = (Money.Rounded(row.GetDecimal(4)), Money.Rounded(row.GetDecimal(5)));
        return new MarginCallWire
        {
            Id = row.GetGuid(0),
            LoanId = new LoanId(row.GetGuid(1)),
            Status = row.IsDBNull(14) ? "open" : "cured",
            LogIndex = row.GetInt64(2),
            Date = row.DateAt(3),
            Outstanding = outstanding,
            CollateralValue = value,
            LoanToValue = Collateral.LoanToValue(outstanding, value),
            WarningLoanToValue = row.GetDecimal(6),
            LiquidationLoanToValue = row.IsDBNull(7) ? null : row.GetDecimal(7),
            ValuationRule = RuleOf(row.GetString(8)),
            PricePerTonne = row.IsDBNull(9) ? null : PricePerTonne.Exactly(row.GetDecimal(9)),
            ValuationSource = row.TextOrNull(10),
            ValuationSourceDate = row.DateOrNull(11),
            ValuationInsteadOf = row.IsDBNull(12) ? null : RuleOf(row.GetString(12)),
            LiquidationPassedOn = row.DateOrNull(13),
            CuredOn = row.DateOrNull(14),
            Cure = row.TextOrNull(15),
        };
    }

    /// <summary>A voucher's project never changes, so its present head tells it for any instant.</summary>
    private async Task<Dictionary<VoucherId, ProjectId>> ProjectsAsync(IEnumerable<VoucherId> vouchers) =>
        (await things.LoadAsync([.. vouchers.Select(v => v.Value)], null)).Values.OfType<VoucherState>().ToDictionary(v => v.Voucher, v => v.Project);

    private static ValuationRule RuleOf(string name) => Names.Find<ValuationRule>(name)!.Value;

    private static int BucketOf(int days) => Array.FindIndex(Buckets, b => days >= b.From && days <= b.To);

    /// <summary>Each voucher's part of a loan's debt by kilograms, whichever loan they count with. Rounding the running sum makes the parts add up to the fen.</summary>
    private static void AddDebt(Dictionary<VoucherId, Sum> vouchers, Money outstanding, IReadOnlyList<CollateralPart> parts)
    {
        var (all, reached, owed) = (Collateral.Of(parts).Kilograms.Value, 0L, Money.Zero);
        foreach (var part in parts)
        {
            reached += part.Serials.Kilograms.Value;
            var owedHere = Money.Rounded(outstanding.Amount * reached / all);
            SumOf(vouchers, part.Voucher).Add(owedHere - owed, 0, 0);
            owed = owedHere;
        }
    }

    /// <summary>Each voucher's part of what counts with a loan, likewise.</summary>
    private static void AddUnits(Dictionary<VoucherId, Sum> vouchers, IEnumerable<CollateralPart> counted)
    {
        var (exact, worth) = (0m, Money.Zero);
        foreach (var part in counted)
        {
            exact += Collateral.Worth(part.Serials.Kilograms, part.Price);
            var worthHere = Collateral.Capped(exact);
            SumOf(vouchers, part.Voucher).Add(Money.Zero, part.Serials.Kilograms.Value, (worthHere - worth).Amount);
            worth = worthHere;
        }
    }

    private static Sum SumOf(Dictionary<VoucherId, Sum> sums, VoucherId voucher)
    {
        if (!sums.TryGetValue(voucher, out var sum))
        {
            sums.Add(voucher, sum = new Sum());
        }

        return sum;
    }

    /// <summary>Debts with what stands under them.</summary>
    private sealed class Sum
    {
        private int count;
        private decimal outstanding;
        private long kilograms;
        private decimal value;

        public Money Value => Collateral.Capped(value);

        public void Add(Money owed, long mass, decimal worth) => (count, outstanding, kilograms, value) = (count + 1, outstanding + owed.Amount, kilograms + mass, value + worth);

        public Sum Plus(Sum other)
        {
            (count, outstanding, kilograms, value) = (count + other.count, outstanding + other.outstanding, kilograms + other.kilograms, value + other.value);
            return this;
        }

        public CollateralBookTotalsWire Wire(Money priorSecured, Money valueAfterPrior) => new()
        {
            Loans = count,
            Outstanding = Collateral.Capped(outstanding),
            Kilograms = kilograms,
            CollateralValue = Collateral.Capped(value),
            PriorSecured = priorSecured,
            ValueAfterPrior = valueAfterPrior,
            LoanToValue = Collateral.LoanToValue(Collateral.Capped(outstanding), Collateral.Capped(value)),
        };

        public MaturityBucketWire Bucket(string days) => new()
        {
            Days = days,
            Loans = count,
            Outstanding = Collateral.Capped(outstanding),
            Kilograms = kilograms,
            CollateralValue = Collateral.Capped(value),
            LoanToValue = Collateral.LoanToValue(Collateral.Capped(outstanding), Collateral.Capped(value)),
        };

        public CollateralUnitsWire Units(VoucherId voucher, ProjectId project) => new()
        {
            VoucherId = voucher,
            ProjectId = project,
            Kilograms = kilograms,
            CollateralValue = Collateral.Capped(value),
            Exposure = Collateral.Capped(outstanding),
        };

        public ProjectExposureWire Project(ProjectId project) => new()
        {
            ProjectId = project,
            Kilograms = kilograms,
            CollateralValue = Collateral.Capped(value),
            Exposure = Collateral.Capped(outstanding),
        };
    }
}
