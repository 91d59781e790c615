-- Why: an expiry run finds a scheme's ended vouchers, and a revocation's later steps find revoked ones, without reading every voucher.
create index states_vouchers_by_scheme on ledger.states ((state -> 'serial' ->> 'scheme'), (state -> 'monitoringPeriod' ->> 'last') collate "C", id) where kind = 'voucher';
create index states_vouchers_revoked on ledger.states (id) where kind = 'voucher' and (state -> 'revoked') is not null;
