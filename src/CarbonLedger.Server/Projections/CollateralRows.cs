using CarbonLedger.Core.Log;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Server.Projections;

/// <summary>The kilograms under each pledge, and the loan that it secures. What one step brings is gathered: a pledge that is registered and released within it is written once.</summary>
internal sealed class CollateralRows
{
    public const string Table = "loan_book_collateral";

    private const string Insert =
        "insert into loan_book_collateral (pledge_id, kilograms, loan_id) select * from unnest($1::uuid[], $2::bigint[], $3::uuid[])";

    private const string Update =
        """
        update loan_book_collateral c set kilograms = case when u.anew then 0 else c.kilograms end + u.kilograms, loan_id = coalesce(u.loan_id, c.loan_id)
        from unnest($1::uuid[], $2::boolean[], $3::bigint[], $4::uuid[]) as u(pledge_id, anew, kilograms, loan_id) where c.pledge_id = u.pledge_id
        """;

    private readonly Dictionary<Guid, Row> begun = [];
    private readonly Dictionary<Guid, Row> changed = [];

    public void Take(PledgeEvent fact)
    {
        switch (fact)
        {
            case PledgeEvent.PledgeRegistered e:
                begun.Add(e.Pledge.Value, new Row { Anew = true, Kilograms = Sum(e.Units) });
                break;
            case PledgeEvent.PledgeReleased e:
                RowOf(e).Kilograms -= Sum(e.Units);
                break;
            case PledgeEvent.PledgeSubstituted e:
                RowOf(e).Kilograms += Sum(e.In) - Sum(e.Out);
                break;
            case PledgeEvent.PledgeEnforced e:
                RowOf(e).Kilograms -= Sum(e.Units);
                break;
            case PledgeEvent.ReservationExpired or PledgeEvent.PledgeVoided:
                (RowOf(fact).Anew, RowOf(fact).Kilograms) = (true, 0);
                break;
            case PledgeEvent.PledgeSecuredLoan e:
                RowOf(e).Loan = e.Loan.Value;
                break;
        }
    }

    public async Task WriteAsync(StatementPipeline pipeline, CancellationToken stop)
    {
        if (begun.Count > 0)
        {
            var rows = begun.Values.ToArray();
            await pipeline.AddAsync(
                StatementPipeline.Statement(Insert, begun.Keys.ToArray(), Array.ConvertAll(rows, r => r.Kilograms), Array.ConvertAll(rows, r => r.Loan)), stop);
        }

        if (changed.Count > 0)
        {
            var rows = changed.Values.ToArray();
            await pipeline.AddAsync(
                StatementPipeline.Statement(
                    Update,
                    changed.Keys.ToArray(),
                    Array.ConvertAll(rows, r => r.Anew),
                    Array.ConvertAll(rows, r => r.Kilograms),
                    Array.ConvertAll(rows, r => r.Loan)),
                stop);
        }
    }

    private static long Sum(IReadOnlyList<VoucherSerials> units) => units.Sum(u => u.Serials.Kilograms.Value);

    private Row RowOf(PledgeEvent fact)
    {
        if (begun.TryGetValue(fact.Stream, out var row) || changed.TryGetValue(fact.Stream, out row))
        {
            return row;
        }

        changed.Add(fact.Stream, row = new Row());
        return row;
    }

    private sealed class Row
    {
        /// <summary>True when the kilograms count from nothing, and not from what the table has.</summary>
        public bool Anew { get; set; }

        public long Kilograms { get; set; }

        public Guid? Loan { get; set; }
    }
}
