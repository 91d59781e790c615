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
using NpgsqlTypes;

namespace CarbonLedger.Server.Loans;

/// <summary>Answers what a bank's open loans stand on, and the calls on them.</summary>
public sealed class CollateralBookReader(LedgerDatabase database, ThingReader things, ProjectionSet projections, LoanValuer valuer, PriorRankReader ranks, PriceReader prices, IClock clock)
{
    /// <summary>The buckets of the ladder: days to maturity, both ends inclusive. What is past maturity stands before them.</summary>
    private static readonly (string Name, int From, int To)[] Buckets =
    [
        ("overdue", int.MinValue, -1), ("0-30", 0, 30), ("31-90", 31, 90), ("91-180", 91, 180), ("181-365", 181, 365), ("366+", 366, int.MaxValue),
    ];

    public async Task<CollateralBookWire> ReadAsync(OrganizationId bank, ReadQuestion question)
    {
        await things.FindAsync<OrganizationState>(bank.Value, question, new Refusal.OrganizationNotFound(bank));
        var position = await projections.Loans.PositionAsync(question);
        var asOf = question.AsOf ?? clock.GetCurrentInstant();
        var date = RegistryCalendar.DateOf(asOf);
        var policy = await valuer.PolicyAsync(bank, question.UpTo);
        var quote = await prices.QuoteAsync(policy, date, position);
        var (total, ladder) = (new Sum(), Buckets.Select(_ => new Sum()).ToArray());
        var (vouchers, pastWarning, pastLiquidation) = (new Dictionary<VoucherId, Sum>(), 0, 0);
        var worths = new List<(IReadOnlyList<PledgeState> Pledges, Money Value)>();
        await foreach (var (loan, pledges) in valuer.LoansAsync(bank, question.UpTo))
        {
            var outstanding = loan.OutstandingOn(date);
            var (kilograms, value) = Collateral.Of(pledges, quote);
            total.Add(outstanding, kilograms.Value, value.Amount);
            worths.Add((pledges, value));
            ladder[BucketOf(NodaTime.Period.DaysBetween(date, loan.MaturityDate))].Add(outstanding, kilograms.Value, value.Amount);
            pastWarning += Collateral.IsAbove(policy?.WarningLoanToValue, outstanding, value) ? 1 : 0;
            pastLiquidation += Collateral.IsAbove(policy?.LiquidationLoanToValue, outstanding, value) ? 1 : 0;
            var (counted, exact, owed, worth) = (0L, 0m, Money.Zero, Money.Zero);
            foreach (var (pledge, units) in pledges.SelectMany(p => p.Units.Select(u => (p, u))))
            {
                // Each voucher's part of the value, and the debt by kilograms; rounding the running sums makes the parts add up to the fen.
                counted += units.Serials.Kilograms.Value;
                exact += Collateral.Worth(units.Serials.Kilograms, Collateral.PriceOf(pledge, quote));
                var (owedHere, worthHere) = (Money.Rounded(outstanding.Amount * counted / kilograms.Value), Collateral.Capped(exact));
                SumOf(vouchers, units.Voucher).Add(owedHere - owed, units.Serials.Kilograms.Value, (worthHere - worth).Amount);
                (owed, worth) = (owedHere, worthHere);
            }
        }

        var prior = await ranks.ReadAsync(worths.SelectMany(w => w.Pledges), quote, question);
        var after = worths.ConvertAll(w => PriorRankReader.Of(w.Pledges, w.Value, prior));
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
            Totals = total.Wire(after.Sum(a => a.Secured.Amount), after.Sum(a => a.ValueAfter.Amount)),
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

    private async Task<long> OpenCallsAsync(OrganizationId bank, long position)
    {
        await using var command = database.Readers.CreateCommand(
            "select count(*) from ledger.margin_calls where bank_id = $1 and called_index <= $2 and (cured_index is null or cured_index > $2)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = bank.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<List<MarginCallWire>> CallsAsync(OrganizationId bank, long position, long after, int limit, bool? isOpen)
    {
        await using var command = database.Readers.CreateCommand(
            """
            select call_id, loan_id, called_index, called_on, outstanding, collateral_value, warning, liquidation, rule, price_per_tonne, source, source_date, instead_of,
                   case when liquidation_index <= $2 then liquidation_on end, case when cured_index <= $2 then cured_on end, case when cured_index <= $2 then cure end
            from ledger.margin_calls
            where bank_id = $1 and called_index <= $2 and called_index > $3 and ($5 is null or $5 = (cured_index is null or cured_index > $2)) order by called_index limit $4
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = bank.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Boolean, Value = isOpen is { } wanted ? wanted : DBNull.Value });
        var calls = new List<MarginCallWire>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var (outstanding, value) = (Money.Rounded(reader.GetDecimal(4)), Money.Rounded(reader.GetDecimal(5)));
            calls.Add(new MarginCallWire
            {
                Id = reader.GetGuid(0),
                LoanId = new LoanId(reader.GetGuid(1)),
                Status = reader.IsDBNull(14) ? "open" : "cured",
                LogIndex = reader.GetInt64(2),
                Date = DateAt(reader, 3)!.Value,
                Outstanding = outstanding,
                CollateralValue = value,
                LoanToValue = Collateral.LoanToValue(outstanding, value),
                WarningLoanToValue = reader.GetDecimal(6),
                LiquidationLoanToValue = reader.IsDBNull(7) ? null : reader.GetDecimal(7),
                ValuationRule = RuleOf(reader.GetString(8)),
                PricePerTonne = reader.IsDBNull(9) ? null : PricePerTonne.Exactly(reader.GetDecimal(9)),
                ValuationSource = reader.IsDBNull(10) ? null : reader.GetString(10),
                ValuationSourceDate = DateAt(reader, 11),
                ValuationInsteadOf = reader.IsDBNull(12) ? null : RuleOf(reader.GetString(12)),
                LiquidationPassedOn = DateAt(reader, 13),
                CuredOn = DateAt(reader, 14),
                Cure = reader.IsDBNull(15) ? null : reader.GetString(15),
            });
        }

        return calls;
    }

    /// <summary>A voucher's project never changes, so its present head tells it for any instant.</summary>
    private async Task<Dictionary<VoucherId, ProjectId>> ProjectsAsync(IEnumerable<VoucherId> vouchers) =>
        (await things.LoadAsync([.. vouchers.Select(v => v.Value)], null)).Values.OfType<VoucherState>().ToDictionary(v => v.Voucher, v => v.Project);

    private static ValuationRule RuleOf(string name) => Names.Find<ValuationRule>(name)!.Value;

    private static int BucketOf(int days) => Array.FindIndex(Buckets, b => days >= b.From && days <= b.To);

    private static LocalDate? DateAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(column));

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

        public void Add(Money owed, long mass, decimal worth) => (count, outstanding, kilograms, value) = (count + 1, outstanding + owed.Amount, kilograms + mass, value + worth);

        public Sum Plus(Sum other)
        {
            (count, outstanding, kilograms, value) = (count + other.count, outstanding + other.outstanding, kilograms + other.kilograms, value + other.value);
            return this;
        }

        public CollateralBookTotalsWire Wire(decimal priorSecured, decimal valueAfterPrior) => new()
        {
            Loans = count,
            Outstanding = Collateral.Capped(outstanding),
            Kilograms = kilograms,
            CollateralValue = Collateral.Capped(value),
            PriorSecured = Collateral.Capped(priorSecured),
            ValueAfterPrior = Collateral.Capped(valueAfterPrior),
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
