-- unsafe: each row gets a number, so the table is written anew

--- schema
CREATE TABLE cities (name text PRIMARY KEY, people integer);
--- rows
INSERT INTO cities SELECT 'City ' || i, i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TABLE cities ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;
COMMIT;
--- old
SELECT people FROM cities WHERE name = 'City 7';
INSERT INTO cities (name, people) VALUES ('Atlantis', 0);
