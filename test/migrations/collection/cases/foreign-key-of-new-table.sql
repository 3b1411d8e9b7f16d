-- safe: the new table is empty, so the old one is locked for a moment
-- holdout

--- schema
CREATE TABLE customers (id bigserial PRIMARY KEY, name text NOT NULL);
--- rows
INSERT INTO customers (name) SELECT 'C' || i FROM generate_series(1, :rows) AS i;
--- up
CREATE TABLE addresses (
  id bigserial PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
  street text NOT NULL
);
CREATE INDEX addresses_customer ON addresses (customer_id);
--- old
SELECT * FROM customers WHERE id = 5;
INSERT INTO customers (name) VALUES ('Newman');
DELETE FROM customers WHERE id = 7;
UPDATE customers SET name = 'Oldman' WHERE id = 8;
