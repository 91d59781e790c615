using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Log;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Factors;

/// <summary>Reads the factor library: the rows of the program, and the series that the register has added to.</summary>
public sealed class FactorReader(LedgerDatabase database, ThingReader things)
{
    public async Task<PageWire<EmissionFactorWire>> ListAsync(ReadQuestion question, IQueryCollection query)
    {
        var (activity, region, year) = (query["activity"].ToString(), query["region"].ToString(), YearOf(query));
        if (activity.Length > 0 && Activity.Find(activity) is null)
        {
            throw new RefusedException(new Refusal.ActivityUnknown(activity));
        }

        var regionId = region.Length == 0 ? null : FactorInput.RegionOf(region);
        var (after, upTo) = (question.CursorPosition, (FactorLibrary.All.Count + question.UpTo) ?? long.MaxValue);
        var rows = FactorLibrary.All.Select((f, i) => new Placed<EmissionFactor>(i + 1, f)).Concat(await PublishedAsync())
            .Where(p => p.Position > after && p.Position <= upTo && (activity.Length == 0 || p.Entry.Activity == activity) && (regionId is null || p.Entry.Region == regionId) && (year is null || p.Entry.Year is null || p.Entry.Year == year))
            .Take(question.Limit + 1)
            .ToArray();
        return PageWire.Of(question, rows, EmissionFactorWire.Of);
    }

    public async Task<UsedFactorWire> LookUpAsync(ReadQuestion question, IQueryCollection query)
    {
        var activity = Input.Text(query["activity"].ToString(), "activity", 64);
        if (Activity.Find(activity) is not { } known)
        {
            throw new RefusedException(new Refusal.ActivityUnknown(activity));
        }

        var region = query["region"].ToString() is { Length: > 0 } r ? FactorInput.RegionOf(r) : Region.Nation;
        var year = YearOf(query);
        var calibre = query["calibre"].ToString() is { Length: > 0 } c
            ? Input.Word<Calibre>(c, "calibre")
            : known.Scope == 1 ? Calibre.Direct : Calibre.LocationBased;
        var series = new Dictionary<Guid, FactorSeriesState?>();
        foreach (var id in FactorLookup.Series(activity, region))
        {
            series[id] = await SeriesAsync(id, question);
        }

        return FactorLookup.Find(series.GetValueOrDefault, activity, region, year ?? FactorInput.YearMax, calibre) is { } used
            ? UsedFactorWire.Of(used with { EarlierYear = used.EarlierYear && year is not null }, region)
            : throw new RefusedException(new Refusal.EmissionFactorNotFound($"{activity} in {Region.NameOf(region)}, {(year is { } of ? $"{of}" : "any year")}"));
    }

    public async Task<EmissionFactorWire> ReadAsync(Guid id, ReadQuestion question)
    {
        if (FactorLibrary.All.FirstOrDefault(f => f.Id.Value == id) is { } row)
        {
            return EmissionFactorWire.Of(row);
        }

        var found = (await AddedAsync()).SelectMany(s => s.Factors).FirstOrDefault(f => f.Id.Value == id);
        var then = found is null ? null : await SeriesAsync(found.Series, question);
        return then?.Factors.FirstOrDefault(f => f.Id.Value == id) is { } added
            ? EmissionFactorWire.Of(added)
            : throw new RefusedException(new Refusal.EmissionFactorNotFound($"the id {id}"));
    }

    /// <summary>What was added, in the order of the log. Its places come after those of the program's rows, which are the same for ever.</summary>
    private Task<List<Placed<EmissionFactor>>> PublishedAsync() =>
        database.Readers.CreateCommand(
            "select seq_id, bytes from ledger.states s join mt_events e on e.stream_id = s.id join ledger.leaves l using (seq_id) where s.kind = 'factor_series' order by seq_id")
            .ListAsync(row => new Placed<EmissionFactor>(
                FactorLibrary.All.Count + row.GetInt64(0),
                ((EmissionFactorEvent.EmissionFactorPublished)EventCodec.Decode(row.GetFieldValue<byte[]>(1)).Fact).Factor));

    private Task<FactorSeriesState?> SeriesAsync(Guid id, ReadQuestion question) => things.FindOrNullAsync<FactorSeriesState>(id, question);

    /// <summary>Every series that was added to: at most one for each activity and region.</summary>
    public Task<List<FactorSeriesState>> AddedAsync() =>
        database.Readers.CreateCommand("select state from ledger.states where kind = 'factor_series' order by begun_index")
            .ListAsync(row => (FactorSeriesState)StateCodec.Decode("factor_series", row.GetFieldValue<byte[]>(0)));

    private static int? YearOf(IQueryCollection query) => query["year"].ToString() is { Length: > 0 } text
        ? FactorInput.Year((int)ReadEndpoint.Number(text, "year", 0, int.MaxValue), "year")
        : null;
}
