insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp)
select e.seq_id, e.id, e.stream_id, e.version, e.data::jsonb, e.type, $7
from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[]) as e(seq_id, id, stream_id, version, data, type)
