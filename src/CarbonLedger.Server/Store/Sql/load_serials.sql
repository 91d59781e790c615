-- $1 vouchers, $2 first serials, $3 ends (exclusive), $4 most pieces of each, without the one on the last serial
select 0::bigint, p.voucher_id, coalesce(b.last_serial, 0) + 1, p.last_serial + 1, p.account_id, p.status, p.locks
from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::int[]) as r(voucher_id, first_serial, end_serial, most)
cross join lateral (
    (select * from ledger.pieces p where p.voucher_id = r.voucher_id and p.last_serial >= r.first_serial and p.last_serial < r.end_serial - 1
     order by p.last_serial limit r.most)
    union all
    (select * from ledger.pieces p where p.voucher_id = r.voucher_id and p.last_serial >= r.end_serial - 1
     order by p.last_serial limit 1)) p
left join lateral (
    select b.last_serial from ledger.pieces b
    where b.voucher_id = p.voucher_id and b.last_serial < p.last_serial
    order by b.last_serial desc limit 1) b on true
