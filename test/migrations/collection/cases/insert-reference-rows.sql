-- safe: a handful of rows and a new table for them

--- schema
CREATE TABLE orders (id bigserial PRIMARY KEY, status text NOT NULL);
--- rows
INSERT INTO orders (status) SELECT 'paid' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
CREATE TABLE order_states (name text PRIMARY KEY, sort integer NOT NULL, UNIQUE (sort));
INSERT INTO order_states VALUES ('new', 1), ('paid', 2), ('shipped', 3) ON CONFLICT DO NOTHING;
UPDATE order_states SET sort = sort * 10;
COMMIT;
--- old
SELECT * FROM orders WHERE id = 6;
INSERT INTO orders (status) VALUES ('new');
