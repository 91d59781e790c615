-- $1 voucher, $2 most pieces
select p.voucher_id, p.first_serial, n.first_serial, p.account_id
from (
    select p.* from ledger.pieces p
    where p.voucher_id = $1 and p.status = 0 and not p.locked
        and not exists (select from ledger.states a where a.id = p.account_id and a.state -> 'freezes' is not null)
    order by p.first_serial limit $2) p
cross join lateral (
    select n.first_serial from ledger.pieces n
    where n.voucher_id = p.voucher_id and n.first_serial > p.first_serial
    order by n.first_serial limit 1) n
order by p.first_serial
