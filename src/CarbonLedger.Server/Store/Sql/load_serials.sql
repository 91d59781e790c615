-- $1 vouchers, $2 first serials, $3 ends (exclusive), $4 most pieces of each
select 0::bigint, p.voucher_id, p.first_serial, n.first_serial, p.account_id, p.status, p.locks
from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::int[]) as r(voucher_id, first_serial, end_serial, most)
cross join lateral (
    (select * from ledger.pieces p where p.voucher_id = r.voucher_id and p.first_serial <= r.first_serial
     order by p.first_serial desc limit 1)
    union all
    (select * from ledger.pieces p where p.voucher_id = r.voucher_id and p.first_serial > r.first_serial and p.first_serial < r.end_serial
     order by p.first_serial limit r.most)) p
cross join lateral (
    select n.first_serial from ledger.pieces n
    where n.voucher_id = p.voucher_id and n.first_serial > p.first_serial
    order by n.first_serial limit 1) n
