-- unsafe: the old release writes the old name
-- holdout

--- schema
CREATE TYPE order_state AS ENUM ('new', 'payed', 'shipped');
CREATE TABLE purchases (id serial PRIMARY KEY, state order_state NOT NULL DEFAULT 'new');
--- rows
INSERT INTO purchases (state) SELECT 'payed' FROM generate_series(1, :rows) AS i;
--- up
ALTER TYPE order_state RENAME VALUE 'payed' TO 'paid';
--- old
SELECT state FROM purchases WHERE id = 5;
UPDATE purchases SET state = 'payed' WHERE id = 6;
