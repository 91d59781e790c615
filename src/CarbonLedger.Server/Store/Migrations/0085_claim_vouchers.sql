-- Why: the revocation of a voucher flags every claim built on it (C6), in the same transaction as far as one command reaches; what is left over has to be found again after a crash.

-- Which vouchers back which claims that are not withdrawn. Written with the claims' own rows.
create table ledger.claim_vouchers (
    voucher_id uuid    not null,
    claim_id   uuid    not null,
    flagged    boolean not null,
    -- The voucher is revoked, and the claim's turn to be flagged has not come yet.
    due        boolean not null default false,
    constraint claim_vouchers_key primary key (voucher_id, claim_id),
    constraint claim_vouchers_due_unflagged check (not (flagged and due))
);
create index claim_vouchers_unflagged on ledger.claim_vouchers (voucher_id, claim_id) where not flagged;
create index claim_vouchers_due on ledger.claim_vouchers (voucher_id) where due;
create index claim_vouchers_by_claim on ledger.claim_vouchers (claim_id);

-- Claims of before, and vouchers that were revoked before claims were flagged.
insert into ledger.claim_vouchers (voucher_id, claim_id, flagged, due)
select c.voucher_id, c.claim_id, c.flagged, not c.flagged and v.state -> 'revoked' is not null
from (
    select distinct (u ->> 'voucher')::uuid as voucher_id, s.id as claim_id,
        exists (select from json_array_elements(s.state -> 'flags') f where f ->> 'voucher' = u ->> 'voucher') as flagged
    from ledger.states s
    cross join lateral json_array_elements(s.state -> 'parts') p
    cross join lateral json_array_elements(p -> 'units') u
    where s.kind = 'claim' and s.state ->> 'status' <> 'withdrawn') c
join ledger.states v on v.id = c.voucher_id;
