-- Why: trades may wait for their settlement, so a trade has a state; and what ends by itself is found when it is due, without reading everything.

-- Every trade so far was settled at once. Its event holds all that its state does.
insert into ledger.states (id, kind, state)
select e.stream_id, 'trade', (e.data::jsonb - 'actor' || '{"status":"settled"}'::jsonb)::json
from mt_events e
where e.type = 'trade_settled'
on conflict (id) do nothing;

-- States write instants in UTC with a Z, so the reading depends on no setting.
create function ledger.instant_of(text) returns timestamptz language sql immutable strict parallel safe as 'select $1::timestamptz';

create index states_due_trades on ledger.states (ledger.instant_of(state ->> 'holdUntil')) where kind = 'trade' and state ->> 'status' = 'registered';
create index states_due_pledges on ledger.states (ledger.instant_of(state ->> 'reservedUntil')) where kind = 'pledge' and state ->> 'status' = 'reserved';
