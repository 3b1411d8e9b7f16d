-- unsafe: the old release calls it with two arguments
-- holdout

--- schema
CREATE TABLE baskets (id serial PRIMARY KEY, net integer NOT NULL);
CREATE FUNCTION gross(net integer, percent integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT net + net * percent / 100
$$;
--- rows
INSERT INTO baskets (net) SELECT i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
DROP FUNCTION gross(integer, integer);
CREATE FUNCTION gross(net integer, percent integer, country text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT net + net * percent / 100
$$;
COMMIT;
--- old
SELECT gross(net, 20) FROM baskets WHERE id = 5;
INSERT INTO baskets (net) VALUES (gross(100, 10));
