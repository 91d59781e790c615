-- Why: lists stood in the order of ids, which servers make before they commit. Whoever followed a list while others wrote lost entries; log positions come in the order of commits.

-- The position of the first event of a thing; null where no stream has the id (numbering). It never changes, so rows are still updated in place.
alter table ledger.states add column begun_index bigint;
drop index ledger.states_by_kind, ledger.states_by_organization;
update ledger.states s set begun_index = e.seq_id from mt_events e where e.stream_id = s.id and e.version = 1;
create index states_by_kind on ledger.states (kind, begun_index);
create index states_by_organization on ledger.states (kind, organization, begun_index) where organization is not null;

-- Projections have their positions. A rebuild gives indexes other names, so they are found by their first column.
do $$
declare
    superseded regclass;
begin
    for superseded in
        select indexrelid::regclass from pg_index
        where indrelid in ('ledger.loan_book'::regclass, 'ledger.margin_calls'::regclass) and pg_get_indexdef(indexrelid, 1, false) = 'bank_id'
    loop
        execute format('drop index %s', superseded);
    end loop;
end $$;
create index loan_book_by_bank on ledger.loan_book (bank_id, opened_index);
create index margin_calls_by_bank on ledger.margin_calls (bank_id, called_index);

-- The position at which a voucher came to back a claim: with a top-up that is later than the claim.
alter table ledger.claim_vouchers add column backed_index bigint;
alter table ledger.claim_vouchers drop constraint claim_vouchers_key;
drop index ledger.claim_vouchers_by_claim;
alter table ledger.claim_vouchers add constraint claim_vouchers_key primary key (claim_id, voucher_id);
create index claim_vouchers_by_voucher on ledger.claim_vouchers (voucher_id, backed_index);

update ledger.claim_vouchers c set backed_index = b.seq_id
from (
    select e.stream_id as claim_id, (u ->> 'voucher')::uuid as voucher_id, min(e.seq_id) as seq_id
    from mt_events e
    cross join lateral jsonb_array_elements(e.data -> 'parts') p
    cross join lateral jsonb_array_elements(p -> 'units') u
    where e.stream_id in (select claim_id from ledger.claim_vouchers)
    group by 1, 2) b
where b.claim_id = c.claim_id and b.voucher_id = c.voucher_id;
alter table ledger.claim_vouchers alter column backed_index set not null;
