-- unsafe: a key with ON DELETE CASCADE is looked up for each row while writes wait
-- holdout

--- schema
CREATE TABLE regions (id integer PRIMARY KEY, name text);
CREATE TABLE branches (id serial PRIMARY KEY, region integer, name text);
--- rows
INSERT INTO regions SELECT i, 'R' || i FROM generate_series(1, :rows) AS i;
INSERT INTO branches (region, name) SELECT 1 + i % (:rows - 1), 'B' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE branches
  ADD CONSTRAINT branches_region_fkey FOREIGN KEY (region) REFERENCES regions (id) ON DELETE CASCADE;
COMMIT;
--- old
SELECT name FROM branches WHERE id = 4;
INSERT INTO branches (region, name) VALUES (5, 'Main street');
