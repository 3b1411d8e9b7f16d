-- unsafe: CONCURRENTLY is refused inside of a transaction

--- schema
CREATE TABLE invoices (id serial PRIMARY KEY, number text NOT NULL, due date);
--- rows
INSERT INTO invoices (number, due) SELECT 'R' || i, current_date + i % 60 FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '3s';
CREATE INDEX CONCURRENTLY invoices_due ON invoices (due);
COMMIT;
--- old
SELECT number, due FROM invoices WHERE id = 9;
INSERT INTO invoices (number, due) VALUES ('R0', current_date);
