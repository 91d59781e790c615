-- $1 scheme, $2 the last day on which a monitoring period has ended, $3 most pieces. Live pieces are found as in load_sweep_voucher.
select p.voucher_id, p.first_serial, n.first_serial, p.account_id
from (
    select p.*, v.ended
    from (
        select id, period_end as ended from ledger.states where scheme = $1 and period_end <= $2 and not revoked) v
    cross join lateral (
        select p.* from (
            select voucher_id, first_serial from ledger.pieces where voucher_id = v.id and status < 1 order by first_serial offset 0) k
        join ledger.pieces p using (voucher_id, first_serial)
        where not p.locked
            and not exists (select from ledger.states a where a.id = p.account_id and a.state -> 'freezes' is not null)
        order by p.first_serial limit $3) p
    order by v.ended, p.voucher_id, p.first_serial limit $3) p
cross join lateral (
    select n.first_serial from ledger.pieces n
    where n.voucher_id = p.voucher_id and n.first_serial > p.first_serial
    order by n.first_serial limit 1) n
order by p.ended, p.voucher_id, p.first_serial
