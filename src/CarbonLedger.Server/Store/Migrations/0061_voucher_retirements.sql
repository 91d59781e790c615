-- Why: before a voucher is revoked, the retirements built on it are listed; its stream may be millions of transfers long, and Marten's tables get no index of ours.

create table ledger.voucher_retirements (
    voucher_id    uuid   not null,
    log_index     bigint not null,
    retirement_id uuid   not null,
    kilograms     bigint not null check (kilograms > 0),
    constraint voucher_retirements_key primary key (voucher_id, log_index)
);

-- What the projection has passed already; the rest it will come to.
insert into ledger.voucher_retirements (voucher_id, log_index, retirement_id, kilograms)
select e.stream_id, e.seq_id, (e.data ->> 'retirement')::uuid, r.kilograms
from mt_events e
join mt_event_progression p on p.name = 'BalanceBook:All' and e.seq_id <= p.last_seq_id
cross join lateral (
    select sum((s ->> 'last')::bigint - (s ->> 'first')::bigint + 1) as kilograms from jsonb_array_elements(e.data -> 'serials') s) r
where e.type = 'units_retired';
