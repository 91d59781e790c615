-- Why: a file of many rows is worked off while its sender waits elsewhere; its job says how far it is, and what became of each row.

create table ledger.bulk_jobs (
    id          uuid        not null primary key,
    kind        text        not null check (kind in ('transfers', 'retirements')),
    mode        text        not null check (mode in ('rows', 'whole')),
    dry_run     boolean     not null,
    rows        int         not null check (rows > 0),
    done        int         not null default 0 check (done between 0 and rows),
    accepted    int         not null default 0 check (accepted >= 0),
    refused     int         not null default 0 check (refused >= 0),
    created_at  timestamptz not null,
    beat_at     timestamptz not null,
    finished_at timestamptz,
    constraint bulk_jobs_add_up check (accepted + refused <= done),
    constraint bulk_jobs_finished check (finished_at is null or done = rows)
) with (fillfactor = 50);

-- No cell of the file stands here: a row may name a person.
create table ledger.bulk_rows (
    job_id    uuid not null references ledger.bulk_jobs (id),
    row       int  not null check (row > 0),
    thing_id  uuid,
    log_index bigint,
    code      text,
    detail    text,
    constraint bulk_rows_key primary key (job_id, row),
    constraint bulk_rows_outcome check ((code is null) = (detail is null) and (code is null or thing_id is null))
);
