-- Somebody's report: quick, but its transaction stays open, and with it the lock that every reader has on its table.
BEGIN;
SELECT sum(price_cents) FROM items;
SELECT pg_sleep(5);
COMMIT;
