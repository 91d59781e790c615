-- Why: a bank asks for its pledges, an exchange for its trades, an office for its retirements. Lists by organization stood on a column that was computed at every write of
-- a state; a projection has them without the writer's work, and of more kinds.

create table ledger.things_by_party (
    party_id    uuid   not null,
    kind        text   not null collate "C",
    begun_index bigint not null,
    thing_id    uuid   not null,
    constraint things_by_party_key primary key (party_id, kind, begun_index)
);

-- What the projection has passed already; the rest it will come to.
insert into ledger.things_by_party (party_id, kind, begun_index, thing_id)
select p.party, s.kind, e.seq_id, s.id
from ledger.states s
join mt_events e on e.stream_id = s.id and e.version = 1
join mt_event_progression r on r.name = 'LoanBook:All' and e.seq_id <= r.last_seq_id
cross join lateral unnest(case s.kind
    when 'pledge' then array[e.data ->> 'pledgee', e.data ->> 'pledgor']
    when 'trade' then array[e.data ->> 'venue']
    when 'retirement' then array[e.data ->> 'account', e.data -> 'beneficiary' ->> 'organization']
    else array[e.data ->> 'organization']
end::uuid[]) as p(party)
where s.kind in ('pledge', 'trade', 'retirement', 'inventory', 'claim', 'electricity_calibration') and p.party is not null;

drop index ledger.states_by_organization;
alter table ledger.states drop column organization;
