select k.number, c.parcel, lower(c.period), upper(c.period) - 1, c.voucher_id
from unnest($1::text[], $2::date[], $3::date[]) with ordinality as k(parcel, first, last, number)
join ledger.coverage c on c.parcel = k.parcel and c.period && daterange(k.first, k.last, '[]')
