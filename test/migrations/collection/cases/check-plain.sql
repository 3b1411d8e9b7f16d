-- unsafe: the constraint is held against each row while everybody waits
-- rows: 2000000

--- schema
CREATE TABLE payments (id serial PRIMARY KEY, cents integer NOT NULL, currency text NOT NULL);
--- rows
INSERT INTO payments (cents, currency) SELECT i % 100000, 'EUR' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE payments ADD CONSTRAINT payments_currency CHECK (currency IN ('EUR', 'USD', 'CHF') AND cents >= 0);
--- old
SELECT cents, currency FROM payments WHERE id = 80;
INSERT INTO payments (cents, currency) VALUES (100, 'EUR');
