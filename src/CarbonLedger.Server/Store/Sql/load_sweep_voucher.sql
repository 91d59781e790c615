-- $1 voucher, $2 most pieces. Ended pieces are passed in the key's index: `offset 0` keeps that a step of
-- its own, and `status < 1` is what `status = 0` is without offering the index of accounts.
select p.voucher_id, p.first_serial, n.first_serial, p.account_id
from (
    select p.* from (
        select voucher_id, first_serial from ledger.pieces where voucher_id = $1 and status < 1 order by first_serial offset 0) k
    join ledger.pieces p using (voucher_id, first_serial)
    where not p.locked
        and not exists (select from ledger.states a where a.id = p.account_id and a.state -> 'freezes' is not null)
    order by p.first_serial limit $2) p
cross join lateral (
    select n.first_serial from ledger.pieces n
    where n.voucher_id = p.voucher_id and n.first_serial > p.first_serial
    order by n.first_serial limit 1) n
order by p.first_serial
