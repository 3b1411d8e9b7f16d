-- safe: in the same moment a view takes the old name, and it can be written

--- schema
CREATE TABLE customer (id serial PRIMARY KEY, name text NOT NULL, vip boolean NOT NULL DEFAULT false);
--- rows
INSERT INTO customer (name) SELECT 'C' || i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '1s';
ALTER TABLE customer RENAME TO customers;
CREATE VIEW customer AS SELECT id, name, vip FROM customers;
COMMIT;
--- down
BEGIN;
DROP VIEW customer;
ALTER TABLE customers RENAME TO customer;
COMMIT;
--- old
SELECT id, name FROM customer WHERE id = 5;
SELECT name FROM customer WHERE id = 8 FOR UPDATE;
INSERT INTO customer (id, name, vip) VALUES (-1, 'Newman', true);
UPDATE customer SET name = 'X' WHERE id = 6;
DELETE FROM customer WHERE id = 9;
