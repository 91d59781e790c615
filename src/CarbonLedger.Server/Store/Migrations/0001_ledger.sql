-- Why: the log in the shape of Marten's event tables, and beside it everything that decisions and proofs need.

create extension if not exists btree_gist;
create schema if not exists ledger;

-- The three tables of Marten 9 (defaults, Guid streams): names, columns and keys are Marten's, so that a Marten application opens them.
create table mt_streams (
    id          uuid        not null constraint pkey_mt_streams_id primary key,
    type        varchar,
    version     bigint,
    timestamp   timestamptz not null default now(),
    created     timestamptz not null default now(),
    tenant_id   varchar              default '*DEFAULT*',
    is_archived boolean              default false
) with (fillfactor = 80);

create table mt_events (
    seq_id         bigint       not null constraint pkey_mt_events_seq_id primary key,
    id             uuid         not null,
    stream_id      uuid         constraint fkey_mt_events_stream_id references mt_streams (id) on delete cascade,
    version        bigint       not null,
    data           jsonb        not null,
    bdata          bytea,
    type           varchar(500) not null,
    timestamp      timestamptz  not null,
    tenant_id      varchar               default '*DEFAULT*',
    mt_dotnet_type varchar,
    is_archived    boolean               default false
);
create unique index pk_mt_events_stream_and_version on mt_events (stream_id, version);

create table mt_event_progression (
    name         varchar not null constraint pk_mt_event_progression primary key,
    last_seq_id  bigint,
    last_updated timestamptz default transaction_timestamp()
);

create sequence mt_events_sequence;

-- The end of the log. Every batch locks this row first: positions are dense and commit order is log order.
create table ledger.head (
    single    boolean     not null primary key default true check (single),
    log_index bigint      not null check (log_index >= 0),
    at        timestamptz not null
) with (fillfactor = 10);
insert into ledger.head (log_index, at) values (0, '1970-01-01T00:00:00Z');

-- The exact bytes of each event and their RFC 6962 leaf hash: what is proved, and what the audit reads.
create table ledger.leaves (
    seq_id bigint not null primary key,
    bytes  bytea  not null,
    hash   bytea  not null check (length(hash) = 32)
);
-- JSON text does not compress at this size; trying costs the writer.
alter table ledger.leaves alter column bytes set storage external;

-- The first answer to each key, for ever (D7). Digests keep the rows narrow: the key's is over actor and key, the request's over method, path and body.
create table ledger.idempotency_keys (
    key_digest     uuid     not null primary key,
    request_digest uuid     not null,
    status         smallint not null check (status between 200 and 499),
    log_index      bigint   not null,
    answer         bytea    not null
);

-- What decisions know of one thing, one row each. Json, not jsonb: it is read whole and far more often than searched.
create table ledger.states (
    id    uuid not null primary key,
    kind  text collate "C" not null,
    state json not null
) with (fillfactor = 80);
create index states_by_kind on ledger.states (kind, id);

-- Who holds which serials. A piece runs from its first serial to the next piece's first serial; a closing row (status 4) stands at N+1.
-- There is no second end to disagree with, so the primary key alone makes the pieces of a voucher a partition of 1..N (D2, D3).
create table ledger.pieces (
    voucher_id   uuid     not null,
    first_serial bigint   not null check (first_serial between 1 and 10000000000),
    account_id   uuid,
    status       smallint not null check (status between 0 and 4),
    holds        smallint not null default 0 check (holds >= 0),
    pledges      smallint not null default 0 check (pledges >= 0),
    freezes      smallint not null default 0 check (freezes >= 0),
    pledge_id    uuid,
    locked       boolean  not null generated always as (holds + pledges + freezes > 0) stored,
    primary key (voucher_id, first_serial),
    constraint pieces_closing_row check ((status = 4) = (account_id is null)),
    constraint pieces_pledge_named check ((pledges > 0) = (pledge_id is not null)),
    constraint pieces_terminal_unlocked check (status = 0 or (holds = 0 and pledges = 0 and freezes = 0))
) with (fillfactor = 80);
create index pieces_of_account on ledger.pieces (account_id, voucher_id, locked, first_serial) where status = 0;

-- D5: what is retired, cancelled, expired or closing never changes again.
create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '23514', constraint = tg_argv[0],
        message = format('%s on %s.%s is refused', tg_op, tg_table_schema, tg_table_name);
end $$;
create trigger pieces_terminal before update on ledger.pieces
    for each row when (old.status <> 0) execute function ledger.refuse_change('pieces_terminal');
create trigger pieces_kept before delete or truncate on ledger.pieces
    for each statement execute function ledger.refuse_change('pieces_kept');

-- The log and the answers are only ever added to.
create trigger mt_events_append_only before update or delete or truncate on mt_events
    for each statement execute function ledger.refuse_change('mt_events_append_only');
create trigger leaves_append_only before update or delete or truncate on ledger.leaves
    for each statement execute function ledger.refuse_change('leaves_append_only');
create trigger idempotency_keys_append_only before update or delete or truncate on ledger.idempotency_keys
    for each statement execute function ledger.refuse_change('idempotency_keys_append_only');

-- Names that are given once: a venue's trade number, a printed voucher number, a registration number.
create table ledger.unique_names (
    space text collate "C" not null,
    name  text collate "C" not null,
    constraint unique_names_once primary key (space, name)
);

-- D1: no parcel is covered twice for overlapping monitoring periods, in any scheme or project.
create table ledger.coverage (
    parcel     text collate "C" not null,
    period     daterange not null,
    voucher_id uuid not null,
    constraint coverage_once exclude using gist (parcel with =, period with &&)
);

-- Names of persons stand outside the log, where they can be erased; the log holds their salted hash.
create table ledger.private_names (
    id   uuid  not null primary key,
    salt bytea not null check (length(salt) = 32),
    name text  not null
);

-- The last position at or before an instant: log time never goes back, so a binary search over positions finds it.
create function ledger.position_at(instant timestamptz) returns bigint language plpgsql stable as $$
declare
    low bigint := 0;
    high bigint := (select log_index from ledger.head);
    middle bigint;
begin
    while low < high loop
        middle := (low + high + 1) / 2;
        if (select timestamp from mt_events where seq_id = middle) <= instant then low := middle; else high := middle - 1; end if;
    end loop;
    return low;
end $$;
