-- What release v1 runs on.
CREATE TABLE items (
  id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  sku text NOT NULL UNIQUE,
  name text NOT NULL,
  price_cents integer NOT NULL,
  discount_percent integer NOT NULL DEFAULT 0
);

CREATE TABLE orders (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  sku text NOT NULL REFERENCES items (sku),
  quantity integer NOT NULL,
  total_cents integer NOT NULL,
  placed_by text NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO items (sku, name, price_cents, discount_percent)
SELECT 'A' || n, 'Item ' || n, 100 + n % 900, n % 5 * 5 FROM generate_series(1, 5000) AS n;

ANALYZE items;
