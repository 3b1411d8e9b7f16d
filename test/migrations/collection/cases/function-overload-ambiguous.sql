-- unsafe: a second function with a default makes the old call ambiguous

--- schema
CREATE TABLE baskets (id serial PRIMARY KEY, net integer NOT NULL);
CREATE FUNCTION gross(net integer, percent integer DEFAULT 20) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT net + net * percent / 100
$$;
--- rows
INSERT INTO baskets (net) SELECT i FROM generate_series(1, :rows) AS i;
--- up
CREATE FUNCTION gross(net integer, percent integer DEFAULT 20, country text DEFAULT 'AT') RETURNS integer
  LANGUAGE sql IMMUTABLE AS $$ SELECT net + net * percent / 100 $$;
--- old
SELECT gross(net) FROM baskets WHERE id = 5;
INSERT INTO baskets (net) VALUES (100);
