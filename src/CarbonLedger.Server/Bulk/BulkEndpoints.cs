using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Bulk;

/// <summary>Files of many transfers or retirements: taken in at once, worked off as a job that tells how far it is.</summary>
public static class BulkEndpoints
{
    private const string Common =
        " text/csv in UTF-8, parted by comma, semicolon or tab, with the columns' names in the first line. mode=rows (the default) does each row for itself, at most 100,000; mode=whole does all or none in one decision, at most 100. dryRun=true only tells what would happen. The same file under the same key is done once, and taken up again where a stopped server left it.";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/bulk").WithTags("Bulk");
        Describe(
            group.Post("/transfers", (HttpContext http, string? mode, string? dryRun) => RunAsync(http, BulkKind.Transfers, mode, dryRun)),
            "Transfer units by a CSV",
            "Columns: fromAccountId, toAccountId, voucherId, kilograms (or first and last), reason." + Common);
        Describe(
            group.Post("/retirements", (HttpContext http, string? mode, string? dryRun) => RunAsync(http, BulkKind.Retirements, mode, dryRun)),
            "Retire units by a CSV",
            "Columns: accountId, voucherId, kilograms (or first and last), beneficiaryOrganizationId or beneficiaryName (with consentSha256, consentDate, publicationDate), purpose, claimFirst, claimLast, statement or statementZh and statementEn." + Common);
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.BulkJobWire, q => q.Get<BulkStore>().FindAsync(id)))
            .Answers<BulkJobWire>("Get a bulk job", "How far it is. Ask again until its state is finished.", past: false);
        group.Get("/{id:guid}/rows", (HttpContext http, Guid id, string? outcome) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireBulkRowWire, q => RowsAsync(q, id, outcome)))
            .Answers<PageWire<BulkRowWire>>("List the rows of a bulk job", "What became of each row, in the order of the file; outcome=refused lists only those. A dry run keeps only refused rows.", list: true, past: false)
            .Asks("outcome", Forms.Words("refused"), "refused for the refused rows only; all when absent.");
    }

    private static void Describe(RouteHandlerBuilder route, string summary, string description) => route
        .Describes<string>(summary, description)
        .Accepts<string>("text/csv")
        .Produces<BulkAcceptedWire>(StatusCodes.Status201Created)
        .Asks("mode", Forms.Words<BulkMode>, "rows: each row for itself, in the order of the file; whole: all or none, in one decision. rows when absent.")
        .Asks("dryRun", Forms.Flag, "true to be told what would happen, and have nothing done; false when absent.");

    private static async Task RunAsync(HttpContext http, BulkKind kind, string? modeText, string? dryRunText)
    {
        try
        {
            QueryParameters.RequireKnown(http);
            var key = CommandEndpoint.ReadKey(http);
            var acting = CommandEndpoint.ReadActing(http);
            var mode = modeText switch { null or "rows" => BulkMode.Rows, "whole" => BulkMode.Whole, _ => throw Input.OutOfRange("mode", "is rows or whole") };
            var isDryRun = dryRunText switch { null or "false" => false, "true" => true, _ => throw Input.OutOfRange("dryRun", "is true or false") };
            var bytes = await BulkFile.BytesOfAsync(http);
            var file = new BulkFile(bytes.Span, kind.Columns, kind.Required);
            if (mode == BulkMode.Whole && file.Count > Together.CommandsMax)
            {
                throw new BadInputException(EdgeProblem.BulkTooLarge, $"mode=whole does at most {Together.CommandsMax} rows, because they are one decision during which the register waits; this file has {file.Count}. Split it, or use mode=rows.");
            }

            var digest = CommandEndpoint.Digest(SHA256.HashData([.. Encoding.UTF8.GetBytes($"{http.Request.Path}?mode={mode}&dryRun={isDryRun}\0"), .. SHA256.HashData(bytes.Span)]));
            await TakeInAsync(http, new BulkUpload(kind, mode, isDryRun, file, acting, key, digest));
        }
        catch (BadInputException e)
        {
            await Problem.WriteAsync(http, e.Problem, e.Message);
        }
        catch (RefusedException e)
        {
            await Problem.WriteAsync(http, e.Refusal);
        }
    }

    private static async Task TakeInAsync(HttpContext http, BulkUpload upload)
    {
        var runner = http.RequestServices.GetRequiredService<BulkRunner>();
        if (runner.IsFull)
        {
            throw new BadInputException(EdgeProblem.Overloaded, $"{BulkRunner.JobsMax} files are being worked off. Nothing was done; ask again with the same key.");
        }

        var id = Guid.CreateVersion7();
        var store = http.RequestServices.GetRequiredService<BulkStore>();
        var answer = JsonSerializer.SerializeToUtf8Bytes(new BulkAcceptedWire { Id = id, Rows = upload.File.Count }, WireJson.Wire.BulkAcceptedWire);
        var job = new BulkJobWire
        {
            Id = id,
            Kind = upload.Kind.Name,
            Mode = upload.Mode,
            DryRun = upload.IsDryRun,
            State = BulkState.Running,
            Rows = upload.File.Count,
            Done = 0,
            Accepted = 0,
            Refused = 0,
            CreatedAt = http.RequestServices.GetRequiredService<IClock>().GetCurrentInstant(),
        };
        var (kept, isNew) = await store.BeginAsync(job, CommandEndpoint.KeyDigest(upload.Acting, upload.Key), upload.RequestDigest, answer, http.RequestAborted);
        id = JsonDocument.Parse(kept).RootElement.GetProperty("id").GetGuid();
        if (isNew || (await store.FindAsync(id)).State != BulkState.Finished)
        {
            runner.Start(id, upload);
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.ContentType = "application/json";
        http.Response.Headers.Location = $"/v1/bulk/{id}";
        if (!isNew)
        {
            http.Response.Headers[CommandEndpoint.ReplayedHeader] = "true";
        }

        await http.Response.Body.WriteAsync(kept);
    }

    private static async Task<PageWire<BulkRowWire>> RowsAsync(ReadQuestion q, Guid id, string? outcome)
    {
        var refusedOnly = outcome switch { null => false, "refused" => true, _ => throw Input.OutOfRange("outcome", "is refused, or absent") };
        await q.Get<BulkStore>().FindAsync(id);
        var rows = await q.Get<BulkStore>().RowsAsync(id, q.CursorPosition, q.Limit, refusedOnly);
        return PageWire.Of(q, rows, r => r.Row, r => r);
    }
}
