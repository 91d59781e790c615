-- $1 streams, $2 positions: the reason in the newest event of each stream up to its position, and the trade number in its first.
select coalesce(e.data ->> 'reason', e.data ->> 'purpose'), f.data ->> 'venueTradeNumber'
from unnest($1::uuid[], $2::bigint[]) with ordinality as k(stream_id, log_index, n)
left join lateral (
    select data from mt_events e where e.stream_id = k.stream_id and e.seq_id <= k.log_index order by e.version desc limit 1) e on true
left join lateral (select data from mt_events f where f.stream_id = k.stream_id and f.version = 1) f on true
order by k.n
