select c.parcel, lower(c.period), upper(c.period) - 1, c.voucher_id
from unnest($1::text[], $2::date[], $3::date[]) as k(parcel, first, last)
join ledger.coverage c on c.parcel = k.parcel and c.period && daterange(k.first, k.last, '[]')
