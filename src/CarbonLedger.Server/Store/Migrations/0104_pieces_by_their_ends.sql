-- Why: units are taken from the lower end of a piece. Known by its first serial, a piece gave its row away and the rest got a new one: an update and an insert.
-- Known by its last serial, what is left keeps its row, and what was taken is one insert. The closing row is no longer needed: a voucher ends where its last piece does,
-- which never moves (D2).

create table ledger.pieces_by_their_ends (
    voucher_id  uuid     not null,
    last_serial bigint   not null check (last_serial between 1 and 9999999999),
    account_id  uuid     not null,
    status      smallint not null check (status between 0 and 3),
    locks       text collate "C",
    locked      boolean  not null generated always as (locks is not null) stored,
    constraint pieces_terminal_unlocked check (status = 0 or locks is null),
    constraint pieces_locks_named check (
        case
            when length(locks) in (41, 43, 46) then
                translate(right(locks, 36), '0123456789abcdef-', '') = '' and left(locks, -36) in ('hold:', 'ranked:', 'freeze:', 'exclusive:')
            else locks ~ '^(hold|exclusive|ranked|freeze):[0-9a-f-]{36}(=[0-9a-f-]{36})?( (hold|exclusive|ranked|freeze):[0-9a-f-]{36}(=[0-9a-f-]{36})?)*$'
        end),
    constraint pieces_pledge_exclusive check (length(locks) <= 80 or locks !~ 'exclusive:.*(exclusive|ranked):|ranked:.*exclusive:'),
    constraint pieces_held_once check (length(locks) <= 80 or locks !~ 'hold:.*hold:')
);

insert into ledger.pieces_by_their_ends (voucher_id, last_serial, account_id, status, locks)
select voucher_id, next_serial - 1, account_id, status, locks
from (select *, lead(first_serial) over (partition by voucher_id order by first_serial) as next_serial from ledger.pieces) p
where status <> 4;

drop table ledger.pieces;
alter table ledger.pieces_by_their_ends rename to pieces;
alter table ledger.pieces add constraint pieces_pkey primary key (voucher_id, last_serial) include (status);
create index pieces_of_account on ledger.pieces (account_id, voucher_id, locked, last_serial) where status = 0;

-- D5: what is retired, cancelled or expired never changes again.
create trigger pieces_terminal after update on ledger.pieces
    for each row when (old.status <> 0) execute function ledger.refuse_change('pieces_terminal');
create trigger pieces_kept before delete or truncate on ledger.pieces
    for each statement execute function ledger.refuse_change('pieces_kept');

-- D2: pieces are split, and nothing else. None is moved, and none stands beyond the end that its voucher was issued with.
create trigger pieces_not_moved after update of voucher_id, last_serial on ledger.pieces
    for each row execute function ledger.refuse_change('pieces_not_moved');
create function ledger.refuse_pieces_beyond() returns trigger language plpgsql as $$
begin
    -- `offset 0` keeps the first question a step of its own: of a piece that was split nothing more is asked, only of vouchers that have just been issued.
    if exists (
        select from (
            select voucher_id from added a
            where not exists (select from ledger.pieces p where p.voucher_id = a.voucher_id and p.last_serial > a.last_serial) offset 0) topmost
        where exists (
            select from ledger.pieces p
            where p.voucher_id = topmost.voucher_id
                and not exists (select from added b where b.voucher_id = p.voucher_id and b.last_serial = p.last_serial)))
    then
        raise exception using errcode = '23514', constraint = 'pieces_within_voucher', message = 'a piece beyond the end of its voucher is refused';
    end if;
    return null;
end $$;
create trigger pieces_within_voucher after insert on ledger.pieces
    referencing new table as added for each statement execute function ledger.refuse_pieces_beyond();
