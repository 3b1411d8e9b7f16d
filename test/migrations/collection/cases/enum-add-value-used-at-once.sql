-- unsafe: a new value cannot be used in the transaction that adds it
-- holdout

--- schema
CREATE TYPE order_state AS ENUM ('new', 'paid', 'shipped');
CREATE TABLE purchases (id serial PRIMARY KEY, state order_state NOT NULL DEFAULT 'new');
--- rows
INSERT INTO purchases (state) SELECT 'paid' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TYPE order_state ADD VALUE 'draft' BEFORE 'new';
ALTER TABLE purchases ALTER COLUMN state SET DEFAULT 'draft';
COMMIT;
--- old
SELECT state FROM purchases WHERE id = 5;
INSERT INTO purchases (state) VALUES ('new');
