-- safe: NOT VALID takes a moment and VALIDATE in a transaction of its own lets everybody pass
-- rows: 2000000
-- holdout

--- schema
CREATE TABLE payments (id serial PRIMARY KEY, cents integer NOT NULL, currency text NOT NULL);
--- rows
INSERT INTO payments (cents, currency) SELECT i % 100000, 'EUR' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '1s';
ALTER TABLE payments ADD CONSTRAINT payments_currency CHECK (currency IN ('EUR', 'USD', 'CHF')) NOT VALID;
COMMIT;
BEGIN;
ALTER TABLE payments VALIDATE CONSTRAINT payments_currency;
COMMIT;
--- old
SELECT cents, currency FROM payments WHERE id = 80;
SELECT * FROM payments ORDER BY id LIMIT 3;
INSERT INTO payments (cents, currency) VALUES (100, 'EUR');
UPDATE payments SET cents = cents + 1 WHERE id = 2;
