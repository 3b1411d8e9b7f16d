-- unsafe: the way back takes a column that the new release, still up, writes
-- holdout

--- schema
CREATE TABLE reviews (id serial PRIMARY KEY, stars integer NOT NULL);
--- rows
INSERT INTO reviews (stars) SELECT i % 5 FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE reviews ADD COLUMN verified boolean NOT NULL DEFAULT false;
--- down
ALTER TABLE reviews DROP COLUMN verified;
--- old
SELECT id, stars FROM reviews WHERE id = 5;
INSERT INTO reviews (stars) VALUES (5);
--- new
SELECT id, stars, verified FROM reviews WHERE id = 5;
INSERT INTO reviews (stars, verified) VALUES (5, true);
