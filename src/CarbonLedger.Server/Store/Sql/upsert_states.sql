insert into ledger.states (id, kind, state, due_at)
select s.id, s.kind, s.state::json, s.due_at from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as s(id, kind, state, due_at)
on conflict (id) do update set state = excluded.state, due_at = excluded.due_at
