using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Bulk;

/// <summary>What became of one row, as it is kept: no cell of the file.</summary>
public sealed record RowResult(int Row, Guid? Id, long? LogIndex, string? Code, string? Detail)
{
    public static RowResult Refused(int row, string code, string detail) => new(row, null, null, code, detail);
}

/// <summary>Keeps jobs and the outcomes of their rows.</summary>
public sealed class BulkStore(LedgerDatabase database, IClock clock)
{
    /// <summary>A job that nobody has touched for so long is one that nobody works on.</summary>
    private static readonly Duration SilenceMax = Duration.FromSeconds(30);

    /// <summary>Begins a job and keeps the answer to its key, both or neither; or finds the answer that the key has.</summary>
    /// <exception cref="BadInputException">The key came before with something else.</exception>
    public async Task<(byte[] Answer, bool IsNew)> BeginAsync(BulkJobWire job, Guid keyDigest, Guid requestDigest, byte[] answer, CancellationToken stop)
    {
        await using var connection = await database.Readers.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using var keep = new NpgsqlCommand(
            "insert into ledger.idempotency_keys (key_digest, request_digest, status, log_index, answer) values ($1, $2, 201, 0, $3) on conflict do nothing", connection)
            .With(keyDigest).With(requestDigest).With(answer);
        if (await keep.ExecuteNonQueryAsync(stop) == 0)
        {
            var (digest, first) = await new NpgsqlCommand("select request_digest, answer from ledger.idempotency_keys where key_digest = $1", connection).With(keyDigest)
                .FindAsync(row => (row.GetGuid(0), row.GetFieldValue<byte[]>(1)), stop);
            return digest == requestDigest
                ? (first, false)
                : throw new BadInputException(EdgeProblem.IdempotencyKeyReused, "This Idempotency-Key came before with another request. Use a new key for a new wish.");
        }

        await using var begin = new NpgsqlCommand(
            "insert into ledger.bulk_jobs (id, kind, mode, dry_run, rows, created_at, beat_at) values ($1, $2, $3, $4, $5, $6, $6)", connection)
            .With(job.Id).With(job.Kind).With(job.Mode == BulkMode.Whole ? "whole" : "rows").With(job.DryRun).With(job.Rows).With(job.CreatedAt.ToDateTimeUtc());
        await begin.ExecuteNonQueryAsync(stop);
        await transaction.CommitAsync(stop);
        return (answer, true);
    }

    /// <summary>Says that somebody works on the job, and how far it is. A second worker on the same rows finds the same outcomes.</summary>
    public async Task BeatAsync(Guid id, int done, int accepted, int refused, bool finished, CancellationToken stop)
    {
        await using var command = database.Readers.CreateCommand(
            """
            update ledger.bulk_jobs set beat_at = $2, done = greatest(done, $3), accepted = greatest(accepted, $4), refused = greatest(refused, $5),
                   finished_at = case when $6 then coalesce(finished_at, $2) end
            where id = $1 and finished_at is null
            """)
            .With(id).With(clock.GetCurrentInstant().ToDateTimeUtc()).With(done).With(accepted).With(refused).With(finished);
        await command.ExecuteNonQueryAsync(stop);
    }

    public async Task AddRowsAsync(Guid id, IReadOnlyList<RowResult> rows, CancellationToken stop)
    {
        await using var command = database.Readers.CreateCommand(
            """
            insert into ledger.bulk_rows (job_id, row, thing_id, log_index, code, detail)
            select $1, r.* from unnest($2::int[], $3::uuid[], $4::bigint[], $5::text[], $6::text[]) as r on conflict do nothing
            """)
            .With(id).With<int[]>([.. rows.Select(r => r.Row)]).With<Guid?[]>([.. rows.Select(r => r.Id)]).With<long?[]>([.. rows.Select(r => r.LogIndex)])
            .With<string?[]>([.. rows.Select(r => r.Code)]).With<string?[]>([.. rows.Select(r => r.Detail)]);
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <exception cref="BadInputException">There is no such job.</exception>
    public async Task<BulkJobWire> FindAsync(Guid id)
    {
        var job = await database.Readers.CreateCommand("select kind, mode, dry_run, rows, done, accepted, refused, created_at, beat_at, finished_at from ledger.bulk_jobs where id = $1")
            .With(id)
            .FindAsync(row => new BulkJobWire
            {
                Id = id,
                Kind = row.GetString(0),
                Mode = row.GetString(1) == "whole" ? BulkMode.Whole : BulkMode.Rows,
                DryRun = row.GetBoolean(2),
                State = !row.IsDBNull(9) ? BulkState.Finished : clock.GetCurrentInstant() - row.InstantAt(8) > SilenceMax ? BulkState.Interrupted : BulkState.Running,
                Rows = row.GetInt32(3),
                Done = row.GetInt32(4),
                Accepted = row.GetInt32(5),
                Refused = row.GetInt32(6),
                CreatedAt = row.InstantAt(7),
                FinishedAt = row.IsDBNull(9) ? null : row.InstantAt(9),
            });
        return job ?? throw new BadInputException(EdgeProblem.BulkJobNotFound, $"There is no bulk job {id}.");
    }

    /// <summary>Outcomes in the order of the rows; one more than the limit, where there are so many.</summary>
    public Task<List<BulkRowWire>> RowsAsync(Guid id, long after, int limit, bool refusedOnly) =>
        database.Readers.CreateCommand(
            "select row, thing_id, log_index, code, detail from ledger.bulk_rows where job_id = $1 and row > $2 and (code is not null or not $4) order by row limit $3")
            .With(id).With(after).With(limit + 1).With(refusedOnly)
            .ListAsync(row => new BulkRowWire
            {
                Row = row.GetInt32(0),
                Outcome = row.IsDBNull(3) ? RowOutcome.Accepted : RowOutcome.Refused,
                Id = row.IsDBNull(1) ? null : row.GetGuid(1),
                LogIndex = row.IsDBNull(2) ? null : row.GetInt64(2),
                Code = row.TextOrNull(3),
                Detail = row.TextOrNull(4),
            });
}
