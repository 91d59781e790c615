using CarbonLedger.Core.Vouchers;
using Npgsql;

namespace CarbonLedger.Server.Store;

/// <summary>Reads holdings: a few free pieces of each, then more, and the locked ones, only where the few do not suffice.</summary>
internal sealed class HoldingSweep(IReadOnlyDictionary<(AccountId Account, VoucherId Voucher), Kilograms> asked, Register register, int piecesMax)
{
    /// <summary>Free pieces of a holding that are read at first. Most commands need one; who needs more causes a second round.</summary>
    private const int PiecesAtFirst = 2;

    /// <summary>And when what was read before is used up: a holding that gives again and again.</summary>
    private const int PiecesAgain = 64;

    private static readonly string LoadHoldings = SqlText.Read("load_holdings");

    private readonly Holding[] holdings =
    [
        .. asked.Select(h => new Holding(
            h.Key.Account, h.Key.Voucher, h.Value.Value, register.Units(h.Key.Voucher)?.KnowsSomeOf(h.Key.Account) == true ? PiecesAgain : PiecesAtFirst)),
    ];

    private readonly Dictionary<long, (long Count, long Sum, long Last)> found = [];
    private Holding[] more = [];

    public bool NeedsMore => more.Length > 0;

    public void AddFirst(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, Task>> readers)
    {
        if (holdings.Length == 0)
        {
            return;
        }

        batch.BatchCommands.Add(Query(holdings, locked: false));
        readers.Add(async (reader, stop) =>
        {
            await BatchReader.ReadPiecesAsync(reader, register, Count, stop);
            more = [.. Settle(holdings).Select(h => h with { Most = piecesMax + 1 })];
        });
    }

    public void AddMore(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, Task>> readers)
    {
        found.Clear();
        batch.BatchCommands.Add(Query(more, locked: false));
        readers.Add(async (reader, stop) =>
        {
            await BatchReader.ReadPiecesAsync(reader, register, Count, stop);
            Settle(more);
        });
        batch.BatchCommands.Add(Query(more, locked: true));
        readers.Add((reader, stop) => BatchReader.ReadPiecesAsync(reader, register, null, stop));
    }

    private static NpgsqlBatchCommand Query(Holding[] of, bool locked) => BatchReader.Command(
        LoadHoldings,
        BatchReader.Array(of.Select(h => h.Account.Value).ToArray()),
        BatchReader.Array(of.Select(h => h.Voucher.Value).ToArray()),
        BatchReader.Array(of.Select(h => h.Most).ToArray()),
        new NpgsqlParameter<bool> { TypedValue = locked });

    private void Count(long number, Piece piece)
    {
        var (count, sum, _) = found.GetValueOrDefault(number);
        // To its last serial: what a command leaves of it is known too, and a later one may take that.
        found[number] = (count + 1, sum + piece.Range.Count, piece.Range.Last);
    }

    /// <summary>Says how far each holding is known now, and returns those whose pieces do not make up what is asked.</summary>
    private List<Holding> Settle(Holding[] of)
    {
        var shortOf = new List<Holding>();
        for (var i = 0; i < of.Length; i++)
        {
            var (count, sum, last) = found.GetValueOrDefault(i + 1);
            register.LoadUnits(of[i].Voucher).LoadFrontier(of[i].Account, count < of[i].Most ? long.MaxValue : last);
            if (sum < of[i].Need)
            {
                shortOf.Add(of[i]);
            }
        }

        return shortOf;
    }

    private sealed record Holding(AccountId Account, VoucherId Voucher, long Need, int Most);
}
