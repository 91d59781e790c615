-- $1 account, $2 scheme, $3 most pieces
select p.voucher_id, p.first_serial, n.first_serial, p.account_id
from (
    select p.* from ledger.pieces p join ledger.states v on v.id = p.voucher_id
    where p.account_id = $1 and not p.locked and p.status = 0
        and v.scheme = $2 and not v.revoked
    order by p.voucher_id, p.first_serial limit $3) p
cross join lateral (
    select n.first_serial from ledger.pieces n
    where n.voucher_id = p.voucher_id and n.first_serial > p.first_serial
    order by n.first_serial limit 1) n
order by p.voucher_id, p.first_serial
