-- $1 vouchers, $2 most pieces of each
select v.number, p.voucher_id, p.first_serial, n.first_serial, p.account_id, p.status, p.locks
from unnest($1::uuid[]) with ordinality as v(voucher_id, number)
cross join lateral (
    select * from ledger.pieces p where p.voucher_id = v.voucher_id and p.status = 0
    order by p.first_serial limit $2) p
cross join lateral (
    select n.first_serial from ledger.pieces n
    where n.voucher_id = p.voucher_id and n.first_serial > p.first_serial
    order by n.first_serial limit 1) n
