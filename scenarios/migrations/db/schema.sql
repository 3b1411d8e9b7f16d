-- What release v1 runs on.
CREATE TABLE items (
  id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  sku text NOT NULL UNIQUE,
  name text NOT NULL,
  price_cents integer NOT NULL,
  discount_percent integer NOT NULL DEFAULT 0,
  sold integer NOT NULL DEFAULT 0
);
CREATE INDEX items_name ON items (name);
CREATE INDEX items_price ON items (price_cents);

CREATE TABLE orders (
  id text PRIMARY KEY,
  sku text NOT NULL REFERENCES items (sku),
  phone text NOT NULL,
  placed_by text NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now()
);
