-- safe: a plain column is free, and no old query reads `*`
-- holdout

--- schema
CREATE TABLE products (id serial PRIMARY KEY, name text NOT NULL, price_cents integer NOT NULL);
--- rows
INSERT INTO products (name, price_cents) SELECT 'P' || i, i % 5000 FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE products ADD COLUMN weight_grams integer;
--- old
SELECT id, name, price_cents FROM products WHERE id = 11;
INSERT INTO products (name, price_cents) VALUES ('Lamp', 1999) RETURNING id;
UPDATE products SET price_cents = 1 WHERE id = 4;
