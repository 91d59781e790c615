-- Why: a borrower asks for its loans, at whatever bank; a bank's stand in its loan book.

-- What the projection has passed already; the rest it will come to.
insert into ledger.things_by_party (party_id, kind, begun_index, thing_id)
select (e.data ->> 'borrower')::uuid, 'loan', b.opened_index, b.loan_id
from ledger.loan_book b
join mt_events e on e.seq_id = b.opened_index;
