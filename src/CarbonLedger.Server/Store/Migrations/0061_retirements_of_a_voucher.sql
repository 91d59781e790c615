-- Why: before a voucher is revoked, the retirements built on it are listed; a voucher's stream may be millions of transfers long.
create index mt_events_units_retired on mt_events (stream_id, seq_id) where type = 'units_retired';
