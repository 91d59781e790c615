select i.key_digest, i.request_digest, i.status, i.log_index, i.answer
from unnest($1::uuid[]) as k(digest)
join ledger.idempotency_keys i on i.key_digest = k.digest
