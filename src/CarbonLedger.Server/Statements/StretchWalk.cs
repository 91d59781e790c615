using System.Data;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Vouchers;
using Npgsql;

namespace CarbonLedger.Server.Statements;

/// <summary>
/// Goes over a range of a voucher's serials, stretch by stretch, all at one position: from the rows that decisions are made on, or, when the voucher has
/// changed since that position, from its stream.
/// </summary>
/// <param name="upTo">The position to show; null for the end of the log.</param>
internal sealed class StretchWalk(LedgerDatabase database, HoldingsReader holdings, VoucherState head, long? upTo, SerialRange range)
{
    /// <summary>Pieces read at a time.</summary>
    public const int PiecesMax = 1_000;

    private long next = range.First;
    private long? position = upTo;
    private IReadOnlyList<Piece>? replayed;

    /// <summary>The position that is shown. Without one to show it is that of the first step.</summary>
    public long Position => position ?? throw new InvalidOperationException("The walk has not begun.");

    /// <summary>The next stretches, with equal neighbours joined: as many as wanted, fewer at the end of the range, none after it.</summary>
    public async Task<List<Piece>> NextAsync(int wanted)
    {
        var stretches = new List<Piece>();
        if (next > range.Last)
        {
            return stretches;
        }

        if (replayed is not null || !await ReadAsync(stretches, wanted))
        {
            replayed ??= await holdings.ReplayAsync(head, Position);
            foreach (var piece in replayed.TakeWhile(_ => stretches.Count <= wanted))
            {
                Add(stretches, piece);
            }
        }

        // One more than wanted was begun, so that the last one wanted is whole.
        if (stretches.Count > wanted)
        {
            stretches.RemoveRange(wanted, stretches.Count - wanted);
        }

        next = stretches[^1].Range.EndExclusive;
        return stretches;
    }

    /// <returns>False when the voucher has changed since the position: its rows do not show it.</returns>
    private async Task<bool> ReadAsync(List<Piece> stretches, int wanted)
    {
        await using var connection = await database.Readers.OpenConnectionAsync();
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var (end, newest) = await NewestAsync(connection, head.Voucher);
        position ??= end;
        if (position < newest)
        {
            return false;
        }

        for (long? from = next; from <= range.Last && stretches.Count <= wanted;)
        {
            from = await ReadPiecesAsync(connection, from.Value, stretches);
        }

        return true;
    }

    /// <summary>The end of the log, and of this voucher's stream.</summary>
    private static Task<(long End, long Newest)> NewestAsync(NpgsqlConnection connection, VoucherId voucher) =>
        new NpgsqlCommand(
            "select log_index, (select seq_id from mt_events where stream_id = $1 order by version desc limit 1) from ledger.head", connection)
            .With(voucher.Value)
            .FindAsync(row => (row.GetInt64(0), row.GetInt64(1)));

    /// <returns>The serial to go on from; null after the last piece.</returns>
    private async Task<long?> ReadPiecesAsync(NpgsqlConnection connection, long from, List<Piece> stretches)
    {
        var pieces = await new NpgsqlCommand(
            """
            select coalesce(lag(last_serial) over (order by last_serial), (select max(last_serial) from ledger.pieces where voucher_id = $1 and last_serial < $2), 0) + 1,
                last_serial + 1, account_id, status, locks
            from (select * from ledger.pieces where voucher_id = $1 and last_serial >= $2 order by last_serial limit $3) p
            order by last_serial
            """,
            connection)
            .With(head.Id).With(from).With(PiecesMax)
            .ListAsync(row => PieceRow.Read(row, 0));
        pieces.ForEach(piece => Add(stretches, piece));
        return pieces.Count == PiecesMax ? pieces[^1].Range.EndExclusive : null;
    }

    private void Add(List<Piece> stretches, Piece piece)
    {
        var rest = SerialRange.HalfOpen(next, range.EndExclusive);
        if (!piece.Range.Overlaps(rest))
        {
            return;
        }

        var part = piece.Range.Common(rest);
        if (stretches.Count > 0 && stretches[^1] is var before && before == piece with { Range = before.Range })
        {
            stretches[^1] = before with { Range = SerialRange.HalfOpen(before.Range.First, part.EndExclusive) };
        }
        else
        {
            stretches.Add(piece with { Range = part });
        }
    }
}
