using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Log;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Inventories;

public static class InventoryEndpoints
{
    private const string Path = "/v1/inventories/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/inventories").WithTags("Inventories");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.InventoryPost, wire => Record(
                wire.OrganizationId, wire.Boundary, Input.Period(wire.Period, "period"), InventoryInput.Draft(wire.Scope2Method, wire.Lines, wire.GreenCertificates))))
            .Describes<InventoryPost>("Record an emission inventory", "Emissions are the sum of quantity × factor over the lines, exact in decimals and rounded up to the kilogram once, at the end. Each line keeps the factor it used and why. The answer has emissions.")
            .Shows("""{"organizationId":"0198f2c0-0000-7000-8000-000000000001","boundary":"兰州新区中川商务中心 1 号楼","period":{"first":"2021-01-01","last":"2021-12-31"},"lines":[{"activity":"gridElectricity","region":"甘肃","year":2021,"quantity":"1000000","unit":"kWh"},{"activity":"naturalGas","quantity":"20000","unit":"m3"}]}""");
        group.Post("/{id:guid}/restatements", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.RestatementPost, wire => new Posted(
                new RestateInventory(new InventoryId(id), InventoryInput.Draft(wire.Scope2Method, wire.Lines, wire.GreenCertificates), Input.Text(wire.Reason, "reason", Input.ReasonCharactersMax)),
                Render,
                Path)))
            .Describes<RestatementPost>("Restate an inventory", "Replaces lines and certificates; every earlier version stays readable with ?version=. A published claim that no longer covers the emissions becomes underCovered, and published again once they fall below what is retired.")
            .Shows("""{"lines":[{"activity":"gridElectricity","region":"甘肃","year":2021,"quantity":"1012500","unit":"kWh"}],"reason":"The December bill was missing."}""");
        group.Post("/imports", (HttpContext http) => CommandEndpoint.RunCsvAsync(http, body => InventoryImport.PostAsync(http, body)))
            .Describes<string>(
                "Import an inventory from CSV",
                "The activity lines as text/csv in UTF-8: a header, then a row for each line, at most 1,000 and 1 MiB (400 value-out-of-range, 413 body-too-large beyond; sum meter readings by month, or split the file by building). Columns activity, quantity and unit are needed; region, year, scope, density, factorRegion, factorReason, evidenceSha256 and note may follow; the Chinese names are taken too. Comma, semicolon or tab; a byte-order mark, CRLF and full-width digits are read. Any bad row refuses the whole with 400 csv-rows-invalid. With dryRun=true the answer is 200 with every row's errors and the emissions, and nothing is recorded.",
                contentType: "text/csv")
            .Produces<ImportCheckWire>(StatusCodes.Status200OK)
            .Asks("organizationId", Forms.Id, "Whose emissions they are.", required: true)
            .Asks("boundary", Forms.Name(Input.NameCharactersMax), "What the inventory is about: its name.", required: true)
            .Asks("boundaryKind", Forms.Words<BoundaryKind>, "building, event, park or product; building when absent.")
            .Asks("first", Forms.Date, "First day.", required: true)
            .Asks("last", Forms.Date, "Last day.", required: true)
            .Asks("dryRun", Forms.Flag, "true to check only: 200, and nothing is recorded.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireInventoryHeadWire, async q => PageWire.Of(
                q, await q.Get<ThingReader>().ListAsync<InventoryState>("inventory", q, Input.Asked(http.Request.Query, "organizationId")?.Id), InventoryHeadWire.Of)))
            .Answers<PageWire<InventoryHeadWire>>("List inventories", "In the order of recording; with organizationId those of one organization.", list: true)
            .Asks("organizationId", Forms.Id, "Only those of this organization.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.InventoryWire, q =>
                q.Get<InventoryReader>().ReadAsync(new InventoryId(id), http.Request.Query["version"].ToString() is { Length: > 0 } v ? (int)ReadEndpoint.Number(v, "version", 1, int.MaxValue) : null, q)))
            .Answers<InventoryWire>("Get an inventory", "The result per line and per scope, with every factor that was used; the newest version, or an earlier one.")
            .Asks("version", Forms.Whole(1, int.MaxValue), "1 for what was recorded first, 2 for the first restatement, and so on; the newest when absent.");
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<InventoryState>(http, id, new Refusal.InventoryNotFound(new InventoryId(id))))
            .Answers<EventsWire>("Events of an inventory", "Its history in order: recorded, restated and why, claimed, unclaimed, each with who did it; after counts versions of the stream.", feed: Feed.Stream);
    }

    public static Posted Record(OrganizationId organization, BoundaryWire boundary, DatePeriod period, InventoryDraft draft) => new(
        new RecordInventory(new InventoryId(Guid.CreateVersion7()), organization, InventoryInput.Boundary(boundary), period, draft), Render, Path);

    private static byte[] Render(Guid id, IReadOnlyList<RecordedEvent> events) => AcceptedWire.Bytes(new AcceptedWire
    {
        Id = id,
        LogIndex = events[^1].LogIndex,
        Emissions = Inventory.Emissions(events[0].Fact is InventoryEvent.InventoryRecorded e ? e.Content : ((InventoryEvent.InventoryRestated)events[0].Fact).Content).Value,
    });
}
