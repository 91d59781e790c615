-- $1 vouchers, $2 most pieces of each. Live pieces are found as in load_sweep_voucher.
select v.number, p.voucher_id, p.first_serial, n.first_serial, p.account_id, p.status, p.locks
from unnest($1::uuid[]) with ordinality as v(voucher_id, number)
cross join lateral (
    select p.* from (
        select voucher_id, first_serial from ledger.pieces where voucher_id = v.voucher_id and status < 1
        order by first_serial limit $2) k
    join ledger.pieces p using (voucher_id, first_serial)) p
cross join lateral (
    select n.first_serial from ledger.pieces n
    where n.voucher_id = p.voucher_id and n.first_serial > p.first_serial
    order by n.first_serial limit 1) n
