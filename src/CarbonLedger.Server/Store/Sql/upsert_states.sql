insert into ledger.states (id, kind, state, due_at, begun_index)
select s.id, s.kind, s.state::json, s.due_at, s.begun_index
from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[]) as s(id, kind, state, due_at, begun_index)
on conflict (id) do update set state = excluded.state, due_at = excluded.due_at
