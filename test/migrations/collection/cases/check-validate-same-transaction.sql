-- unsafe: the lock of ADD CONSTRAINT is kept while VALIDATE reads every row
-- rows: 2000000
-- holdout

--- schema
CREATE TABLE payments (id serial PRIMARY KEY, cents integer NOT NULL, currency text NOT NULL);
--- rows
INSERT INTO payments (cents, currency) SELECT i % 100000, 'EUR' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TABLE payments ADD CONSTRAINT payments_cents CHECK (cents >= 0) NOT VALID;
ALTER TABLE payments VALIDATE CONSTRAINT payments_cents;
COMMIT;
--- old
SELECT cents, currency FROM payments WHERE id = 80;
INSERT INTO payments (cents, currency) VALUES (100, 'EUR');
