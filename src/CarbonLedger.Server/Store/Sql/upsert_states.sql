insert into ledger.states (id, kind, state)
select s.id, s.kind, s.state::json from unnest($1::uuid[], $2::text[], $3::text[]) as s(id, kind, state)
on conflict (id) do update set state = excluded.state
