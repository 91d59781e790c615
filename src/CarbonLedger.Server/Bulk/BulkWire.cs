namespace CarbonLedger.Server.Bulk;

/// <summary>How far a file is done together.</summary>
public enum BulkMode
{
    /// <summary>Row by row, in the order of the file: a refused row hinders no other.</summary>
    Rows,

    /// <summary>All rows or none, in one decision.</summary>
    Whole,
}

/// <summary>Where a job is.</summary>
public enum BulkState
{
    Running,

    /// <summary>Nobody works on it: the server was stopped. The same file under the same key takes it up again.</summary>
    Interrupted,

    Finished,
}

/// <summary>What became of a row.</summary>
public enum RowOutcome
{
    Accepted,
    Refused,
}

/// <summary>A file was taken in; its job says what becomes of it.</summary>
public sealed record BulkAcceptedWire
{
    /// <summary>The job; ask for it at <c>/v1/bulk/{id}</c>.</summary>
    public required Guid Id { get; init; }

    /// <summary>Rows below the header.</summary>
    /// <example>250</example>
    public required int Rows { get; init; }
}

/// <summary>A file on its way.</summary>
public sealed record BulkJobWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary><c>transfers</c> or <c>retirements</c>.</summary>
    /// <example>transfers</example>
    public required string Kind { get; init; }

    /// <summary><c>rows</c>: each row for itself; <c>whole</c>: all or none.</summary>
    public required BulkMode Mode { get; init; }

    /// <summary>True when it only tells what would happen.</summary>
    public required bool DryRun { get; init; }

    /// <summary><c>running</c>, <c>interrupted</c> (send the same file under the same key to go on) or <c>finished</c>.</summary>
    public required BulkState State { get; init; }

    /// <summary>Rows below the header.</summary>
    /// <example>250</example>
    public required int Rows { get; init; }

    /// <summary>Rows whose outcome is known.</summary>
    /// <example>100</example>
    public required int Done { get; init; }

    /// <summary>Rows that were done; in a dry run, that would be.</summary>
    /// <example>99</example>
    public required int Accepted { get; init; }

    /// <summary>Rows that were refused. With <c>whole</c> one of them keeps all others from being done.</summary>
    /// <example>1</example>
    public required int Refused { get; init; }

    /// <summary>When the file came, in UTC.</summary>
    public required Instant CreatedAt { get; init; }

    /// <summary>When the last row was done, in UTC.</summary>
    public Instant? FinishedAt { get; init; }
}

/// <summary>What became of one row.</summary>
public sealed record BulkRowWire
{
    /// <summary>1 is the first row below the header; empty rows do not count.</summary>
    /// <example>1</example>
    public required int Row { get; init; }

    /// <summary><c>accepted</c> or <c>refused</c>.</summary>
    public required RowOutcome Outcome { get; init; }

    /// <summary>The transfer or retirement that was made.</summary>
    public Guid? Id { get; init; }

    /// <summary>The log position of its last event.</summary>
    /// <example>42</example>
    public long? LogIndex { get; init; }

    /// <summary>Why not: the code that a request of its own would have been answered with.</summary>
    /// <example>insufficient-units</example>
    public string? Code { get; init; }

    /// <summary>The same in a sentence.</summary>
    public string? Detail { get; init; }
}
