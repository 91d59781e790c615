-- Why: to find out when a trade's or a pledge's state ends, PostgreSQL parsed it once more for each thing it looked at, half of what writing it cost.
-- The command loop knows the instant and writes it. What stands there stays.

alter table ledger.states alter column due_at drop expression;
