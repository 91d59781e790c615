using CarbonLedger.Core.Cancellations;
using CarbonLedger.Core.Log;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Cancellations;

/// <summary>Reads cancellations from the log.</summary>
public sealed class CancellationReader(LogReader log, ThingReader things)
{
    public async Task<CancellationWire> ReadAsync(CancellationId id, ReadQuestion question) =>
        await log.StreamAsync(id.Value, 0, question.UpTo, 1, CancellationToken.None) is [{ Fact: CancellationEvent.CancellationRecorded } recorded]
            ? Of(recorded)
            : throw new RefusedException(new Refusal.CancellationNotFound(id));

    /// <summary>One more than the limit, where there are so many.</summary>
    public async Task<List<CancellationWire>> ListAsync(ReadQuestion question)
    {
        var ids = (await things.ListBegunAsync<CancellationState>("cancellation", question)).ConvertAll(c => c.Entry.Id);
        return (await log.FirstAsync(ids)).ConvertAll(Of);
    }

    private static CancellationWire Of(RecordedEvent recorded)
    {
        var e = (CancellationEvent.CancellationRecorded)recorded.Fact;
        return new CancellationWire
        {
            Id = e.Cancellation.Value,
            AccountId = e.Account,
            Kilograms = e.Units.Sum(u => u.Serials.Kilograms.Value),
            Lines = [.. e.Units.Select(u => UnitsWire.Of(u.Voucher, u.Serials))],
            Reason = e.Reason,
            Explanation = e.Explanation,
            Document = DocumentWire.Of(e.Document),
            EventDate = e.EventDate,
            Destination = e.Destination is { } to ? new DestinationWire { Register = to.Register, Reference = to.Reference } : null,
            CompensatedFor = e.CompensatedFor is null ? null :
            [
                .. e.CompensatedFor.Select(s => new StruckWire
                {
                    VoucherId = s.Voucher,
                    Kilograms = s.Kilograms.Value,
                    Ranges = s.Serials is { } serials ? UnitsWire.RangesOf(serials) : null,
                }),
            ],
            CancelledAt = recorded.At,
            Actor = recorded.Actor.ToString(),
            LogIndex = recorded.LogIndex,
        };
    }
}
