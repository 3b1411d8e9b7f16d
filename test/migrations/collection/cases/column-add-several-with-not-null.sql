-- unsafe: among free changes, one reads the whole table
-- rows: 2000000

--- schema
CREATE TABLE rooms (id serial PRIMARY KEY, floor integer, name text);
--- rows
INSERT INTO rooms (floor, name) SELECT i % 30, 'R' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE rooms
  ADD COLUMN seats integer,
  ADD COLUMN accessible boolean NOT NULL DEFAULT false,
  ALTER COLUMN floor SET NOT NULL;
--- old
SELECT name FROM rooms WHERE id = 3;
UPDATE rooms SET name = 'Aquarium' WHERE id = 3;
