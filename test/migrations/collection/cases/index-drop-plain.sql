-- safe: the lock is held for a moment and no old query needs the index to work

--- schema
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL, note text);
CREATE INDEX orders_note ON orders (note);
--- rows
INSERT INTO orders (customer_id, note) SELECT i % 1000, 'note ' || i % 10 FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
DROP INDEX orders_note;
--- old
SELECT customer_id, note FROM orders WHERE id = 8;
INSERT INTO orders (customer_id, note) VALUES (3, 'by the door');
