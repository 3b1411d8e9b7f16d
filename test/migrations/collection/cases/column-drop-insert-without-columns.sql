-- unsafe: an INSERT that names no columns has one value too many

--- schema
CREATE TABLE points (x integer, y integer, z integer);
--- rows
INSERT INTO points SELECT i, i, i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE points DROP COLUMN z;
--- old
SELECT x, y FROM points LIMIT 3;
INSERT INTO points VALUES (1, 2, 3);
