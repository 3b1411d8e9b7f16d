-- safe: nobody uses the column by its name yet
-- holdout

--- schema
CREATE TABLE guests (id serial PRIMARY KEY, surname text NOT NULL, loyality_points integer);
--- rows
INSERT INTO guests (surname) SELECT 'G' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE guests RENAME COLUMN loyality_points TO loyalty_points;
--- old
SELECT id, surname FROM guests WHERE id = 5;
INSERT INTO guests (surname) VALUES ('Maier');
