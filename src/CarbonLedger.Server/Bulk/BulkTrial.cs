using CarbonLedger.Core.Organizations;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Bulk;

/// <summary>A dry run: the same decisions in the same order on one picture of the register, which is then thrown away. Nobody waits for it.</summary>
public sealed class BulkTrial(LedgerDatabase database, IClock clock)
{
    /// <summary>Pieces of one holding that are read: more than any holding that a file of the greatest size can use up.</summary>
    private const int PiecesMax = 1_000_000;

    public async Task RunAsync(BulkUpload upload, BulkProgress progress, CancellationToken stop)
    {
        var rows = upload.File.Rows().Select(row => Read(upload, row)).ToList();
        var commands = rows.Where(r => r.Command is not null).Select(r => r.Command!).ToArray();
        var loaded = await LoadAsync(upload, commands, stop);
        var context = new Context(ActorOf(upload, loaded.Register), Instant.Max(clock.GetCurrentInstant(), loaded.HeadAt), loaded.HeadIndex + 1);
        for (var i = 0; i < rows.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            var (fault, command) = rows[i];
            rows[i] = default; // a command is large, and its turn is over
            await progress.AddAsync(fault ?? Decide(upload, loaded.Register, command!, i + 1, ref context), stop);
        }
    }

    private static (RowResult? Fault, Command? Command) Read(BulkUpload upload, BulkRow row)
    {
        try
        {
            return (null, upload.Kind.Post(row).Command);
        }
        catch (BadInputException e)
        {
            return (RowResult.Refused(row.Number, e.Problem.Code, e.Message), null);
        }
    }

    private async Task<LoadedBatch> LoadAsync(BulkUpload upload, Command[] commands, CancellationToken stop)
    {
        await using var connection = await database.Readers.OpenConnectionAsync(stop);
        var loaded = await BatchReader.LoadTrialAsync(connection, commands, upload.Acting is { } acting ? [acting.Value] : [], PiecesMax, stop);
        await using var end = new NpgsqlCommand("rollback", connection);
        await end.ExecuteNonQueryAsync(stop);
        return loaded;
    }

    private static RowResult Decide(BulkUpload upload, Register register, Command command, int row, ref Context context)
    {
        if (upload.Acting is { } acting && register.Find<OrganizationState>(acting.Value) is null)
        {
            var unknown = new Refusal.ActingOrganizationUnknown(acting);
            return RowResult.Refused(row, unknown.Code, unknown.Detail);
        }

        switch (command.Decide(register, context))
        {
            case Decision.Refused { Refusal: var refusal }:
                return RowResult.Refused(row, refusal.Code, refusal.Detail);
            case Decision.Accepted accepted:
                foreach (var fact in accepted.Events)
                {
                    register.Apply(fact);
                }

                context = context with { LogIndex = context.LogIndex + accepted.Events.Count };
                return new RowResult(row, null, null, null, null);
            default:
                throw new InvalidOperationException("A decision is one of two things.");
        }
    }

    private static Actor ActorOf(BulkUpload upload, Register register) => upload.Acting is { } id
        ? new Actor(id, register.Find<OrganizationState>(id.Value)?.Roles.Contains(Role.Registrar) ?? false)
        : Actor.Registrar;
}
