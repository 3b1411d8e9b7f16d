-- safe: the same signature, another body

--- schema
CREATE TABLE baskets (id serial PRIMARY KEY, net integer NOT NULL);
CREATE FUNCTION gross(net integer, percent integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT net + net * percent / 100
$$;
--- rows
INSERT INTO baskets (net) SELECT i FROM generate_series(1, :rows) AS i;
--- up
CREATE OR REPLACE FUNCTION gross(net integer, percent integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT (net * (100 + percent) + 50) / 100
$$;
--- old
SELECT gross(net, 20) FROM baskets WHERE id = 5;
INSERT INTO baskets (net) VALUES (gross(100, 10));
