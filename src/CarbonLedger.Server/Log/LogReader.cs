using CarbonLedger.Core.Log;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Log;

/// <summary>Reads the log: by position, and by stream.</summary>
public sealed class LogReader(LedgerDatabase database, LogHead head)
{
    /// <summary>The exact bytes of the events after a position, in order.</summary>
    /// <remarks>A page at once: whoever passes it on may be as slow as its client, and must not keep one of the few connections meanwhile.</remarks>
    public Task<List<(long LogIndex, byte[] Bytes)>> BytesAfterAsync(long after, int limit, CancellationToken stop) =>
        database.Readers.CreateCommand("select seq_id, bytes from ledger.leaves where seq_id > $1 order by seq_id limit $2")
            .With(after).With(limit)
            .ListAsync(row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)), stop);

    /// <summary>The events of one stream after a version, up to a log position.</summary>
    public async Task<List<RecordedEvent>> StreamAsync(Guid stream, long afterVersion, long? upTo, int limit, CancellationToken stop) =>
        [.. (await StreamBytesAsync(stream, afterVersion, upTo, limit, stop)).Select(bytes => EventCodec.Decode(bytes))];

    /// <summary>All events of one stream up to a log position: of things whose streams are read whole.</summary>
    public Task<List<RecordedEvent>> StreamAsync(Guid stream, long? upTo) => StreamAsync(stream, 0, upTo, int.MaxValue, CancellationToken.None);

    /// <summary>The exact bytes of those events.</summary>
    public async Task<List<byte[]>> StreamBytesAsync(Guid stream, long afterVersion, long? upTo, int limit, CancellationToken stop)
    {
        // What came after the position is not even walked past: the last version there bounds the walk.
        return await database.Readers.CreateCommand(
            """
            select l.bytes from mt_events e join ledger.leaves l using (seq_id)
            where e.stream_id = $1 and e.version > $2 and e.version <= coalesce((select ledger.version_at($1, $3)), 9223372036854775807)
            order by e.version limit $4
            """)
            .With(stream).With(afterVersion).With(upTo).With(limit)
            .ListAsync(row => row.GetFieldValue<byte[]>(0), stop);
    }

    /// <summary>The first events of streams, in the order of the log.</summary>
    public Task<List<RecordedEvent>> FirstAsync(IReadOnlyCollection<Guid> streams) =>
        database.Readers.CreateCommand(
            "select l.bytes from mt_events e join ledger.leaves l using (seq_id) where e.stream_id = any($1) and e.version = 1 order by e.seq_id")
            .With<Guid[]>([.. streams])
            .ListAsync(row => EventCodec.Decode(row.GetFieldValue<byte[]>(0)));

    /// <summary>The event at a position; null where the log has not come so far.</summary>
    public async Task<RecordedEvent?> FindAsync(long logIndex) =>
        await BytesAfterAsync(logIndex - 1, 1, CancellationToken.None) is [var (at, bytes)] && at == logIndex ? EventCodec.Decode(bytes) : null;

    /// <summary>The exact bytes of the event at a position.</summary>
    public async Task<byte[]> BytesAtAsync(long logIndex)
    {
        await using var command = database.Readers.CreateCommand("select bytes from ledger.leaves where seq_id = $1").With(logIndex);
        return (byte[])(await command.ExecuteScalarAsync() ?? throw new InvalidOperationException($"The log has no position {logIndex}."));
    }

    /// <summary>The last position at or before an instant; 0 before the first event.</summary>
    /// <remarks>
    /// The answer is for ever. An instant at or after the newest event might still get an event, from a batch that was decided and
    /// not yet committed or from a node whose clock is behind; so log time is moved past it first. That waits for such a batch.
    /// </remarks>
    public async Task<long> PositionAtAsync(Instant instant, CancellationToken stop)
    {
        await using var connection = await database.Readers.OpenConnectionAsync(stop);
        await using var close = new NpgsqlCommand("update ledger.head set at = $1 + interval '1 microsecond' where at <= $1", connection)
            .With(instant.ToDateTimeUtc());
        await close.ExecuteNonQueryAsync(stop);
        head.Advance(0, RegistryCalendar.ToMicroseconds(instant) + Duration.FromNanoseconds(1000));
        await using var command = new NpgsqlCommand("select ledger.position_at($1)", connection).With(instant.ToDateTimeUtc());
        return (long)(await command.ExecuteScalarAsync(stop))!;
    }

    /// <summary>The newest position in the database; this process then knows it, and the log's time.</summary>
    public async Task<long> RefreshHeadAsync(CancellationToken stop)
    {
        await using var command = database.Readers.CreateCommand("select log_index, at from ledger.head");
        await using var reader = await command.ExecuteReaderAsync(stop);
        await reader.ReadAsync(stop);
        var index = reader.GetInt64(0);
        head.Advance(index, reader.InstantAt(1));
        return index;
    }

    /// <summary>The same question at one position: for an answer of several reads, between which a command may come.</summary>
    public async Task<ReadQuestion> AtOnePositionAsync(ReadQuestion question) =>
        question.UpTo is null ? question with { UpTo = await RefreshHeadAsync(CancellationToken.None) } : question;

    /// <summary>The same question at the position of its first page, for lists in whose midst entries come and go.</summary>
    /// <exception cref="BadInputException">The cursor is of another list.</exception>
    public async Task<ReadQuestion> AtFirstPageAsync(ReadQuestion question) => PageCursor.Of(question.Cursor) switch
    {
        null => question,
        { LogIndex: > 0 and var first } when first <= (question.UpTo ?? await RefreshHeadAsync(CancellationToken.None)) => question with { UpTo = first },
        _ => throw PageCursor.Malformed(),
    };

    /// <summary>Waits until the log has reached a position; false when it did not in time.</summary>
    public async Task<bool> ReachesAsync(long position, TimeSpan atMost, CancellationToken stop)
    {
        if (head.Index >= position || await RefreshHeadAsync(stop) >= position)
        {
            return true;
        }

        await head.WaitPastAsync(position - 1, atMost, stop);
        return head.Index >= position;
    }
}
