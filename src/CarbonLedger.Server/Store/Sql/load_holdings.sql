-- $1 accounts, $2 vouchers, $3 most pieces of each, $4 locked pieces instead of free ones
select h.number, p.voucher_id, p.first_serial, n.first_serial, p.account_id, p.status, p.locks
from unnest($1::uuid[], $2::uuid[], $3::int[]) with ordinality as h(account_id, voucher_id, most, number)
cross join lateral (
    select * from ledger.pieces p
    where p.account_id = h.account_id and p.voucher_id = h.voucher_id and p.locked = $4 and p.status = 0
    order by p.first_serial limit h.most) p
cross join lateral (
    select n.first_serial from ledger.pieces n
    where n.voucher_id = p.voucher_id and n.first_serial > p.first_serial
    order by n.first_serial limit 1) n
