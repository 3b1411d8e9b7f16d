-- safe: CONCURRENTLY, and the values are unique
-- holdout

--- schema
CREATE TABLE slots (id serial PRIMARY KEY, room integer NOT NULL, hour integer);
--- rows
INSERT INTO slots (room, hour) SELECT i, i % 24 FROM generate_series(1, :rows) AS i;
--- up
CREATE UNIQUE INDEX CONCURRENTLY slots_room_hour ON slots (room, hour) NULLS NOT DISTINCT;
--- old
SELECT * FROM slots WHERE id = 4;
INSERT INTO slots (room, hour) VALUES (-1, 3);
UPDATE slots SET hour = 4 WHERE id = 6;
