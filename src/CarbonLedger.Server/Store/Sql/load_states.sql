select k.id, s.version, t.kind, t.state
from unnest($1::uuid[]) as k(id)
left join mt_streams s on s.id = k.id
left join ledger.states t on t.id = k.id
