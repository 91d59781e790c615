-- Why: 0030 kept what old loans owed, and not the sums that their events give. Present and past, which is replayed, then said different amounts for a loan
-- with a repayment from before it. Those loans are made here what the program makes of their events, whatever has come to them since.

with loans as (
    select o.stream_id, (o.data ->> 'principal')::numeric as principal, (o.data ->> 'annualRate')::numeric as rate, (o.data ->> 'startDate')::date as start
    from mt_events o
    where o.type = 'loan_opened' and exists (
        select from mt_events r
        where r.stream_id = o.stream_id and r.type = 'loan_repaid' and r.timestamp < (select applied_at from ledger.migrations where number = 30))),
entries as (
    select e.stream_id, e.version, (e.data ->> 'date')::date as date,
           coalesce((e.data ->> 'toInterest')::numeric, 0.00) as to_interest, coalesce((e.data ->> 'toPrincipal')::numeric, 0.00) as to_principal
    from mt_events e join loans using (stream_id) where e.type in ('loan_repaid', 'loan_cost_charged')),
-- From one entry to the next the principal stays the same.
stretches as (
    select stream_id, e.to_interest, e.date as ends, coalesce(lag(e.date) over earlier, l.start) as begins,
           l.principal - coalesce(sum(e.to_principal) over (earlier rows between unbounded preceding and 1 preceding), 0) as principal
    from entries e join loans l using (stream_id)
    window earlier as (partition by stream_id order by e.version)),
-- Of two rates from one date the later one holds.
rates as (
    select distinct on (stream_id, begins) stream_id, begins, rate
    from (select stream_id, 1 as version, start as begins, rate from loans
          union all
          select e.stream_id, e.version, (e.data ->> 'from')::date, (e.data ->> 'annualRate')::numeric
          from mt_events e join loans using (stream_id) where e.type = 'loan_rate_changed') r
    order by stream_id, begins, version desc),
terms as (
    select stream_id, rate, begins, coalesce(lead(begins) over (partition by stream_id order by begins), 'infinity') as ends from rates),
sums as (
    select stream_id, sum(s.to_interest) as paid, sum(s.principal * (
        select coalesce(sum(t.rate * (least(t.ends, s.ends) - greatest(t.begins, s.begins))), 0)
        from terms t where t.stream_id = s.stream_id and t.begins < s.ends and t.ends > s.begins)) as yuan_days
    from stretches s group by stream_id)
update ledger.states l
set state = (l.state::jsonb || jsonb_build_object('interestYuanDays', round(s.yuan_days, 8), 'interestPaid', s.paid::text))::json
from sums s where l.id = s.stream_id;
