-- unsafe: each value has to be looked at and the table is written anew
-- holdout

--- schema
CREATE TABLE countries (id serial PRIMARY KEY, code varchar(40) NOT NULL, name text);
--- rows
INSERT INTO countries (code, name) SELECT 'C' || i, 'N' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE countries ALTER COLUMN code TYPE varchar(20);
--- old
SELECT name FROM countries WHERE id = 2;
INSERT INTO countries (code, name) VALUES ('AT', 'Austria');
