-- $1 accounts, $2 vouchers, $3 most pieces of each, $4 locked pieces instead of free ones
select h.number, p.voucher_id, coalesce(b.last_serial, 0) + 1, p.last_serial + 1, p.account_id, p.status, p.locks
from unnest($1::uuid[], $2::uuid[], $3::int[]) with ordinality as h(account_id, voucher_id, most, number)
cross join lateral (
    select * from ledger.pieces p
    where p.account_id = h.account_id and p.voucher_id = h.voucher_id and p.locked = $4 and p.status = 0
    order by p.last_serial limit h.most) p
left join lateral (
    select b.last_serial from ledger.pieces b
    where b.voucher_id = p.voucher_id and b.last_serial < p.last_serial
    order by b.last_serial desc limit 1) b on true
