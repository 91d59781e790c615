-- $1 voucher, $2 most pieces. Ended pieces are passed in the key's index: `offset 0` keeps that a step of
-- its own, and `status < 1` is what `status = 0` is without offering the index of accounts.
select p.voucher_id, coalesce(b.last_serial, 0) + 1, p.last_serial + 1, p.account_id
from (
    select p.* from (
        select voucher_id, last_serial from ledger.pieces where voucher_id = $1 and status < 1 order by last_serial offset 0) k
    join ledger.pieces p using (voucher_id, last_serial)
    where not p.locked
        and not exists (select from ledger.states a where a.id = p.account_id and a.state -> 'freezes' is not null)
    order by p.last_serial limit $2) p
left join lateral (
    select b.last_serial from ledger.pieces b
    where b.voucher_id = p.voucher_id and b.last_serial < p.last_serial
    order by b.last_serial desc limit 1) b on true
order by p.last_serial
