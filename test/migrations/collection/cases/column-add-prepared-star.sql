-- unsafe: prepared statements that read `*` fail on connections of the old release

--- schema
CREATE TABLE products (id serial PRIMARY KEY, name text NOT NULL, price_cents integer NOT NULL);
--- rows
INSERT INTO products (name, price_cents) SELECT 'P' || i, i % 5000 FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE products ADD COLUMN weight_grams integer;
--- old
SELECT * FROM products WHERE id = 11;
SELECT p.* FROM products p WHERE p.name = 'P4' ORDER BY id LIMIT 1;
INSERT INTO products (name, price_cents) VALUES ('Lamp', 1999);
