CREATE TABLE items (sku text PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, sku text NOT NULL REFERENCES items);
INSERT INTO items VALUES ('A1', 'Kettle'), ('B2', 'Cup');
