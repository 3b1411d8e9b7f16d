-- safe: every row is updated, but a table of countries does not grow
-- holdout

--- schema
CREATE TABLE countries (code text PRIMARY KEY, name text NOT NULL, eu boolean);
INSERT INTO countries (code, name) VALUES ('AT', 'Austria'), ('CH', 'Switzerland'), ('FR', 'France');
CREATE TABLE parcels (id serial PRIMARY KEY, country text NOT NULL);
--- rows
INSERT INTO parcels (country) SELECT 'AT' FROM generate_series(1, :rows) AS i;
--- up
UPDATE countries SET eu = (code <> 'CH');
--- old
SELECT * FROM countries WHERE code = 'AT';
UPDATE countries SET name = 'Oesterreich' WHERE code = 'AT';
INSERT INTO parcels (country) VALUES ('FR');
