-- unsafe: the old release knows the old name

--- schema
CREATE TABLE customer (id serial PRIMARY KEY, name text NOT NULL);
--- rows
INSERT INTO customer (name) SELECT 'C' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE customer RENAME TO customers;
--- old
SELECT name FROM customer WHERE id = 5;
UPDATE customer SET name = 'X' WHERE id = 6;
