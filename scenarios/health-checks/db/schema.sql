CREATE TABLE items (
  id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  sku text NOT NULL UNIQUE,
  name text NOT NULL,
  price_cents integer NOT NULL
);

INSERT INTO items (sku, name, price_cents) SELECT 'A' || n, 'Item ' || n, 100 + n FROM generate_series(1, 100) AS n;
