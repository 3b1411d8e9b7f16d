-- safe: the new release does not use the column yet, so it can be taken back at any time
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
SELECT id, stars FROM reviews WHERE id = 6;
INSERT INTO reviews (stars) VALUES (4);
