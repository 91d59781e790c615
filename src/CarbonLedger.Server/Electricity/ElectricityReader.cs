using CarbonLedger.Core.Electricity;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Electricity;

/// <summary>Reads a calibration's estimates from its stream.</summary>
public sealed class ElectricityReader(LogReader log, ThingReader things)
{
    public async Task<EstimatesWire> EstimatesAsync(CalibrationId id, ReadQuestion question)
    {
        var calibration = await things.FindAsync<CalibrationState>(id.Value, question, new Refusal.CalibrationNotFound(id));
        var days = new SortedDictionary<LocalDate, DayEstimate>();
        foreach (var recorded in await log.StreamAsync(id.Value, question.UpTo))
        {
            foreach (var day in (recorded.Fact as ElectricityEvent.EmissionsEstimated)?.Days ?? [])
            {
                days[day.Date] = day;
            }
        }

        return new EstimatesWire { Calibration = CalibrationWire.Of(calibration), Days = [.. days.Values.Select(Of)] };
    }

    private static EstimatedDayWire Of(DayEstimate day) => new()
    {
        Date = day.Date,
        KilowattHours = new DecimalWire(day.KilowattHours),
        Kilograms = new DecimalWire(day.Kilograms),
        Basis = "estimated",
    };
}
