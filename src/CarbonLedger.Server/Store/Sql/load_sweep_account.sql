-- $1 account, $2 scheme, $3 most pieces
select p.voucher_id, coalesce(b.last_serial, 0) + 1, p.last_serial + 1, p.account_id
from (
    select p.* from ledger.pieces p join ledger.states v on v.id = p.voucher_id
    where p.account_id = $1 and not p.locked and p.status = 0
        and v.scheme = $2 and not v.revoked
    order by p.voucher_id, p.last_serial limit $3) p
left join lateral (
    select b.last_serial from ledger.pieces b
    where b.voucher_id = p.voucher_id and b.last_serial < p.last_serial
    order by b.last_serial desc limit 1) b on true
order by p.voucher_id, p.last_serial
