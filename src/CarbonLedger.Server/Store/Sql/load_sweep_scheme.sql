-- $1 scheme, $2 the last day on which a monitoring period has ended, $3 most pieces. Live pieces are found as in load_sweep_voucher.
select p.voucher_id, coalesce(b.last_serial, 0) + 1, p.last_serial + 1, p.account_id
from (
    select p.*, v.ended
    from (
        select id, period_end as ended from ledger.states where scheme = $1 and period_end <= $2 and not revoked) v
    cross join lateral (
        select p.* from (
            select voucher_id, last_serial from ledger.pieces where voucher_id = v.id and status < 1 order by last_serial offset 0) k
        join ledger.pieces p using (voucher_id, last_serial)
        where not p.locked
            and not exists (select from ledger.states a where a.id = p.account_id and a.state -> 'freezes' is not null)
        order by p.last_serial limit $3) p
    order by v.ended, p.voucher_id, p.last_serial limit $3) p
left join lateral (
    select b.last_serial from ledger.pieces b
    where b.voucher_id = p.voucher_id and b.last_serial < p.last_serial
    order by b.last_serial desc limit 1) b on true
order by p.ended, p.voucher_id, p.last_serial
