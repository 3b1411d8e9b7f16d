-- Something in the same transaction takes 2.5 s (a slow disk, a backup): as long nobody can read the table.
BEGIN;
ALTER TABLE items ADD COLUMN discount_cents integer;
SELECT pg_sleep(2.5);
COMMIT;
