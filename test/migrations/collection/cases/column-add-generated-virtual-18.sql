-- unsafe on 15: there are no virtual generated columns before 18: a syntax error
-- safe on 18: nothing is stored

--- schema
CREATE TABLE people (id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL);
--- rows
INSERT INTO people (first_name, last_name) SELECT 'F' || i, 'L' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE people ADD COLUMN full_name text GENERATED ALWAYS AS (first_name || ' ' || last_name) VIRTUAL;
--- old
SELECT first_name, last_name FROM people WHERE id = 2;
INSERT INTO people (first_name, last_name) VALUES ('A', 'B');
UPDATE people SET last_name = 'Smith' WHERE id = 2;
