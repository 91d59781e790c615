using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Log;
using CarbonLedger.Server.Factors;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Inventories;

/// <summary>Reads inventories from their streams: every version is an event.</summary>
public sealed class InventoryReader(LogReader log)
{
    public async Task<InventoryWire> ReadAsync(InventoryId id, int? version, ReadQuestion question)
    {
        var events = await log.StreamAsync(id.Value, question.UpTo);
        var versions = events.Where(e => e.Fact is InventoryEvent.InventoryRecorded or InventoryEvent.InventoryRestated).ToArray();
        if (versions is not [{ Fact: InventoryEvent.InventoryRecorded first }, ..] || version > versions.Length)
        {
            throw new RefusedException(new Refusal.InventoryNotFound(id));
        }

        var wanted = versions[(version ?? versions.Length) - 1];
        var content = wanted.Fact is InventoryEvent.InventoryRestated restated ? restated.Content : first.Content;
        return Of(first, wanted, content, version ?? versions.Length, versions.Length, ClaimOf(events));
    }

    private static ClaimId? ClaimOf(IEnumerable<RecordedEvent> events) => events
        .Select(e => e.Fact)
        .LastOrDefault(f => f is InventoryEvent.InventoryClaimed or InventoryEvent.InventoryUnclaimed) is InventoryEvent.InventoryClaimed claimed ? claimed.Claim : null;

    private static InventoryWire Of(InventoryEvent.InventoryRecorded first, RecordedEvent wanted, InventoryContent content, int version, int newest, ClaimId? claim)
    {
        var result = Inventory.Result(content);
        return new InventoryWire
        {
            Id = first.Inventory.Value,
            OrganizationId = first.Organization,
            Boundary = new BoundaryWire { Kind = first.Boundary.Kind, Name = first.Boundary.Name },
            Period = new PeriodWire { First = first.Period.First, Last = first.Period.Last },
            Version = version,
            NewestVersion = newest,
            Emissions = Inventory.Emissions(content).Value,
            ClaimId = claim,
            Scopes = new ScopesWire
            {
                Scope1 = result.Scope1.ToString(),
                Scope2LocationBased = result.Scope2LocationBased.ToString(),
                Scope2MarketBased = result.Scope2MarketBased.ToString(),
                Scope3 = result.Scope3.ToString(),
            },
            Scope2Method = content.Scope2Method,
            Lines = [.. content.Lines.Select(Of)],
            GreenCertificates = content.GreenCertificates,
            RestatementReason = (wanted.Fact as InventoryEvent.InventoryRestated)?.Reason,
            RecordedAt = wanted.At,
            LogIndex = wanted.LogIndex,
        };
    }

    private static InventoryLineWire Of(InventoryLine line) => new()
    {
        Activity = line.Activity,
        Region = line.Region,
        Year = line.Year,
        Quantity = new DecimalWire(line.Quantity),
        Unit = line.Unit,
        Scope = line.Scope,
        Density = line.Density is { } density ? new DecimalWire(density) : null,
        UnitRatio = new DecimalWire(line.UnitRatio),
        Factor = UsedFactorWire.Of(line.Factor, line.Region ?? Region.Nation),
        MarketFactor = line.MarketFactor is { } market ? UsedFactorWire.Of(market, line.Region ?? Region.Nation) : null,
        Kilograms = line.Mass.ToString(),
        EvidenceSha256 = line.EvidenceSha256,
        Note = line.Note,
    };
}
