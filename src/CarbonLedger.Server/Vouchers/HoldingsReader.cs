using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Vouchers;

/// <summary>Reads who holds a voucher: now from its pieces, at a past instant by replaying its stream.</summary>
public sealed class HoldingsReader(LedgerDatabase database, LogReader log)
{
    /// <summary>Events of a voucher that are replayed at a time.</summary>
    private const int ReplayEventsMax = 10_000;

    public async Task<HoldingsWire> ReadAsync(VoucherState head, ReadQuestion question) =>
        Of(head.Voucher, await PiecesAsync(head, question));

    /// <summary>Every piece of a voucher in the order of its serials, whatever has become of it.</summary>
    public Task<IReadOnlyList<Piece>> PiecesAsync(VoucherState head, ReadQuestion question) =>
        question.UpTo is { } upTo ? ReplayAsync(head, upTo) : CurrentAsync(head);

    /// <summary>All pieces as they stand now, terminal ones too.</summary>
    public async Task<IReadOnlyList<Piece>> CurrentAsync(VoucherState head) =>
        await database.Readers.CreateCommand(
            "select coalesce(lag(last_serial) over (order by last_serial), 0) + 1, last_serial + 1, account_id, status, locks from ledger.pieces where voucher_id = $1 order by last_serial")
            .With(head.Id)
            .ListAsync(row => PieceRow.Read(row, 0));

    /// <summary>All pieces as they stood at a position. The cost is that of the voucher's events up to there.</summary>
    public async Task<IReadOnlyList<Piece>> ReplayAsync(VoucherState head, long upTo)
    {
        var register = new Register { Complete = true };
        var issued = (VoucherEvent.VoucherIssued)(await log.StreamAsync(head.Id, 0, upTo, 1, CancellationToken.None))[0].Fact;
        register.Set(head);
        register.LoadUnits(head.Voucher).Issue(issued.Kilograms, issued.Holder);
        for (var version = 1L; ;)
        {
            var events = await log.StreamAsync(head.Id, version, upTo, ReplayEventsMax, CancellationToken.None);
            foreach (var recorded in events)
            {
                register.Apply(recorded.Fact);
                version = recorded.Version;
            }

            if (events.Count < ReplayEventsMax)
            {
                return [.. register.Units(head.Voucher)!.Pieces];
            }
        }
    }

    private static HoldingsWire Of(VoucherId voucher, IReadOnlyList<Piece> pieces) => new()
    {
        VoucherId = voucher,
        Holdings =
        [
            .. pieces
                .Where(p => p.Status == UnitStatus.Live)
                .GroupBy(p => p.Account)
                .Select(held => new HoldingWire
                {
                    AccountId = held.Key,
                    Kilograms = held.Sum(p => p.Range.Count),
                    Ranges = UnitsWire.RangesOf(SerialRanges.Of(held.Select(p => p.Range))),
                    Locks =
                    [
                        .. held.SelectMany(p => p.Locks.Items.Select(l => (Lock: l, p.Range))).GroupBy(l => (l.Lock.Kind, l.Lock.Id)).Select(locked => new LockWire
                        {
                            // One entry also where a pledge stands beside its equals on some units and came to others alone.
                            Kind = LockWire.KindOf(locked.Key.Kind),
                            Id = locked.Key.Id,
                            Kilograms = locked.Sum(l => l.Range.Count),
                            Ranges = UnitsWire.RangesOf(SerialRanges.Of(locked.Select(l => l.Range))),
                        }),
                    ],
                }),
        ],
    };
}
