-- unsafe: the CHECK of a new column is held against each row, default or not
-- rows: 2000000
-- holdout

--- schema
CREATE TABLE ratings (id serial PRIMARY KEY, item integer NOT NULL, stars smallint NOT NULL);
--- rows
INSERT INTO ratings (item, stars) SELECT i % 1000, i % 5 FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE ratings ADD COLUMN weight integer DEFAULT 1 CHECK (weight > 0);
--- old
SELECT item, stars FROM ratings WHERE id = 6;
INSERT INTO ratings (item, stars) VALUES (7, 5);
