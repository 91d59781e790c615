-- Why: a kilogram may be held, pledged at several ranks and frozen at once. Each lock is named, in the order in which it came, and what is free is no longer a subtraction.

-- 'kind:id' separated by blanks; 'ranked:id=id' names the pledge that it came with at equal rank. Null without locks.
alter table ledger.pieces add column locks text collate "C";
update ledger.pieces set locks = 'exclusive:' || pledge_id where pledge_id is not null;
drop index ledger.pieces_of_account;
alter table ledger.pieces drop column locked, drop column holds, drop column pledges, drop column freezes, drop column pledge_id;
alter table ledger.pieces
    add column locked boolean not null generated always as (locks is not null) stored,
    add constraint pieces_terminal_unlocked check (status = 0 or locks is null),
    add constraint pieces_locks_named check (locks ~ '^(hold|exclusive|ranked|freeze):[0-9a-f-]{36}(=[0-9a-f-]{36})?( (hold|exclusive|ranked|freeze):[0-9a-f-]{36}(=[0-9a-f-]{36})?)*$'),
    -- P2: an exclusive pledge stands alone. Two trades never hold the same units.
    add constraint pieces_pledge_exclusive check (locks !~ 'exclusive:.*(exclusive|ranked):|ranked:.*exclusive:'),
    add constraint pieces_held_once check (locks !~ 'hold:.*hold:');
create index pieces_of_account on ledger.pieces (account_id, voucher_id, locked, first_serial) where status = 0;
create index pieces_live on ledger.pieces (voucher_id, first_serial) where status = 0;

-- The projections count what is free and keep every lock with the positions between which it lay. They are made again from the log.
delete from mt_event_progression where name in ('BalanceBook:All', 'VoucherBook:All');
truncate ledger.balances, ledger.voucher_totals;
alter table ledger.balances
    add column free bigint not null,
    add constraint balances_free check (free >= 0 and free <= owned - greatest(held, pledged, frozen));
alter table ledger.voucher_totals
    add column free bigint not null,
    add column expired bigint not null,
    add constraint voucher_totals_add_up check (free >= 0 and free <= issued - retired - cancelled - expired - greatest(held, pledged, frozen));

-- Which lock lay on which serials, from which position on and until before which; still there while until_index is null.
create table ledger.liens (
    voucher_id      uuid   not null,
    lock_id         uuid   not null,
    first_serial    bigint not null,
    end_serial      bigint not null check (end_serial > first_serial),
    kind            text   collate "C" not null check (kind in ('hold', 'exclusive', 'ranked', 'freeze')),
    equal_rank_with uuid,
    account_id      uuid   not null,
    since_index     bigint not null,
    from_index      bigint not null,
    until_index     bigint check (until_index > from_index),
    constraint liens_key primary key (voucher_id, lock_id, first_serial, from_index)
);
create index liens_by_serial on ledger.liens (voucher_id, first_serial);
create index liens_by_lock on ledger.liens (lock_id);

create table ledger.account_freezes (
    account_id  uuid   not null,
    freeze_id   uuid   not null,
    from_index  bigint not null,
    until_index bigint,
    constraint account_freezes_key primary key (account_id, freeze_id)
);
