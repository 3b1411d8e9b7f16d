-- safe: the old release does not use the new value
-- holdout

--- schema
CREATE TYPE order_state AS ENUM ('new', 'paid', 'shipped');
CREATE TABLE purchases (id serial PRIMARY KEY, state order_state NOT NULL DEFAULT 'new');
--- rows
INSERT INTO purchases (state) SELECT 'paid' FROM generate_series(1, :rows) AS i;
--- up
ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'returned' AFTER 'shipped';
--- old
SELECT * FROM purchases WHERE id = 5;
UPDATE purchases SET state = 'shipped' WHERE id = 6;
INSERT INTO purchases DEFAULT VALUES;
