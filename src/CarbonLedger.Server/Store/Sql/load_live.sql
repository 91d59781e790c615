-- $1 vouchers, $2 most pieces of each. Live pieces are found as in load_sweep_voucher.
select v.number, p.voucher_id, coalesce(b.last_serial, 0) + 1, p.last_serial + 1, p.account_id, p.status, p.locks
from unnest($1::uuid[]) with ordinality as v(voucher_id, number)
cross join lateral (
    select p.* from (
        select voucher_id, last_serial from ledger.pieces where voucher_id = v.voucher_id and status < 1
        order by last_serial limit $2) k
    join ledger.pieces p using (voucher_id, last_serial)) p
left join lateral (
    select b.last_serial from ledger.pieces b
    where b.voucher_id = p.voucher_id and b.last_serial < p.last_serial
    order by b.last_serial desc limit 1) b on true
