-- unsafe: a volatile default writes the table anew, in a DO block as well
-- holdout

--- schema
CREATE TABLE experiments (id serial PRIMARY KEY, name text NOT NULL);
--- rows
INSERT INTO experiments (name) SELECT 'E' || i FROM generate_series(1, :rows) AS i;
--- up
DO $migration$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM information_schema.columns WHERE table_name = 'experiments' AND column_name = 'bucket'
  ) THEN
    ALTER TABLE experiments ADD COLUMN bucket double precision DEFAULT random();
  END IF;
END
$migration$;
--- old
SELECT name FROM experiments WHERE id = 2;
INSERT INTO experiments (name) VALUES ('colour of the button');
