using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Bulk;

/// <summary>Sends the rows of a file as commands.</summary>
public sealed class BulkCommands(CommandQueue queue)
{
    /// <summary>Rows on their way at once: half a batch, so that other clients' commands ride along.</summary>
    private const int RowsInFlightMax = CommandQueue.BatchCommandsMax / 2;

    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    /// <summary>Each row for itself. They enter the queue in the order of the file, so a row may pass on what a row before it brought.</summary>
    public async Task RunRowsAsync(BulkUpload upload, BulkProgress progress, CancellationToken stop)
    {
        var flight = new Queue<Task<RowResult>>();
        foreach (var row in upload.File.Rows())
        {
            flight.Enqueue(RunRowAsync(upload, row, stop));
            if (flight.Count >= RowsInFlightMax)
            {
                await progress.AddAsync(await flight.Dequeue(), stop);
            }
        }

        while (flight.TryDequeue(out var last))
        {
            await progress.AddAsync(await last, stop);
        }
    }

    /// <summary>All rows or none, in one decision.</summary>
    public async Task RunWholeAsync(Guid id, BulkUpload upload, BulkProgress progress, CancellationToken stop)
    {
        var posted = new List<Posted>();
        var unreadable = new List<RowResult>();
        foreach (var row in upload.File.Rows())
        {
            try
            {
                posted.Add(upload.Kind.Post(row));
            }
            catch (BadInputException e)
            {
                unreadable.Add(RowResult.Refused(row.Number, e.Problem.Code, e.Message));
            }
        }

        var outcomes = unreadable.Count > 0 ? unreadable : await TogetherAsync(id, upload, posted, stop);
        foreach (var outcome in outcomes)
        {
            await progress.AddAsync(outcome, stop);
        }
    }

    private async Task<IReadOnlyList<RowResult>> TogetherAsync(Guid id, BulkUpload upload, List<Posted> posted, CancellationToken stop)
    {
        var command = new Together(id, [.. posted.Select(p => p.Command)]);
        IReadOnlyList<PrivateName> names = [.. posted.Where(p => p.PrivateName is not null).Select(p => p.PrivateName!)];
        var answer = await SubmitAsync(() => Pending(upload, "whole", command, RenderRows, names), stop);
        if (answer is not CommandAnswer.Decided decided)
        {
            return [Failed(1)];
        }

        var body = JsonDocument.Parse(decided.Body).RootElement;
        if (decided.Status == StatusCodes.Status201Created)
        {
            return [.. body.GetProperty("rows").EnumerateArray().Select((row, i) => new RowResult(i + 1, row.GetProperty("id").GetGuid(), row.GetProperty("logIndex").GetInt64(), null, null))];
        }

        return body.TryGetProperty("row", out var refused)
            ? [RowResult.Refused(refused.GetInt32(), body.GetProperty("rowCode").GetString()!, body.GetProperty("detail").GetString()!)]
            : [RowResult.Refused(1, body.GetProperty("code").GetString()!, body.GetProperty("detail").GetString()!)];
    }

    /// <summary>Runs up to the queue before it first waits, so that calling it in order keeps the order.</summary>
    private async Task<RowResult> RunRowAsync(BulkUpload upload, BulkRow row, CancellationToken stop)
    {
        Posted posted;
        try
        {
            posted = upload.Kind.Post(row);
        }
        catch (BadInputException e)
        {
            return RowResult.Refused(row.Number, e.Problem.Code, e.Message);
        }

        IReadOnlyList<PrivateName> names = posted.PrivateName is { } name ? [name] : [];
        var text = row.Number.ToString(CultureInfo.InvariantCulture);
        var answer = await SubmitAsync(() => Pending(upload, text, posted.Command, AcceptedWire.Render, names), stop);
        if (answer is not CommandAnswer.Decided decided)
        {
            return Failed(row.Number);
        }

        var body = JsonDocument.Parse(decided.Body).RootElement;
        return decided.Status == StatusCodes.Status201Created
            ? new RowResult(row.Number, body.GetProperty("id").GetGuid(), body.GetProperty("logIndex").GetInt64(), null, null)
            : RowResult.Refused(row.Number, body.GetProperty("code").GetString()!, body.GetProperty("detail").GetString()!);
    }

    private static RowResult Failed(int row) =>
        RowResult.Refused(row, EdgeProblem.InternalError.Code, "The register refused an inconsistent change; nothing was done. The operator's log has the reason.");

    // A key that no client can send has a blank in it; so a row's never meets one of theirs.
    private static PendingCommand Pending(BulkUpload upload, string part, Command command, RenderAnswer render, IReadOnlyList<PrivateName> names) =>
        new(command, upload.Acting, CommandEndpoint.KeyDigest(upload.Acting, $"{upload.Key} {part}"), upload.RequestDigest, render) { PrivateNames = names };

    /// <summary>Asks until there is an answer: under the same key, asking again does nothing twice.</summary>
    private async Task<CommandAnswer> SubmitAsync(Func<PendingCommand> pending, CancellationToken stop)
    {
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = pause * 2 < PauseMax ? pause * 2 : PauseMax)
        {
            var answer = await queue.SubmitAsync(pending()).WaitAsync(stop);
            if (answer is not (CommandAnswer.Overloaded or CommandAnswer.Unavailable or CommandAnswer.OutcomeUnknown))
            {
                return answer;
            }

            await Task.Delay(pause, stop);
        }
    }

    /// <summary>The answer to the whole, with the id and the last log position of each row.</summary>
    private static byte[] RenderRows(Guid id, IReadOnlyList<RecordedEvent> events)
    {
        var rows = new List<(Guid Id, long LogIndex)>();
        foreach (var recorded in events)
        {
            var thing = recorded.Fact switch
            {
                VoucherEvent.UnitsTransferred { Transfer: { } transfer } => transfer.Value,
                RetirementEvent.RetirementRecorded e => e.Retirement.Value,
                VoucherEvent.UnitsRetired e => e.Retirement.Value,
                _ => throw new InvalidOperationException($"No row makes {recorded.Fact.GetType().Name}."),
            };
            if (rows.Count > 0 && rows[^1].Id == thing)
            {
                rows[^1] = (thing, recorded.LogIndex);
            }
            else
            {
                rows.Add((thing, recorded.LogIndex));
            }
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id", id);
            writer.WriteNumber("logIndex", events[^1].LogIndex);
            writer.WriteStartArray("rows");
            foreach (var (row, logIndex) in rows)
            {
                writer.WriteStartObject();
                writer.WriteString("id", row);
                writer.WriteNumber("logIndex", logIndex);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
