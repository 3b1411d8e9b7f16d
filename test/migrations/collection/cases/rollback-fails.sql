-- unsafe: the way back names a column that is not there

--- schema
CREATE TABLE reviews (id serial PRIMARY KEY, stars integer NOT NULL);
--- rows
INSERT INTO reviews (stars) SELECT i % 5 FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE reviews ADD COLUMN helpful integer;
--- down
ALTER TABLE reviews DROP COLUMN helpfull;
--- old
SELECT id, stars FROM reviews WHERE id = 5;
INSERT INTO reviews (stars) VALUES (5);
--- new
SELECT id, stars FROM reviews WHERE id = 6;
